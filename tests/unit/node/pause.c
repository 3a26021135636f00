/*
 * A server that did not run for a while heard nobody, and nobody was silent:
 * the lines of the others lie unread. Here a pause ends with a tick before
 * anything is read, which is the worst order.
 */
#include "core/state.h"
#include "unit/node/check_node.h"
#include "unit/node/played.h"
#include "unit/node/world.h"

#define PAUSE_MS 5500	/* more than links.silence */
#define LONG_MS 3600000 /* more than any patience */

static void
is_linked(struct world *w, unsigned p)
{
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
}

START_TEST(a_peer_is_not_silent_while_this_server_pauses)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);

	world_run(w, 3700);
	world_pause(w, 1, PAUSE_MS);
	is_linked(w, p);
	played_beats(w, p, 2);
	world_pause(w, 1, LONG_MS);
	is_linked(w, p);
	played_beats(w, p, 2);
	is_linked(w, p);
	world_free(w);
}
END_TEST

START_TEST(a_peer_that_is_silent_all_the_same_is_given_up)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);

	world_run(w, 2000);
	world_pause(w, 1, PAUSE_MS);
	world_run(w, 1500);
	is_linked(w, p);
	world_run(w, 500);
	played_is_refused(w, p, "silence");
	world_free(w);
}
END_TEST

/*
 * No step is in time, so the server never knows that it listened. A part of the
 * time counts, or a dead peer would stay as long as the load lasts.
 */
START_TEST(a_peer_is_given_up_by_a_server_that_is_always_late)
{
	struct world *w = played_node();
	unsigned p = played_sync(w), n = 0;

	while (!world_is_closed(w, p)) {
		ck_assert_uint_lt(n++, 20);
		world_pause(w, 1, 1000);
	}
	ck_assert_uint_gt(n, 8);
	played_is_refused(w, p, "silence");
	world_free(w);
}
END_TEST

START_TEST(a_pause_is_no_time_to_sync)
{
	struct world *w = played_node();
	unsigned p = world_peer(w, 1);

	world_say(w, p, PLAYED_HELLO);
	played_beats(w, p, 2);
	world_pause(w, 1, LONG_MS);
	played_beats(w, p, 27);
	is_linked(w, p);
	played_beats(w, p, 1);
	played_is_refused(w, p, "silence");
	world_free(w);
}
END_TEST

START_TEST(a_pause_is_no_time_to_take_what_is_sent)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);

	world_takes(w, p, false);
	played_beats(w, p, 2);
	world_pause(w, 1, LONG_MS);
	played_beats(w, p, 55);
	is_linked(w, p);
	played_beats(w, p, 5);
	world_takes(w, p, true);
	played_is_refused(w, p, "slow");
	world_free(w);
}
END_TEST

START_TEST(a_pause_is_no_time_to_end_a_snapshot)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);

	world_say(w, p, "SNAP 002.50");
	played_beats(w, p, 2);
	world_pause(w, 1, LONG_MS);
	played_beats(w, p, 590);
	is_linked(w, p);
	played_beats(w, p, 10);
	played_is_refused(w, p, "snapshot");
	world_free(w);
}
END_TEST

START_TEST(a_pause_is_no_time_to_wait_for_links)
{
	struct world *w = world_new(2);

	world_settings(w, 1)->alone_ms = 5000;
	world_start(w, 1, 100);
	world_run(w, 1000);
	world_pause(w, 1, LONG_MS);
	ck_assert(!core_is_ready(node_core(world_node(w, 1))));
	world_run(w, 3000);
	ck_assert(!core_is_ready(node_core(world_node(w, 1))));
	world_run(w, 2000);
	ck_assert(core_is_ready(node_core(world_node(w, 1))));
	world_free(w);
}
END_TEST

START_TEST(a_pause_is_no_time_to_answer)
{
	struct world *w = played_node();
	unsigned p = played_sync(w), ann = world_user(w, 1, "ann");

	world_say(w, p, "ENTRY 002.50 1 1700000001000 * - 1");
	world_say(w, p, "+READY 002 50 002.example.org :played");
	world_run(w, 100);
	world_say(w, ann, "VERSION 002.example.org");
	played_hears(w, p, "QUERY 001.");
	world_forget(w, ann);
	world_pause(w, 1, PAUSE_MS);
	ck_assert_str_eq(world_heard(w, ann), "");
	played_beats(w, p, 5);
	played_hears(w, ann, " 402 ");
	world_free(w);
}
END_TEST

