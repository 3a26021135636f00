/* gate-protocol.md, part 12: where somebody should be, and whom the server
 * takes. */
#include <stdio.h>
#include <string.h>

#include "core/state.h"
#include "node/state.h"
#include "trunk/state.h"
#include "unit/trunk/check_trunk.h"
#include "unit/trunk/gate.h"

#define HELLO "GATE 1 gate1 eu :place"

static void
at_a_host(struct settings *set)
{
	set->weight = 100;
	set->gates_at.at.host = SPAN("irc.example.org");
	set->gates_at.at.port = 7001;
}

static struct gates *
begun(void)
{
	struct gates *g = gates_with(at_a_host);

	gates_run(g, 10);
	gate_open(g, 0);
	gate_say(g, 0, HELLO);
	(void)gate_heard(g, 0);
	return g;
}

/* Let a server 002 with that many users be visible. */
static void
other_server(struct gates *g, unsigned users, const char *flags)
{
	struct server_view v[2] = {
		{ .sid = { "001" }, .visible = 100, .reachable = true },
		{ .sid = { "002" },
		    .visible = 5,
		    .reachable = true,
		    .uplink = { "001" },
		    .hops = 1 }
	};
	struct overlay_view all = { v, 2, true };
	struct event ev = { .kind = EV_TICK, .now = { g->ms * NS_PER_MS } };
	char text[4096];
	const char *why;
	struct entry *e;

	g->unchecked = true; /* entries come without links */
	for (unsigned i = 0; i <= users; i++) {
		if (i == 0)
			snprintf(text, sizeof(text),
			    "ENTRY 002.5 1 2001 * - 2\r\n+READY 002 5 "
			    "two.example :\r\n@kind=element,run +TRUNK "
			    "two.example 7001 us 100 %s -\r\n",
			    flags);
		else
			snprintf(text, sizeof(text),
			    "ENTRY 002.5 %u %u * - 4\r\n"
			    "+USER 002AA%04u u%u u two.example 192.0.2.9 h "
			    ":r\r\n"
			    "+NICK 002AA%04u u%u 1 %u\r\n"
			    "+CHAN #far,%u.002\r\n+JOIN #far,2002.002 "
			    "002AA%04u\r\n",
			    i + 1, 2001 + i, i, i, i, i, 2001 + i, 2001 + i, i);
		e = entry_from_text(span_of(text), &why);
		ck_assert_msg(e != NULL, "%s: %s", why, text);
		core_apply_whole(g->node->core, &ev, e, false, &g->fx);
		entry_unref(e);
	}
	core_overlay(g->node->core, &ev, &all, &g->fx);
	gates_run(g, 300);
}

static void
user_on(struct gates *g, unsigned s, const char *nick, const char *chan)
{
	char line[100];

	gate_user(g, 0, s, nick);
	snprintf(line, sizeof(line), "JOIN %s", chan);
	gate_cmd(g, 0, s, 3, line);
}

/* Return the last line of the gate but BEAT, POS and LOAD. */
static const char *
heard(struct gates *g, const char *verb)
{
	static char line[4000];
	const char *p = strstr(gate_heard(g, 0), verb);

	line[0] = '\0';
	if (p != NULL)
		snprintf(line, sizeof(line), "%.*s", (int)strcspn(p, "\r"), p);
	return line;
}

static const char *
asks(struct gates *g, unsigned q, const char *who)
{
	(void)gate_heard(g, 0);
	gate_sayf(g, 0, "PLACE %u :%s", q, who);
	return heard(g, "COST ");
}

START_TEST(nothing_is_known_of_strangers)
{
	struct gates *g = begun();

	ck_assert_str_eq(asks(g, 1, "* alice 192.0.2.1"),
	    "COST 1 :0 * 0 001=0");
	ck_assert_str_eq(asks(g, 2, "acc * *"), "COST 2 :0 * 0 001=0");
	gates_free(g);
}
END_TEST

