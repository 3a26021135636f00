/* gate-protocol.md, parts 7 and 8: how trunks end, and their bounds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"
#include "node/handover.h"
#include "unit/trunk/check_trunk.h"
#include "unit/trunk/gate.h"

static size_t
users(struct gates *g)
{
	struct core_counts n;

	core_counts(node_core(g->node), &n);
	return n.users_local;
}

static size_t
conns(struct gates *g)
{
	struct core_counts n;

	core_counts(node_core(g->node), &n);
	return n.conns;
}

START_TEST(all_streams_end_with_the_trunk)
{
	struct gates *g = gates_new();

	gate_begin(g, 0);
	gate_begin(g, 1);
	gate_user(g, 0, 1, "alice");
	gate_user(g, 0, 2, "bob");
	gate_user(g, 1, 1, "carol");
	gate_cmd(g, 0, 1, 3, "JOIN #tea");
	gate_cmd(g, 1, 1, 3, "JOIN #tea");
	(void)gate_heard(g, 1);
	gate_cut(g, 0, false);
	ck_assert(gates_logged(g, "trunk-down"));
	ck_assert_ptr_nonnull(strstr(gate_heard(g, 1),
	    "alice!u@192.0.2.2 QUIT :Connection reset by peer\r\n"));
	ck_assert_uint_eq(users(g), 1);
	ck_assert_uint_eq(trunk_net_streams(node_trunks(g->node)), 1);
	gates_free(g);
}
END_TEST

START_TEST(the_position_counts_the_ends)
{
	struct gates *g = gates_new();

	gate_begin(g, 0);
	gate_begin(g, 1);
	gate_user(g, 0, 1, "alice");
	gate_user(g, 1, 1, "carol");
	gate_cmd(g, 0, 1, 3, "JOIN #tea");
	gate_cmd(g, 1, 1, 3, "JOIN #tea");
	(void)gate_heard(g, 1);
	gate_cut(g, 0, false);
	ck_assert_ptr_nonnull(strstr(gate_heard(g, 1),
	    " QUIT :Connection reset by peer\r\nPOS 001.100="));
	gates_free(g);
}
END_TEST

START_TEST(the_gate_says_why)
{
	struct gates *g = gates_new();

	gate_begin(g, 0);
	gate_begin(g, 1);
	gate_user(g, 0, 1, "alice");
	gate_user(g, 1, 1, "carol");
	gate_cmd(g, 0, 1, 3, "JOIN #tea");
	gate_cmd(g, 1, 1, 3, "JOIN #tea");
	(void)gate_heard(g, 0);
	(void)gate_heard(g, 1);
	gate_say(g, 0, "ERROR stop :the gate is stopped");
	ck_assert(g->trunk[0].closed);
	gate_hears(g, 0, "");
	ck_assert_ptr_nonnull(strstr(gate_heard(g, 1),
	    " QUIT :the gate is stopped\r\n"));
	/* the end of the connection is no news */
	gate_cut(g, 0, true);
	ck_assert_uint_eq(users(g), 1);
	gates_free(g);
}
END_TEST

static void
small_turns(struct settings *set)
{
	set->turn_work = 8192;
}

/* A trunk with many streams ends in slices, and the hand-over waits. */
START_TEST(many_streams_end_in_slices)
{
	struct gates *g = gates_with(small_turns);
	struct event ev = { .kind = EV_TICK };
	size_t left, before = 300;
	char nick[16];
	unsigned ticks = 0;

	gate_begin(g, 0);
	for (unsigned s = 1; s <= 300; s++) {
		(void)snprintf(nick, sizeof(nick), "n%u", s);
		gate_sayf(g, 0, "@addr=192.0.2.1;port=1 NEW %u", s);
		gate_sayf(g, 0, "CMD %u 1 :NICK %s", s, nick);
		gates_run(g, 5);
		gate_sayf(g, 0, "CMD %u 2 :USER u 0 * :u", s);
		gates_run(g, 5);
		(void)gate_heard(g, 0);
	}
	ck_assert_uint_eq(users(g), 300);
	gate_cut(g, 0, false);
	ck_assert_uint_gt(trunk_net_streams(node_trunks(g->node)), 200);
	while ((left = trunk_net_streams(node_trunks(g->node))) > 0) {
		ck_assert_ptr_nonnull(handover_awaits(g->node));
		ck_assert_ptr_nonnull(trunk_net_awaits(node_trunks(g->node)));
		ck_assert_int_le(g->deadline.ns, g->ms * NS_PER_MS);
		gates_step(g, &ev);
		ck_assert_uint_lt(trunk_net_streams(node_trunks(g->node)),
		    left);
		ck_assert_uint_le(before - left, 100);
		before = left;
		ticks++;
	}
	ck_assert_uint_gt(ticks, 5);
	gates_run(g, 100);
	ck_assert_uint_eq(users(g), 0);
	ck_assert_uint_eq(conns(g), 0);
	gates_free(g);
}
END_TEST

