/* node/control.h: the answers for the operator. */
#include <stdio.h>
#include <string.h>

#include "unit/node/check_node.h"
#include "unit/node/world.h"

static struct world *
two(void)
{
	struct world *w = world_new(3);

	world_allow(w, 1, 2, true);
	world_start_two(w, 3000);
	return w;
}

static void
expect(struct world *w, const char *request, const char *piece)
{
	const char *answer = world_control(w, 1, request);

	ck_assert_msg(strstr(answer, piece) != NULL, "%s: no %s in:\n%s",
	    request, piece, answer);
}

START_TEST(status_in_both_forms)
{
	struct world *w = two();

	expect(w, "status json",
	    "{\"name\":\"001.example.org\","
	    "\"sid\":\"001\",\"inc\":100,\"ready\":true,");
	expect(w, "status json", "\"links\":1,");
	expect(w, "status", "name=001.example.org sid=001 inc=100 ready=yes ");
	world_free(w);
}
END_TEST

START_TEST(links_and_who_has_none)
{
	struct world *w = two();

	expect(w, "links json",
	    "{\"name\":\"002.example.org\","
	    "\"sid\":\"002\",\"state\":\"up\",\"address\":\"127.0.0.1\",");
	expect(w, "links json", "\"rtt_ms\":0,");
	expect(w, "links json",
	    "{\"name\":\"003.example.org\","
	    "\"sid\":\"003\",\"state\":\"down\",\"address\":\"\",");
	expect(w, "links",
	    "name=003.example.org sid=003 state=down "
	    "address=- ");
	world_free(w);
}
END_TEST

/* A block without an address is no fault, but waits for the other server. */
START_TEST(link_that_the_other_side_dials)
{
	struct world *w = world_new(2);
	struct settings *set = world_settings(w, 1);
	struct peer_settings peer = set->peer[0];

	peer.naddress = 0;
	set->peer = &peer;
	world_start(w, 1, 100);
	expect(w, "links json",
	    "\"why\":\"no address: the other server has to dial\"");
	world_free(w);
}
END_TEST

START_TEST(servers_of_the_map)
{
	struct world *w = two();

	expect(w, "servers json",
	    "{\"sid\":\"002\",\"inc\":100,"
	    "\"visible\":100,\"reachable\":true,\"hops\":1,"
	    "\"uplink\":\"001\",\"reached\":true,\"by\":\"002\","
	    "\"forget\":\"no\"}");
	expect(w, "nonsense", "unknown command\n");
	world_free(w);
}
END_TEST

/* Return digest= and entries= of the answer of node i. */
static void
read_facts(struct world *w, unsigned i, char digest[17], char entries[17])
{
	const char *answer = world_control(w, i, "facts"), *at;

	at = strstr(answer, " digest=");
	ck_assert_ptr_nonnull(at);
	snprintf(digest, 17, "%s", at + 8);
	at = strstr(answer, " entries=");
	ck_assert_ptr_nonnull(at);
	snprintf(entries, 17, "%s", at + 9);
}

START_TEST(facts_are_compared_by_a_number)
{
	struct world *w = two();
	char d1[17], d2[17], e1[17], e2[17], old[17];
	unsigned ann = world_user(w, 1, "ann");

	world_run(w, 100);
	read_facts(w, 1, d1, e1);
	read_facts(w, 2, d2, e2);
	ck_assert(world_agrees(w, 1, 2));
	ck_assert_str_eq(d1, d2);
	ck_assert_str_eq(e1, e2);
	strcpy(old, d1);
	world_allow(w, 1, 2, false);
	world_say(w, ann, "AWAY :out");
	read_facts(w, 1, d1, e1);
	ck_assert_str_ne(d1, d2);
	ck_assert_str_ne(e1, e2);
	world_allow(w, 1, 2, true);
	world_run(w, 60000);
	read_facts(w, 2, d2, e2);
	ck_assert_str_eq(d1, d2);
	ck_assert_str_eq(e1, e2);
	ck_assert_str_ne(d1, old);
	expect(w, "facts json", "{\"sid\":\"001\",\"facts\":");
	world_free(w);
}
END_TEST

/* An entry before the READY would be the first one of the run, and all
 * neighbours would refuse the link. */
START_TEST(no_entry_is_made_before_ready)
{
	static const char *const order[] = { "kill ann why",
		"ban kline *@h why", "unban kline *@h why", "samode #c +m",
		"sajoin ann #c", "sapart ann #c" };
	struct world *w = world_new(2);

	world_start(w, 1, 100);
	expect(w, "status", " ready=no ");
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		expect(w, order[i], "error the server is not ready yet");
	world_free(w);
}
END_TEST

static int64_t
clock_of(struct world *w, unsigned i)
{
	return core_clock(node_core(world_node(w, i))).ms;
}

/* Only entries raise the clock beyond the wall clock (link-protocol.md, 1.4);
 * and a ban of one server, because its stamp is the name of the ban. */
START_TEST(an_order_that_is_refused_takes_no_stamp)
{
	static const char *const order[] = { "ban kline *@h again",
		"ban kline *@h ON 001.example.org again", "ban kline h why",
		"ban nonsense *@h why" };
	struct world *w = world_new(2);
	int64_t before;

	world_start(w, 1, 100);
	world_run(w, 5000);
	expect(w, "ban kline *@h why", "ok");
	before = clock_of(w, 1);
	expect(w, "ban kline *@h ON 001.example.org why", "ok");
	ck_assert_int_eq(clock_of(w, 1), before + 1);
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		expect(w, order[i], "error ");
	ck_assert_int_eq(clock_of(w, 1), before + 1);
	expect(w, "ban kline *@g why", "ok");
	ck_assert_int_eq(clock_of(w, 1), before + 2);
	world_free(w);
}
END_TEST

/* An order to this server is logged when it is known what came of it. */
START_TEST(an_order_is_logged_once)
{
	struct world *w = two();

	(void)world_control(w, 1, "ask * CONNECT nobody.test");
	world_run(w, 100);
	ck_assert_uint_eq(world_logged(w, 1, LOG_ROUTING), 1);
	ck_assert_ptr_nonnull(strstr(world_log_text(w, 1, LOG_ROUTING),
	    "result=refused"));
	(void)world_control(w, 1, "ask * SQUIT 002.example.org why");
	world_run(w, 100);
	ck_assert_uint_eq(world_logged(w, 1, LOG_ROUTING), 2);
	ck_assert_ptr_nonnull(strstr(world_log_text(w, 1, LOG_ROUTING),
	    "result=ok"));
	world_free(w);
}
END_TEST

Suite *
control_suite(void)
{
	Suite *s = suite_create("control");
	TCase *t = unit_case("control");

	tcase_add_test(t, status_in_both_forms);
	tcase_add_test(t, links_and_who_has_none);
	tcase_add_test(t, link_that_the_other_side_dials);
	tcase_add_test(t, servers_of_the_map);
	tcase_add_test(t, facts_are_compared_by_a_number);
	tcase_add_test(t, no_entry_is_made_before_ready);
	tcase_add_test(t, an_order_that_is_refused_takes_no_stamp);
	tcase_add_test(t, an_order_is_logged_once);
	suite_add_tcase(s, t);
	return s;
}