/* Somebody who was on a channel here is drawn here. */
START_TEST(who_was_here_is_known)
{
	struct gates *g = begun();
	const char *answer;

	other_server(g, 0, "-");
	user_on(g, 1, "alice", "#tea");
	user_on(g, 2, "bob", "#tea");
	for (unsigned c = 4; c < 40; c++)
		gate_cmd(g, 0, 2, c, "PRIVMSG #tea :hello");
	gate_cmd(g, 0, 1, 4, "QUIT");
	gates_run(g, 10);
	/* the address is that of gate_user() */
	answer = asks(g, 1, "* Alice 192.0.2.2");
	/* 36 lines an hour count as 64; bob draws to this server, to the gate
	 * and to the region, and 002 is of another one (place/cost.h) */
	ck_assert_str_eq(answer,
	    "COST 1 :256 * 29386561536 001=6122200320 002=29386561536");
	/* another address is another person */
	ck_assert_str_eq(asks(g, 2, "* alice 192.0.2.99"),
	    "COST 2 :0 * 0 001=0 002=0");
	gates_free(g);
}
END_TEST

static const struct {
	const char *line, *code;
} wrong[] = {
	{ "PLACE", "form" },
	{ "PLACE 0 :* * *", "form" },
	{ "PLACE 1 :* *", "form" },
	{ "PLACE 1 :* * * *", "form" },
	{ "PLACE 1 :* * x", "form" },
	{ "PLACE 1 :x", "form" },
	{ "PLACE 1 * * *", "form" },
	{ "PLACE 2 :* * *", "command" },
	{ "@rate=x;addr=192.0.2.1;port=1 NEW 1", "form" },
	{ "@rate=1099511627777;addr=192.0.2.1;port=1 NEW 1", "form" },
};

START_TEST(a_wrong_question)
{
	struct gates *g = begun();

	gate_say(g, 0, wrong[_i].line);
	gate_is_refused(g, 0, wrong[_i].code);
	gates_free(g);
}
END_TEST

START_TEST(a_gate_that_does_not_read_the_answer)
{
	struct gates *g = gates_new();

	gate_begin(g, 0);
	gate_say(g, 0, "PLACE 1 :* * *");
	gate_is_refused(g, 0, "state");
	gates_free(g);
}
END_TEST

/* ---- the bound ----------------------------------------------------------- */

START_TEST(more_than_its_share_is_refused)
{
	struct gates *g = begun();
	unsigned full = 0;

	other_server(g, 10, "-");
	for (unsigned s = 1; s <= 40; s++) {
		gate_sayf(g, 0, "@addr=192.0.2.1;port=1 NEW %u", s);
		gates_run(g, 1000);
		full += heard(g, "FULL ")[0] != '\0';
	}
	/* ten are elsewhere: some more than ten have room here */
	ck_assert_uint_gt(full, 20);
	ck_assert_uint_lt(full, 29);
	ck_assert_uint_eq(trunk_net_counts(node_trunks(g->node))->full, full);
	ck_assert_str_eq(heard(g, "FULL "), "");
	gate_say(g, 0, "@addr=192.0.2.1;port=1 NEW 50");
	ck_assert_str_eq(heard(g, "FULL "), "FULL 50");
	/* lines of it are passed over */
	gate_say(g, 0, "CMD 50 1 :NICK x");
	/* no server has room, says the gate */
	gate_say(g, 0, "@over;addr=192.0.2.1;port=1 NEW 51");
	ck_assert_str_eq(heard(g, "READ "), "READ 16 51");
	gates_free(g);
}
END_TEST

START_TEST(a_gate_without_place_hears_no_full)
{
	struct gates *g = begun();

	other_server(g, 0, "-");
	gate_open(g, 1);
	gate_say(g, 1, "GATE 1 gate1 eu :");
	for (unsigned s = 1; s <= 40; s++)
		gate_sayf(g, 1, "@addr=192.0.2.1;port=1 NEW %u", s);
	ck_assert_ptr_null(strstr(gate_heard(g, 1), "FULL "));
	gates_free(g);
}
END_TEST

