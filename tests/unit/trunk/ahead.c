/* gate-protocol.md, 5.4: lines that come before the core is ready for them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trunk/ahead.h"
#include "unit/trunk/check_trunk.h"
#include "unit/trunk/gate.h"

#define PONG(s, text) "L " #s " ::irc.example.org PONG irc.example.org :" text

/* A client may say four lines at once, then one in each second. */
static void
slow(struct settings *set)
{
	struct class_settings *c =
	    (struct class_settings *)(uintptr_t)set->class;

	c->flood_burst = 4;
	c->flood_rate = 1;
}

/* Begin turns that have room for one line. */
static void
shorten_turns(struct gates *g)
{
	struct event tick = { .kind = EV_TICK };

	g->set.turn_work = 1;
	gates_step(g, &tick);
}

/* Let the client of stream s have no allowance, and lines that wait. The next
 * one has number 7. */
static struct gates *
with_waiting_lines(void)
{
	struct gates *g = gates_with(slow);

	gate_begin(g, 0);
	gate_user(g, 0, 1, "alice");
	gate_cmd(g, 0, 1, 3, "PING a");
	gate_cmd(g, 0, 1, 4, "PING b");
	gate_hears(g, 0, PONG(1, "a\n") "POS\n" PONG(1, "b\n") "POS\n");
	gate_cmd(g, 0, 1, 5, "PING c");
	gate_cmd(g, 0, 1, 6, "PING d");
	gate_hears(g, 0, "");
	return g;
}

START_TEST(lines_wait_for_the_allowance)
{
	struct gates *g = with_waiting_lines();

	gates_run(g, 1000);
	ck_assert_ptr_nonnull(strstr(gate_heard(g, 0), PONG(1, "c\r\n")));
	gates_run(g, 1000);
	ck_assert_ptr_nonnull(strstr(gate_heard(g, 0), PONG(1, "d\r\n")));
	gates_free(g);
}
END_TEST

/* QUIT in the middle of a burst: the rest is dropped. */
START_TEST(the_rest_is_dropped_behind_quit)
{
	struct gates *g = with_waiting_lines();

	gate_cmd(g, 0, 1, 7, "QUIT :bye");
	gate_cmd(g, 0, 1, 8, "PING e");
	gates_run(g, 2000);
	(void)gate_heard(g, 0);
	gates_run(g, 1000);
	ck_assert_ptr_nonnull(strstr(gate_heard(g, 0),
	    "L 1 :ERROR :Closing link: 192.0.2.2 (Quit: bye)\r\n"
	    "GONE 1 :Quit: bye\r\nPOS 001.100="));
	gates_run(g, 5000);
	ck_assert_ptr_null(strstr(gate_heard(g, 0), "PONG"));
	ck_assert_uint_eq(trunk_net_streams(node_trunks(g->node)), 0);
	gates_free(g);
}
END_TEST

/* The gate passes all lines on, and then the client has gone. */
START_TEST(closed_comes_behind_the_lines)
{
	struct gates *g = gates_new();

	gate_begin(g, 0);
	gate_user(g, 0, 1, "alice");
	plain_user(g, 0, "bob");
	gate_cmd(g, 0, 1, 3, "JOIN #tea");
	plain_say(g, 0, "JOIN #tea");
	(void)plain_heard(g, 0);
	shorten_turns(g);
	gate_cmd(g, 0, 1, 4, "PRIVMSG #tea :one");
	gate_cmd(g, 0, 1, 5, "PRIVMSG #tea :two");
	gate_cmd(g, 0, 1, 6, "QUIT :bye");
	gate_say(g, 0, "CLOSED 1 :Connection reset by peer");
	(void)gate_heard(g, 0);
	gates_run(g, 10);
	ck_assert_str_eq(plain_heard(g, 0),
	    ":alice!u@192.0.2.2 PRIVMSG #tea :one\r\n"
	    ":alice!u@192.0.2.2 PRIVMSG #tea :two\r\n"
	    ":alice!u@192.0.2.2 QUIT :Quit: bye\r\n");
	/* nothing is said to a client that has gone */
	gate_hears(g, 0, "");
	gates_free(g);
}
END_TEST

/* Nobody waits for the allowance of a client that has gone. */
START_TEST(closed_ends_a_client_without_allowance)
{
	struct gates *g = with_waiting_lines();

	gate_say(g, 0, "CLOSED 1 :Connection reset by peer");
	gate_cmd(g, 0, 1, 7, "PING e");
	gates_run(g, 1);
	gate_hears(g, 0, "");
	ck_assert_uint_eq(trunk_net_streams(node_trunks(g->node)), 0);
	gates_free(g);
}
END_TEST

static void
small_sendq(struct settings *set)
{
	((struct class_settings *)(uintptr_t)set->class)->sendq = 4096;
}

/* A client that has gone reads no long answer, and nobody waits for that. The
 * server has asked to be told before CLOSED comes, or would ask after it. */