static void
holds(struct settings *set)
{
	set->hold_s = 60;
}

/* ERROR restart, 7.2: users may come back who were connected. */
START_TEST(users_are_held_over_a_restart)
{
	struct gates *g = gates_with(holds);

	gate_begin(g, 0);
	gate_user(g, 0, 1, "alice");
	gate_say(g, 0, "@addr=192.0.2.1;port=1 NEW 2"); /* not registered */
	gate_cut(g, 0, true);
	ck_assert_uint_eq(conns(g), 0);
	ck_assert_uint_eq(users(g), 1);
	gate_begin(g, 1);
	gate_say(g, 1, "@addr=192.0.2.2;port=1 NEW 1");
	gate_cmd(g, 1, 1, 1, "NICK alice");
	gate_cmd(g, 1, 1, 2, "USER u 0 * :Somebody");
	ck_assert_ptr_nonnull(strstr(gate_heard(g, 1), " 001 alice "));
	ck_assert(gates_logged(g, "client-returned"));
	ck_assert_uint_eq(users(g), 1);
	gates_free(g);
}
END_TEST

/* The next program has the gates of the configuration, and no trunk. */
START_TEST(gates_come_again_after_a_hand_over)
{
	struct gates *g = gates_with(holds);

	gate_begin(g, 0);
	gate_user(g, 0, 1, "alice");
	gate_cut(g, 0, true);
	gates_run(g, 10);
	gates_hand_over(g);
	gate_begin(g, 1);
	gate_say(g, 1, "@addr=192.0.2.2;port=1 NEW 1");
	gate_cmd(g, 1, 1, 1, "NICK alice");
	gate_cmd(g, 1, 1, 2, "USER u 0 * :Somebody");
	ck_assert_ptr_nonnull(strstr(gate_heard(g, 1), " 001 alice "));
	ck_assert(gates_logged(g, "client-returned"));
	gates_free(g);
}
END_TEST

START_TEST(without_a_restart_nobody_is_held)
{
	struct gates *g = gates_with(holds);

	gate_begin(g, 0);
	gate_user(g, 0, 1, "alice");
	gate_cut(g, 0, false);
	ck_assert_uint_eq(users(g), 0);
	gates_free(g);
}
END_TEST

/* ---- silence ------------------------------------------------------------- */

/* Let the server send its next BEAT, and return its t. */
static unsigned
beat(struct gates *g, const char *rest)
{
	char *end;
	unsigned long t;

	gates_run(g, 1000);
	(void)strtoul(gate_heard(g, 0) + 5, &end, 10);
	t = strtoul(g->trunk[0].text + 5, NULL, 10);
	ck_assert_int_eq(strncmp(g->trunk[0].text, "BEAT ", 5), 0);
	ck_assert_str_eq(end, rest);
	return (unsigned)t;
}

START_TEST(both_sides_beat)
{
	struct gates *g = gates_new();
	unsigned t;

	gate_begin(g, 0);
	gates_run(g, 2);
	t = beat(g, "\r\n");
	gate_say(g, 0, "BEAT 70");
	gates_run(g, 250);
	gate_say(g, 0, "BEAT 71 1 100");
	gates_run(g, 500);
	ck_assert_uint_eq(beat(g, " 71 750\r\n"), t + 1001);
	gates_free(g);
}
END_TEST

static int64_t
round_trip(struct gates *g)
{
	struct trunk_info info;

	ck_assert(trunk_net_info(node_trunks(g->node),
	    (struct mono){ g->ms * NS_PER_MS }, 0, &info));
	return info.rtt_ms;
}

START_TEST(the_round_trip_is_measured)
{
	struct gates *g = gates_new();
	unsigned t;

	gate_begin(g, 0);
	ck_assert_int_eq(round_trip(g), -1);
	gates_run(g, 2);
	t = beat(g, "\r\n");
	gates_run(g, 250);
	gate_sayf(g, 0, "BEAT 71 %u 100", t);
	ck_assert_int_ge(round_trip(g), 140);
	ck_assert_int_le(round_trip(g), 160);
	gate_say(g, 0, "BEAT 72 1 0"); /* no BEAT of ours */
	gate_sayf(g, 0, "BEAT 73 %u 9999", t);
	ck_assert_int_le(round_trip(g), 160);
	gates_free(g);
}
END_TEST

