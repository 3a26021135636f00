/* Snapshots between nodes whose logs do not reach back far enough. */
#include <stdio.h>
#include <string.h>

#include "unit/node/check_node.h"
#include "unit/node/played.h"
#include "unit/node/world.h"

/*
 * A snapshot says that bob has quit. A message that bob said before comes with
 * it, and is shown as said by bob's server: nobody here knows bob any more.
 */
START_TEST(last_words_of_who_left_are_heard)
{
	struct world *w = world_new(2);
	struct peer_settings *peer;
	unsigned p, ann;

	peer = (struct peer_settings *)(uintptr_t)world_settings(w, 1)->peer;
	peer->naddress = 0;
	world_settings(w, 1)->alone_ms = 0;
	world_start(w, 1, 100);
	ann = world_user(w, 1, "ann");
	world_say(w, ann, "JOIN #c");
	p = world_peer(w, 1);
	world_say(w, p, "HELLO 1 002.50 1700000001000 002.example.org 77 :");
	world_say(w, p, "LSA 002.50 1 1 001,77,1 :");
	world_say(w, p, "SYNC");
	world_say(w, p, "ENTRY 002.50 1 1700000001500 * - 1");
	world_say(w, p, "+READY 002 50 002.example.org :played");
	world_forget(w, ann);
	world_say(w, p, "SNAP 002.50");
	world_say(w, p,
	    "@dot=002.50.1.0;stamp=1700000001500 "
	    "+READY 002 50 002.example.org :played");
	world_say(w, p, "ENTRY 002.50 2 1700000001600 * - 2");
	world_say(w, p,
	    "+USER 002AAAAAA bob bob 002.example.org 1.2.3.4 1.2.3.4 :Bob");
	world_say(w, p, "+NICK 002AAAAAA bob 1 1700000001600");
	world_say(w, p, "ENTRY 002.50 3 1700000001700 001 - 1");
	world_say(w, p, "+SAY PRIVMSG 002AAAAAA #c * :last words");
	world_say(w, p, "ENTRY 002.50 4 1700000001800 * - 1");
	world_say(w, p, "+QUIT 002AAAAAA :gone");
	world_say(w, p, "END 002.50=4/1");
	world_run(w, 1);
	ck_assert_msg(!world_is_closed(w, p), "%.200s", world_heard(w, p));
	ck_assert_str_eq(world_heard(w, ann),
	    ":002.example.org PRIVMSG #c :last words\r\n");
	world_free(w);
}
END_TEST

static struct world *
short_logs(unsigned n)
{
	struct world *w = world_new(n);

	for (unsigned i = 1; i <= n; i++)
		world_settings(w, i)->keep_s = 2;
	world_allow_all(w);
	return w;
}

static const struct link_counts *
counts(struct world *w, unsigned i)
{
	return link_net_counts(world_links(w, i));
}

START_TEST(newcomer_gets_one)
{
	struct world *w = short_logs(3);
	unsigned ann, cat;

	world_start_two(w, 3000);
	ann = world_user(w, 1, "ann");
	world_say(w, ann, "JOIN #c");
	world_run(w, 6000);
	world_start(w, 3, 100);
	world_run(w, 3000);
	ck_assert_uint_ge(counts(w, 3)->snaps_in, 1);
	ck_assert_uint_eq(counts(w, 3)->jumped, 0);
	ck_assert(core_is_ready(node_core(world_node(w, 3))));
	ck_assert(world_agrees(w, 1, 3));
	ck_assert(world_agrees(w, 1, 2));
	cat = world_user(w, 3, "cat");
	world_say(w, cat, "JOIN #c");
	world_run(w, 10);
	ck_assert(world_hears(w, cat, " 353 "));
	ck_assert(world_hears(w, cat, "@ann"));
	ck_assert(world_hears(w, ann, ":cat!cat@"));
	world_free(w);
}
END_TEST

