/* gate-protocol.md, 11.4: how much the server has, and a server that is being
 * emptied. */
#include <stdio.h>
#include <string.h>

#include "unit/trunk/check_trunk.h"
#include "unit/trunk/gate.h"

static void
with_weight(struct settings *set)
{
	set->weight = 250;
}

static struct gates *
begun(void)
{
	struct gates *g = gates_with(with_weight);

	gate_open(g, 0);
	gate_say(g, 0, "GATE 1 gate1 us :load");
	return g;
}

/* Return the last LOAD that came since the last call, or "". */
static const char *
load(struct gates *g, unsigned k)
{
	static char line[200];
	const char *p = gate_heard(g, k);

	line[0] = '\0';
	while ((p = strstr(p, "LOAD ")) != NULL) {
		snprintf(line, sizeof(line), "%.*s", (int)strcspn(p, "\r"), p);
		p += 5;
	}
	return line;
}

static unsigned
loads(struct gates *g, unsigned k)
{
	const char *p = gate_heard(g, k);
	unsigned n = 0;

	for (; (p = strstr(p, "LOAD ")) != NULL; p += 5)
		n++;
	return n;
}

START_TEST(the_first_comes_before_the_position)
{
	struct gates *g = begun();

	gate_hears(g, 0,
	    "SERVER 1 001.100 irc.example.org eu :network=ExampleNet peers "
	    "load place streams=20000\nLOAD 0 0 250 - 0\nPOS 001.100=1\n");
	gate_open(g, 1);
	gate_say(g, 1, "GATE 1 gate1 us :peers");
	ck_assert_str_eq(load(g, 1), "");
	gates_free(g);
}
END_TEST

START_TEST(it_counts_those_who_have_come)
{
	struct gates *g = begun();

	gates_run(g, 300);
	(void)gate_heard(g, 0);
	gate_say(g, 0, "@addr=192.0.2.1;port=1 NEW 7");
	ck_assert_str_eq(load(g, 0), "LOAD 1 0 250 - 7");
	gate_cmd(g, 0, 7, 1, "NICK alice");
	gate_cmd(g, 0, 7, 2, "USER u 0 * :Somebody");
	plain_user(g, 0, "bob");
	gates_run(g, 200);
	ck_assert_str_eq(load(g, 0), "LOAD 2 0 250 - 7");
	gate_say(g, 0, "CLOSED 7 :gone");
	gates_run(g, 200);
	ck_assert_str_eq(load(g, 0), "LOAD 1 0 250 - 7");
	gates_free(g);
}
END_TEST

START_TEST(at_most_five_times_a_second)
{
	struct gates *g = begun();

	gates_run(g, 300);
	(void)gate_heard(g, 0);
	for (unsigned s = 1; s <= 100; s++) {
		gate_sayf(g, 0, "@addr=192.0.2.1;port=1 NEW %u", s);
		gates_run(g, 10);
	}
	ck_assert_uint_le(loads(g, 0), 6);
	gates_run(g, 200);
	/* the last ones were a hundredth */
	for (unsigned s = 101; s <= 300; s++)
		gate_sayf(g, 0, "@addr=192.0.2.1;port=1 NEW %u", s);
	gates_run(g, 200);
	ck_assert_str_eq(load(g, 0), "LOAD 300 0 250 - 300");
	gate_say(g, 0, "@addr=192.0.2.1;port=1 NEW 301");
	gate_say(g, 0, "@addr=192.0.2.1;port=1 NEW 302");
	gates_run(g, 5000);
	ck_assert_str_eq(load(g, 0), "");
	/* every ten seconds in any case */
	gate_say(g, 0, "BEAT 1");
	gates_run(g, 5000);
	ck_assert_str_eq(load(g, 0), "LOAD 302 0 250 - 302");
	gates_free(g);
}
END_TEST

START_TEST(each_ten_seconds)
{
	struct gates *g = begun();

	(void)gate_heard(g, 0);
	for (unsigned i = 1; i <= 10; i++) {
		gates_run(g, 9900);
		ck_assert_str_eq(load(g, 0), "");
		gate_sayf(g, 0, "BEAT %u", i);
		gates_run(g, 100);
		ck_assert_str_eq(load(g, 0), "LOAD 0 0 250 - 0");
	}
	gates_free(g);
}
END_TEST