/* A server that is being emptied takes nobody, so the others have to. */
START_TEST(a_draining_server_counts_for_nothing)
{
	struct gates *g = begun();

	other_server(g, 10, "draining");
	for (unsigned s = 1; s <= 40; s++) {
		gate_sayf(g, 0, "@addr=192.0.2.1;port=1 NEW %u", s);
		ck_assert_str_eq(heard(g, "FULL "), "");
	}
	(void)gates_ask(g, "drain on");
	gate_say(g, 0, "@addr=192.0.2.1;port=1 NEW 41");
	ck_assert_int_eq(strncmp(heard(g, "GONE "), "GONE 41 :", 9), 0);
	gates_free(g);
}
END_TEST

/* 12.5 */
START_TEST(the_rate_counts_until_channels_are_joined)
{
	struct gates *g = begun();
	char line[100];

	gate_open(g, 1);
	gate_say(g, 1, "GATE 1 gate1 eu :load");
	gate_say(g, 0, "@rate=500;addr=192.0.2.1;port=1 NEW 1");
	gates_run(g, 400);
	ck_assert_ptr_nonnull(strstr(gate_heard(g, 1), "LOAD 1 500 100 - 0"));
	gate_cmd(g, 0, 1, 1, "NICK alice");
	gate_cmd(g, 0, 1, 2, "USER a 0 * :a");
	gates_run(g, 400);
	ck_assert_ptr_null(strstr(gate_heard(g, 1), "LOAD "));
	gate_cmd(g, 0, 1, 3, "JOIN #tea");
	gates_run(g, 400);
	snprintf(line, sizeof(line), "LOAD 1 %ju 100 - 0",
	    (uintmax_t)place_rate(0));
	ck_assert_ptr_nonnull(strstr(gate_heard(g, 1), line));
	/* who leaves before takes it along */
	gate_say(g, 0, "@rate=500;addr=192.0.2.1;port=1 NEW 2");
	gate_say(g, 0, "CLOSED 2 :gone");
	gates_run(g, 400);
	ck_assert_ptr_null(strstr(gate_heard(g, 1), " 500 "));
	gates_free(g);
}
END_TEST

START_TEST(a_run_that_goes_on_knows_its_channels)
{
	struct gates *g = begun();

	plain_user(g, 0, "alice");
	plain_say(g, 0, "JOIN #tea");
	plain_say(g, 0, "JOIN #coffee");
	gate_cut(g, 0, false);
	gates_run(g, 10);
	gates_hand_over(g);
	ck_assert_uint_eq(place_chans_count(g->node->trunks->placing.chans), 2);
	plain_say(g, 0, "PART #tea");
	gates_run(g, 10);
	ck_assert_uint_eq(place_chans_count(g->node->trunks->placing.chans), 1);
	gates_free(g);
}
END_TEST

Suite *
place_suite(void)
{
	Suite *s = suite_create("place");
	TCase *tc = unit_case("place");

	tcase_add_test(tc, nothing_is_known_of_strangers);
	tcase_add_test(tc, who_was_here_is_known);
	tcase_add_loop_test(tc, a_wrong_question, 0,
	    sizeof(wrong) / sizeof(wrong[0]));
	tcase_add_test(tc, a_gate_that_does_not_read_the_answer);
	tcase_add_test(tc, more_than_its_share_is_refused);
	tcase_add_test(tc, a_gate_without_place_hears_no_full);
	tcase_add_test(tc, a_draining_server_counts_for_nothing);
	tcase_add_test(tc, the_rate_counts_until_channels_are_joined);
	tcase_add_test(tc, a_run_that_goes_on_knows_its_channels);
	suite_add_tcase(s, tc);
	return s;
}