START_TEST(long_cut_jumps_and_counts)
{
	struct world *w = short_logs(2);
	unsigned ann, bob;

	world_start_two(w, 3000);
	ann = world_user(w, 1, "ann");
	bob = world_user(w, 2, "bob");
	world_say(w, ann, "JOIN #c");
	world_say(w, bob, "JOIN #c");
	world_run(w, 100);
	world_allow(w, 1, 2, false);
	world_run(w, 100);
	world_say(w, ann, "JOIN #one");
	world_say(w, bob, "JOIN #two");
	world_run(w, 10000);
	world_allow(w, 1, 2, true);
	world_run(w, 60000);
	ck_assert(world_agrees(w, 1, 2));
	ck_assert_uint_ge(counts(w, 1)->snaps_in, 1);
	ck_assert_uint_ge(counts(w, 2)->snaps_in, 1);
	/* Each lost an entry of the other, and no fact. */
	ck_assert_uint_eq(counts(w, 2)->jumped, 1);
	ck_assert_uint_eq(counts(w, 1)->jumped, 1);
	ck_assert_ptr_nonnull(strstr(world_log_text(w, 2, LOG_JUMPED),
	    "origin=001.100"));
	world_forget(w, ann);
	world_say(w, ann, "JOIN #two");
	ck_assert(world_hears(w, ann, "bob"));
	world_free(w);
}
END_TEST

/* Snapshots stop: no server sends one back to the sender. */
START_TEST(no_snapshots_back_and_forth)
{
	struct world *w = short_logs(3);
	unsigned ann, before;

	world_start_two(w, 3000);
	ann = world_user(w, 1, "ann");
	world_say(w, ann, "JOIN #c");
	world_run(w, 6000);
	world_start(w, 3, 100);
	world_run(w, 3000);
	before = world_lines(w, "SNAP");
	ck_assert_uint_ge(before, 1);
	ck_assert_uint_le(before, 4);
	world_run(w, 20000);
	ck_assert_uint_eq(world_lines(w, "SNAP"), before);
	world_free(w);
}
END_TEST

/*
 * A third server loses nothing that is in flight to it when the snapshot of a
 * newcomer overtakes it: the snapshot carries the log.
 */
START_TEST(carries_the_log)
{
	struct world *w = short_logs(3);
	unsigned ann, bob;

	world_start_two(w, 3000);
	ann = world_user(w, 1, "ann");
	bob = world_user(w, 2, "bob");
	world_run(w, 6000);
	world_say(w, ann, "PRIVMSG bob :one");
	world_say(w, ann, "PRIVMSG bob :two");
	world_start(w, 3, 100);
	world_run(w, 3000);
	ck_assert(world_hears(w, bob, ":one"));
	ck_assert(world_hears(w, bob, ":two"));
	for (unsigned i = 1; i <= 3; i++)
		ck_assert_uint_eq(counts(w, i)->jumped, 0);
	ck_assert(world_agrees(w, 1, 3));
	world_free(w);
}
END_TEST

/*
 * A server that was away does not bring back facts that were removed meanwhile.
 */
START_TEST(removals_survive)
{
	struct world *w = short_logs(3);
	unsigned cat, bob;

	for (unsigned i = 1; i <= 3; i++)
		world_start(w, i, 100);
	world_run(w, 3000);
	cat = world_user(w, 3, "cat");
	bob = world_user(w, 2, "bob");
	world_say(w, bob, "JOIN #c");
	world_run(w, 100);
	world_say(w, cat, "WHOIS bob");
	ck_assert(world_hears(w, cat, " 311 "));
	world_allow(w, 1, 3, false);
	world_allow(w, 2, 3, false);
	world_run(w, 100);
	world_hang_up(w, bob);
	world_run(w, 10000);
	world_allow_all(w);
	world_run(w, 60000);
	ck_assert(world_agrees(w, 1, 3));
	ck_assert(world_agrees(w, 1, 2));
	world_forget(w, cat);
	world_say(w, cat, "WHOIS bob");
	ck_assert(world_hears(w, cat, " 401 "));
	world_free(w);
}
END_TEST

/* ---- the text ------------------------------------------------------------ */

#define CHANS 200

/* ann is on channels, and the log is empty. The played peers do not know OFFER.
 */
static struct world *
on_channels(unsigned *ann)
{
	struct world *w = played_node();

	*ann = played_on_channels(w, CHANS);
	world_forget(w, *ann);
	return w;
}