/* The PONG lies unread. */
START_TEST(a_client_is_not_silent_while_this_server_pauses)
{
	struct world *w = played_node();
	unsigned ann = world_user(w, 1, "ann");

	world_run(w, 60000);
	world_forget(w, ann);
	world_pause(w, 1, LONG_MS);
	ck_assert_str_eq(world_heard(w, ann), "");
	/* 60 s and this are less than until it is given up */
	world_run(w, 119000);
	played_hears(w, ann, "PING :001.example.org\r\n");
	world_pause(w, 1, LONG_MS);
	ck_assert(!world_is_closed(w, ann));
	world_say(w, ann, "PONG :001.example.org");
	world_run(w, 100000);
	ck_assert(!world_is_closed(w, ann));
	world_run(w, 81000);
	ck_assert(world_is_closed(w, ann));
	played_hears(w, ann, "(Ping timeout: 180 seconds)");
	world_free(w);
}
END_TEST

START_TEST(a_pause_is_no_time_to_register)
{
	struct world *w = played_node();
	unsigned ann = world_client(w, 1);

	world_say(w, ann, "NICK ann");
	world_pause(w, 1, LONG_MS);
	ck_assert(!world_is_closed(w, ann));
	world_run(w, 29000);
	ck_assert(!world_is_closed(w, ann));
	world_run(w, 1000);
	ck_assert(world_is_closed(w, ann));
	world_free(w);
}
END_TEST

/* Other servers may be missing by now, and may have been all the time. */
START_TEST(a_pause_is_no_time_in_which_all_were_there)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);

	world_say(w, p, "ENTRY 002.50 1 1700000001000 * - 1");
	world_say(w, p, "+READY 002 50 002.example.org :played");
	world_hang_up(w, p);
	world_run(w, 2000);
	world_control(w, 1, "forget 002");
	world_run(w, 1000);
	world_pause(w, 1, LONG_MS);
	ck_assert_uint_eq(core_forget_count(node_core(world_node(w, 1))), 0);
	world_run(w, 170000);
	ck_assert_uint_eq(core_forget_count(node_core(world_node(w, 1))), 0);
	world_run(w, 20000);
	ck_assert_uint_eq(core_forget_count(node_core(world_node(w, 1))), 1);
	world_free(w);
}
END_TEST

START_TEST(a_channel_is_not_removed_after_a_pause)
{
	struct world *w = played_node();
	unsigned ann = world_user(w, 1, "ann");
	const struct facts *f = &node_core(world_node(w, 1))->facts;

	world_say(w, ann, "JOIN #c");
	world_say(w, ann, "PART #c");
	world_run(w, 130000);
	world_pause(w, 1, LONG_MS);
	world_say(w, ann, "PING x");
	world_run(w, 70000);
	ck_assert_ptr_nonnull(facts_find_chan(f, SPAN("#c")));
	world_say(w, ann, "PING x");
	world_run(w, 100000);
	world_say(w, ann, "PING x");
	ck_assert_ptr_nonnull(facts_find_chan(f, SPAN("#c")));
	for (int i = 0; i < 6; i++) {
		world_run(w, 100000);
		world_say(w, ann, "PING x");
	}
	ck_assert_ptr_null(facts_find_chan(f, SPAN("#c")));
	world_free(w);
}
END_TEST

Suite *
pause_suite(void)
{
	Suite *s = suite_create("node/pause");
	TCase *t = unit_case("pause");

	tcase_add_test(t, a_peer_is_not_silent_while_this_server_pauses);
	tcase_add_test(t, a_peer_that_is_silent_all_the_same_is_given_up);
	tcase_add_test(t, a_peer_is_given_up_by_a_server_that_is_always_late);
	tcase_add_test(t, a_pause_is_no_time_to_sync);
	tcase_add_test(t, a_pause_is_no_time_to_take_what_is_sent);
	tcase_add_test(t, a_pause_is_no_time_to_end_a_snapshot);
	tcase_add_test(t, a_pause_is_no_time_to_wait_for_links);
	tcase_add_test(t, a_pause_is_no_time_to_answer);
	tcase_add_test(t, a_client_is_not_silent_while_this_server_pauses);
	tcase_add_test(t, a_pause_is_no_time_to_register);
	tcase_add_test(t, a_pause_is_no_time_in_which_all_were_there);
	tcase_add_test(t, a_channel_is_not_removed_after_a_pause);
	suite_add_tcase(s, t);
	return s;
}