START_TEST(a_silent_gate_is_given_up)
{
	struct gates *g = gates_new();

	gate_begin(g, 0);
	gate_user(g, 0, 1, "alice");
	gates_run(g, 15000);
	gate_say(g, 0, "BEAT 1");
	gates_run(g, 19998);
	ck_assert(!g->trunk[0].closed);
	gates_run(g, 3);
	gate_is_refused(g, 0, "silent");
	ck_assert_uint_eq(users(g), 0);
	gates_free(g);
}
END_TEST

/* A server that stood still has heard nobody. */
START_TEST(a_pause_of_the_server_is_no_silence)
{
	struct gates *g = gates_new();
	struct event ev = { .kind = EV_TICK };

	gate_begin(g, 0);
	gates_run(g, 1500);
	g->ms += 60000;
	gates_step(g, &ev);
	ck_assert(!g->trunk[0].closed);
	gates_free(g);
}
END_TEST

/* ---- back-pressure ------------------------------------------------------- */

static void
large_sendq(struct settings *set)
{
	((struct class_settings *)(uintptr_t)set->class)->sendq = 1u << 30;
}

static size_t
unsent(struct gates *g)
{
	struct trunk_info info = { .unsent = SIZE_MAX };

	(void)trunk_net_info(node_trunks(g->node), (struct mono){ 0 }, 0,
	    &info);
	return info.unsent;
}

/* Let the client of the server itself say much to stream 1 of a trunk that
 * takes nothing, until more than that is unsent. */
static void
fill(struct gates *g, size_t bytes)
{
	struct event tick = { .kind = EV_TICK };
	char line[4100];

	memset(line, 'x', sizeof(line));
	memcpy(line, "@+x=", 4);
	memcpy(line + 4000, " TAGMSG alice", 14);
	gate_stop_taking(g, 0);
	g->unchecked = true;
	for (unsigned n = 1; unsent(g) <= bytes; n++) {
		plain_say(g, 0, line);
		(void)gate_heard(g, 0);
		if (n % 256 == 0) /* another turn begins */
			gates_step(g, &tick);
	}
	g->unchecked = false;
}

static void
begin_to_fill(struct gates *g)
{
	gate_begin(g, 0);
	gate_user(g, 0, 1, "alice");
	gate_cmd(g, 0, 1, 3, "CAP REQ :message-tags");
	plain_user(g, 0, "carol");
	plain_say(g, 0, "CAP REQ :message-tags");
}

/* 256 KiB: lines and READ wait; they go on when the gate takes. */
START_TEST(read_waits_while_much_is_unsent)
{
	struct gates *g = gates_with(large_sendq);

	begin_to_fill(g);
	gate_user(g, 0, 2, "bob");
	for (unsigned c = 4; c <= 7; c++)
		gate_cmd(g, 0, 1, c, "PING x");
	fill(g, 256 * 1024);
	gate_cmd(g, 0, 1, 8, "PING x");
	gate_cmd(g, 0, 2, 3, "PING y");
	gate_hears(g, 0, "");
	gate_take(g, 0, 8000);
	gate_hears(g, 0,
	    "L 1 ::irc.example.org PONG irc.example.org :x\n"
	    "L 2 ::irc.example.org PONG irc.example.org :y\n"
	    "READ 8 1\nPOS\n");
	/* nothing is said to a client that has gone */
	fill(g, 256 * 1024);
	gate_cmd(g, 0, 2, 4, "PING x");
	gate_say(g, 0, "CLOSED 2 :gone");
	ck_assert_uint_eq(trunk_net_streams(node_trunks(g->node)), 2);
	(void)gate_heard(g, 0);
	gate_take(g, 0, 20000);
	gate_hears(g, 0, "");
	ck_assert_uint_eq(trunk_net_streams(node_trunks(g->node)), 1);
	gates_free(g);
}
END_TEST