START_TEST(closed_ends_a_client_with_long_answers)
{
	struct gates *g = gates_with(small_sendq);
	unsigned c = 3;

	gate_begin(g, 0);
	gate_user(g, 0, 1, "alice");
	for (; c < 63; c++) {
		gate_sayf(g, 0, "CMD 1 %u :JOIN #%u", c, c);
		if (strstr(gate_heard(g, 0), "DRAIN 1 256\r\n") != NULL)
			gate_say(g, 0, "DRAINED 1");
	}
	if (_i == 1)
		shorten_turns(g);
	for (; c < 70; c++)
		gate_cmd(g, 0, 1, c, "LIST");
	if (_i == 0)
		gates_run(g, 10);
	gate_say(g, 0, "CLOSED 1 :gone");
	(void)gate_heard(g, 0);
	g->set.turn_work = 0;
	gates_run(g, 500);
	ck_assert_uint_eq(trunk_net_streams(node_trunks(g->node)), 0);
	gate_hears(g, 0, "");
	gates_free(g);
}
END_TEST

START_TEST(a_trunk_ends_with_lines_that_wait)
{
	struct gates *g = with_waiting_lines();

	gate_cut(g, 0, _i == 1);
	gates_run(g, 5000);
	ck_assert_uint_eq(trunk_net_streams(node_trunks(g->node)), 0);
	gate_hears(g, 0, "");
	gates_free(g);
}
END_TEST

/* Let so much be unsent on a trunk that its lines wait. */
static void
stall(struct gates *g, unsigned k, const char *nick)
{
	char line[512];

	gate_stop_taking(g, k);
	(void)snprintf(line, sizeof(line), "PRIVMSG %s :%0400d", nick, 0);
	for (unsigned n = 0; n < 8; n++)
		plain_say(g, 0, line);
	(void)gate_heard(g, k);
}

/* Trunks take turns: a gate with many lines does not hold up the client of
 * another one. */
START_TEST(trunks_take_turns)
{
	struct gates *g = gates_new();
	struct event tick = { .kind = EV_TICK };

	gate_begin(g, 0);
	gate_begin(g, 1);
	gate_user(g, 0, 1, "alice");
	gate_user(g, 0, 2, "bob");
	gate_user(g, 0, 3, "dave");
	gate_user(g, 1, 1, "carol");
	plain_user(g, 0, "eve");
	g->set.pump_bytes = 2000;
	stall(g, 0, "alice");
	stall(g, 1, "carol");
	for (unsigned s = 1; s <= 3; s++)
		gate_cmd(g, 0, s, 3, "PING x");
	gate_cmd(g, 1, 1, 3, "PING x");
	shorten_turns(g);
	gate_hears(g, 0, "");
	gate_take(g, 0, g->trunk[0].bytes);
	gate_take(g, 1, g->trunk[1].bytes);
	gate_hears(g, 0, PONG(1, "x\n") "POS\n");
	gate_hears(g, 1, "");
	gates_step(g, &tick);
	gate_hears(g, 0, "");
	gate_hears(g, 1, PONG(1, "x\n") "POS\n");
	gates_step(g, &tick);
	gate_hears(g, 0, PONG(2, "x\n") "POS\n");
	gates_step(g, &tick);
	gate_hears(g, 0, PONG(3, "x\n") "POS\n");
	gates_free(g);
}
END_TEST

/* A client that comes costs as much as a line. */
START_TEST(a_client_that_comes_is_work)
{
	struct gates *g = gates_new();
	struct event tick = { .kind = EV_TICK };

	gate_begin(g, 0);
	gate_user(g, 0, 1, "alice");
	shorten_turns(g);
	gate_say(g, 0, "@addr=192.0.2.9;port=6667 NEW 2");
	(void)gate_heard(g, 0);
	gate_cmd(g, 0, 1, 3, "PING x");
	gate_hears(g, 0, "");
	gates_step(g, &tick);
	ck_assert_ptr_nonnull(strstr(gate_heard(g, 0), PONG(1, "x\r\n")));
	gates_free(g);
}
END_TEST

/* Many streams share what a trunk may be ahead. */
START_TEST(many_streams_are_less_ahead)
{
	struct gates *g = gates_new();
	struct event tick = { .kind = EV_TICK };
	unsigned s = 1;

	gate_begin(g, 0);
	g->unchecked = true;
	for (; s <= TRUNK_AHEAD_ALL / 8; s++) {
		gate_sayf(g, 0, "@addr=192.0.2.%u;port=1 NEW %u", 1 + s % 250,
		    s);
		if (s % 512 == 0) /* another turn begins */
			gates_step(g, &tick);
	}
	(void)gate_heard(g, 0);
	/* all that the trunk may be is given to these */
	g->unchecked = false;
	gate_sayf(g, 0, "@addr=192.0.2.1;port=1 NEW %u", s);
	ck_assert_ptr_nonnull(strstr(gate_heard(g, 0), "READ 1 "));
	gates_free(g);
}
END_TEST

Suite *
ahead_suite(void)
{
	Suite *s = suite_create("ahead");
	TCase *tc = unit_case("ahead");

	tcase_add_test(tc, lines_wait_for_the_allowance);
	tcase_add_test(tc, the_rest_is_dropped_behind_quit);
	tcase_add_test(tc, closed_comes_behind_the_lines);
	tcase_add_test(tc, closed_ends_a_client_without_allowance);
	tcase_add_loop_test(tc, closed_ends_a_client_with_long_answers, 0, 2);
	tcase_add_loop_test(tc, a_trunk_ends_with_lines_that_wait, 0, 2);
	tcase_add_test(tc, trunks_take_turns);
	tcase_add_test(tc, a_client_that_comes_is_work);
	tcase_add_test(tc, many_streams_are_less_ahead);
	suite_add_tcase(s, tc);
	return s;
}