START_TEST(links_share_one_text)
{
	unsigned ann, p, q;
	struct world *w = on_channels(&ann);
	const char *a, *b;

	world_ticks(w, false);
	p = played_asks(w, 2, "");
	q = played_asks(w, 3, "");
	world_ticks(w, true);
	world_run(w, 10);
	a = strstr(world_heard(w, p), "SNAP 001.100\r\n");
	b = strstr(world_heard(w, q), "SNAP 001.100\r\n");
	ck_assert(a != NULL && b != NULL);
	ck_assert_int_gt(strstr(a, "END ") - a, CHANS * 100);
	ck_assert_int_eq(strncmp(a, b, (size_t)(strstr(a, "END ") - a)), 0);
	ck_assert_uint_eq(counts(w, 1)->snaps_out, 2);
	ck_assert_uint_eq(counts(w, 1)->cuts, 1);
	/* no link needs it any more, so a later one gets a new text */
	world_hang_up(w, q);
	world_say(w, ann, "JOIN #late");
	world_run(w, 2000);
	q = world_peer(w, 1);
	world_say(w, q, "HELLO 1 003.50 1700000004000 003.example.org 78 :");
	world_say(w, q, "LSA 003.50 2 1700000004000 001,78,10 :");
	world_say(w, q, "SYNC");
	world_run(w, 10);
	b = strstr(world_heard(w, q), "SNAP 001.100\r\n");
	ck_assert(b != NULL && strstr(b, "+JOIN #late,") < strstr(b, "END "));
	ck_assert_uint_eq(counts(w, 1)->cuts, 2);
	world_free(w);
}
END_TEST

/* The text is that of one moment: what is said meanwhile comes behind it. */
START_TEST(no_entry_is_processed_while_a_text_is_made)
{
	unsigned ann, bob, p;
	struct world *w = on_channels(&ann);
	const struct core *core = node_core(world_node(w, 1));
	const char *snap;

	bob = world_user(w, 1, "bob");
	world_say(w, bob, "JOIN #channel7");
	world_run(w, 2000);
	world_forget(w, ann);
	world_settings(w, 1)->turn_work = 4000;
	world_run(w, 300);
	world_ticks(w, false);
	p = played_asks(w, 2, "");
	ck_assert(core_is_held(core));
	world_say(w, ann, "JOIN #late");
	world_say(w, bob, "PART #channel7");
	world_say(w, p, "BEAT 0 1700000003000");
	ck_assert(core_is_held(core));
	ck_assert(!world_hears(w, ann, "#"));
	ck_assert(!world_hears(w, p, "SNAP"));
	for (unsigned i = 0; i < 10; i++)
		world_tick(w, 1);
	ck_assert(core_is_held(core));
	world_ticks(w, true);
	world_run(w, 500);
	ck_assert(!core_is_held(core));
	ck_assert(world_hears(w, ann, "JOIN #late"));
	ck_assert(world_hears(w, ann, "PART #channel7"));
	snap = strstr(world_heard(w, p), "SNAP 001.100\r\n");
	ck_assert_ptr_nonnull(snap);
	ck_assert(strstr(snap, "+JOIN #late,") > strstr(snap, "END "));
	ck_assert(strstr(snap, "+JOIN #channel7,") < strstr(snap, "END "));
	ck_assert(strstr(snap, "+PART #channel7,") > strstr(snap, "END "));
	world_free(w);
}
END_TEST

/* The server that waits for the text goes; the text is dropped. */
START_TEST(a_text_that_nobody_waits_for_is_dropped)
{
	unsigned ann, p;
	struct world *w = on_channels(&ann);
	const struct core *core = node_core(world_node(w, 1));

	world_ticks(w, false);
	p = played_asks(w, 2, "");
	ck_assert(core_is_held(core));
	world_hang_up(w, p);
	world_ticks(w, true);
	ck_assert(!core_is_held(core));
	world_say(w, ann, "JOIN #late");
	ck_assert(world_hears(w, ann, "JOIN #late"));
	ck_assert_uint_eq(counts(w, 1)->snaps_out, 0);
	world_free(w);
}
END_TEST

Suite *
snapshot_suite(void)
{
	Suite *s = suite_create("snapshot");
	TCase *t = unit_case("snapshot");

	tcase_add_test(t, newcomer_gets_one);
	tcase_add_test(t, long_cut_jumps_and_counts);
	tcase_add_test(t, no_snapshots_back_and_forth);
	tcase_add_test(t, carries_the_log);
	tcase_add_test(t, removals_survive);
	tcase_add_test(t, links_share_one_text);
	tcase_add_test(t, no_entry_is_processed_while_a_text_is_made);
	tcase_add_test(t, a_text_that_nobody_waits_for_is_dropped);
	tcase_add_test(t, last_words_of_who_left_are_heard);
	suite_add_tcase(s, t);
	return s;
}