/* 4 MiB, told once; 64 MiB. */
START_TEST(a_gate_that_does_not_read)
{
	struct gates *g = gates_with(large_sendq);

	begin_to_fill(g);
	fill(g, 4 * 1024 * 1024 - 10000);
	gate_say(g, 0, "BEAT 1");
	gates_run(g, 2);
	ck_assert(!gates_logged(g, "trunk-slow"));
	fill(g, 4 * 1024 * 1024);
	gates_run(g, 2);
	ck_assert(gates_logged(g, "trunk-slow"));
	fill(g, 5 * 1024 * 1024);
	gates_run(g, 2);
	ck_assert(!gates_logged(g, "trunk-slow"));
	/* it has caught up, and falls behind again */
	gate_take(g, 0, 4 * 1024 * 1024);
	fill(g, 4 * 1024 * 1024);
	gates_run(g, 2);
	ck_assert(gates_logged(g, "trunk-slow"));
	gates_free(g);
}
END_TEST

START_TEST(a_gate_that_never_reads)
{
	struct gates *g = gates_with(large_sendq);
	struct event ev = { .kind = EV_TICK };

	begin_to_fill(g);
	gate_begin(g, 1);
	gate_user(g, 1, 1, "bob");
	fill(g, 64 * 1024 * 1024 - 10000);
	gates_step(g, &ev);
	ck_assert(!g->trunk[0].closed);
	fill(g, 64 * 1024 * 1024);
	gates_run(g, 2);
	gate_is_refused(g, 0, "slow");
	ck_assert(!g->trunk[1].closed);
	ck_assert_uint_eq(users(g), 2);
	gates_free(g);
}
END_TEST

/* ---- reloads ------------------------------------------------------------- */

static void
reload(struct gates *g, const struct settings *set)
{
	struct event ev = { .kind = EV_CONF };

	ev.u.conf.settings = set;
	gates_step(g, &ev);
}

START_TEST(a_gate_that_is_not_configured_any_more)
{
	struct gates *g = gates_new();
	struct settings next = g->set;

	gate_begin(g, 0);
	gate_open_tls(g, 1, '2');
	gate_say(g, 1, "GATE 1 gate2 * :");
	gate_open_tls(g, 2, '1'); /* no GATE yet */
	(void)gate_heard(g, 0);
	(void)gate_heard(g, 1);
	reload(g, &next);
	gate_hears(g, 0, "");
	next.gate = &g->gate[1];
	next.ngate = 1;
	reload(g, &next);
	gate_is_refused(g, 0, "removed");
	gate_is_refused(g, 2, "pin");
	ck_assert(!g->trunk[1].closed);
	gates_free(g);
}
END_TEST

START_TEST(a_gate_with_another_pin)
{
	struct gates *g = gates_new();
	struct settings next = g->set;
	struct gate_settings changed = g->gate[1];

	gate_open_tls(g, 0, '2');
	gate_say(g, 0, "GATE 1 gate2 * :");
	(void)gate_heard(g, 0);
	changed.streams = 1;
	next.gate = &changed;
	next.ngate = 1;
	reload(g, &next);
	gate_hears(g, 0, "");
	gate_say(g, 0, "@addr=192.0.2.1;port=1 NEW 1");
	gate_say(g, 0, "@addr=192.0.2.1;port=1 NEW 2");
	ck_assert_ptr_nonnull(strstr(gate_heard(g, 0), "GONE 2 :"));
	changed.pin[31] = 'x';
	reload(g, &next);
	gate_is_refused(g, 0, "removed");
	gates_free(g);
}
END_TEST

Suite *
ends_suite(void)
{
	Suite *s = suite_create("ends");
	TCase *tc = unit_case("ends");

	tcase_add_test(tc, all_streams_end_with_the_trunk);
	tcase_add_test(tc, the_position_counts_the_ends);
	tcase_add_test(tc, the_gate_says_why);
	tcase_add_test(tc, many_streams_end_in_slices);
	tcase_add_test(tc, users_are_held_over_a_restart);
	tcase_add_test(tc, gates_come_again_after_a_hand_over);
	tcase_add_test(tc, without_a_restart_nobody_is_held);
	suite_add_tcase(s, tc);
	tc = unit_case("silence");
	tcase_add_test(tc, both_sides_beat);
	tcase_add_test(tc, the_round_trip_is_measured);
	tcase_add_test(tc, a_silent_gate_is_given_up);
	tcase_add_test(tc, a_pause_of_the_server_is_no_silence);
	suite_add_tcase(s, tc);
	tc = unit_case("back-pressure");
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, read_waits_while_much_is_unsent);
	tcase_add_test(tc, a_gate_that_does_not_read);
	tcase_add_test(tc, a_gate_that_never_reads);
	suite_add_tcase(s, tc);
	tc = unit_case("reloads");
	tcase_add_test(tc, a_gate_that_is_not_configured_any_more);
	tcase_add_test(tc, a_gate_with_another_pin);
	suite_add_tcase(s, tc);
	return s;
}