START_TEST(a_gate_that_has_all_its_streams)
{
	struct gates *g = gates_new();

	gate_open_tls(g, 0, '2');
	gate_say(g, 0, "GATE 1 gate2 us :load");
	gates_run(g, 300);
	gate_say(g, 0, "@addr=192.0.2.1;port=1 NEW 1");
	gate_say(g, 0, "@addr=192.0.2.1;port=1 NEW 2");
	gates_run(g, 300);
	ck_assert_str_eq(load(g, 0), "LOAD 2 0 100 full 2");
	gate_say(g, 0, "CLOSED 1 :gone");
	gates_run(g, 300);
	ck_assert_str_eq(load(g, 0), "LOAD 1 0 100 - 2");
	gates_free(g);
}
END_TEST

/* ---- drain --------------------------------------------------------------- */

START_TEST(a_server_is_emptied)
{
	struct gates *g = begun();

	gate_user(g, 0, 1, "alice");
	gates_run(g, 300);
	(void)gate_heard(g, 0);
	ck_assert_str_eq(gates_ask(g, "drain on"),
	    "ok no new clients are taken\n");
	ck_assert(gates_logged(g, "drain-begins"));
	ck_assert_ptr_nonnull(strstr(gates_ask(g, "status"), "draining=yes"));
	gates_run(g, 200);
	ck_assert_str_eq(load(g, 0), "LOAD 1 0 250 draining 1");
	gate_say(g, 0, "@addr=192.0.2.1;port=1 NEW 2");
	ck_assert_ptr_nonnull(strstr(gate_heard(g, 0),
	    "L 2 :ERROR :Closing link: 192.0.2.1 (This server is being "
	    "emptied; "
	    "please try another one)\r\nGONE 2 :This server is being emptied; "
	    "please try another one\r\n"));
	/* who is there stays */
	gate_cmd(g, 0, 1, 3, "PING x");
	ck_assert_ptr_nonnull(strstr(gate_heard(g, 0), " PONG "));
	ck_assert_str_eq(gates_ask(g, "drain on"),
	    "ok no new clients are taken\n");
	ck_assert(!gates_logged(g, "drain-begins"));
	ck_assert_str_eq(gates_ask(g, "drain off"),
	    "ok new clients are taken\n");
	gate_say(g, 0, "@addr=192.0.2.1;port=1 NEW 3");
	ck_assert_ptr_nonnull(strstr(gate_heard(g, 0), "READ 16 3\r\n"));
	ck_assert_str_eq(gates_ask(g, "drain"), "error expected on or off\n");
	gates_free(g);
}
END_TEST

START_TEST(a_client_of_the_server_itself_is_refused)
{
	struct gates *g = begun();
	struct event ev = { .kind = EV_CONN_OPEN, .conn = { 1, 1 } };

	(void)gates_ask(g, "drain on");
	ck_assert(addr_parse(SPAN("198.51.100.9"), &ev.u.open.addr));
	gates_step(g, &ev);
	ck_assert_str_eq(plain_heard(g, 1),
	    "ERROR :Closing link: 198.51.100.9 (This server is being emptied; "
	    "please try another one)\r\n");
	ck_assert(g->plain[1].closed);
	gates_free(g);
}
END_TEST

/* The next program takes clients: most servers are emptied to be restarted. */
START_TEST(a_restart_ends_it)
{
	struct gates *g = begun();

	(void)gates_ask(g, "drain on");
	gate_cut(g, 0, true);
	gates_run(g, 10);
	gates_hand_over(g);
	ck_assert_ptr_nonnull(strstr(gates_ask(g, "status"), "draining=no"));
	gates_free(g);
}
END_TEST

Suite *
load_suite(void)
{
	Suite *s = suite_create("load");
	TCase *tc = unit_case("load");

	tcase_add_test(tc, the_first_comes_before_the_position);
	tcase_add_test(tc, it_counts_those_who_have_come);
	tcase_add_test(tc, at_most_five_times_a_second);
	tcase_add_test(tc, each_ten_seconds);
	tcase_add_test(tc, a_gate_that_has_all_its_streams);
	tcase_add_test(tc, a_server_is_emptied);
	tcase_add_test(tc, a_client_of_the_server_itself_is_refused);
	tcase_add_test(tc, a_restart_ends_it);
	suite_add_tcase(s, tc);
	return s;
}
