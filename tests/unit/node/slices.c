/* Work that takes several turns: each turn does a bounded part of it. */
#include <stdio.h>
#include <string.h>

#include "core/state.h"
#include "core/types/cost.h"
#include "link/log.h"
#include "link/pump.h"
#include "link/snapshots/trash.h"
#include "lib/text.h"
#include "unit/node/check_node.h"
#include "unit/node/played.h"
#include "unit/node/world.h"

#define USERS 60
#define CHANS 300

/* Two linked nodes. ann of the first sees the users of the second, all on #c;
 * a turn of the first node may cost little from then on. */
static struct world *
crowded(unsigned *ann)
{
	struct world *w = world_new(2);
	char nick[16];
	unsigned u;

	world_allow_all(w);
	world_start_two(w, 1000);
	*ann = world_user(w, 1, "ann");
	world_say(w, *ann, "CAP REQ :batch");
	world_say(w, *ann, "JOIN #c");
	for (unsigned i = 0; i < USERS; i++) {
		snprintf(nick, sizeof(nick), "user%u", i);
		u = world_user(w, 2, nick);
		world_say(w, u, "JOIN #c");
	}
	world_run(w, 1000);
	world_settings(w, 1)->turn_work = 4000;
	world_run(w, 1000);
	world_forget(w, *ann);
	return w;
}

/* The longest run of lines with that piece between two BATCH lines. */
static unsigned
longest_batch(const char *text, const char *piece)
{
	unsigned most = 0, n;
	const char *end;

	while ((text = strstr(text, " BATCH +")) != NULL) {
		end = strstr(text, " BATCH -");
		ck_assert_ptr_nonnull(end);
		n = 0;
		for (; (text = strstr(text, piece)) != NULL && text < end;
		     text += strlen(piece))
			n++;
		most = n > most ? n : most;
		text = end;
	}
	return most;
}

START_TEST(a_split_and_a_heal_are_shown_in_slices)
{
	unsigned ann;
	struct world *w = crowded(&ann);
	const struct core *core = node_core(world_node(w, 1));

	world_allow(w, 1, 2, false);
	world_run(w, 1000);
	ck_assert_uint_eq(text_count(world_heard(w, ann), " QUIT :"), USERS);
	ck_assert_uint_ge(text_count(world_heard(w, ann), " BATCH +"), 5);
	ck_assert_uint_le(longest_batch(world_heard(w, ann), " QUIT :"), 16);
	ck_assert(TAILQ_EMPTY(&core->flips));
	world_forget(w, ann);

	world_allow(w, 1, 2, true);
	world_run(w, 3000);
	ck_assert_uint_eq(text_count(world_heard(w, ann), " JOIN #c"), USERS);
	ck_assert_uint_ge(text_count(world_heard(w, ann), " BATCH +"), 5);
	ck_assert_uint_le(longest_batch(world_heard(w, ann), " JOIN #c"), 16);
	ck_assert(TAILQ_EMPTY(&core->flips));
	world_free(w);
}
END_TEST

/* Channels without members are looked at, and removed, in pieces. */
START_TEST(empty_channels_go_in_slices)
{
	struct world *w = world_new(1);
	const struct map *chans;
	unsigned ann, turns = 0;
	size_t before;
	char line[32];

	world_settings(w, 1)->keep_s = 1;
	world_start(w, 1, 100);
	world_run(w, 1500);
	chans = &node_core(world_node(w, 1))->facts.chans;
	ann = world_user(w, 1, "ann");
	for (unsigned i = 0; i < CHANS; i++) {
		snprintf(line, sizeof(line), "JOIN #c%u", i);
		world_say(w, ann, line);
	}
	world_hang_up(w, ann);
	world_run(w, 9000);
	ck_assert_uint_eq(map_count(chans), CHANS);
	/* The queue of work has a quarter of the turn: 50 channels. */
	world_settings(w, 1)->turn_work = 50 * COST_VISIT * 4;
	world_ticks(w, false);
	while (map_count(chans) > 0) {
		ck_assert_uint_lt(++turns, 200);
		before = map_count(chans);
		world_tick_after(w, 1, before == CHANS ? 500 : 0);
		ck_assert_uint_le(before - map_count(chans), 60);
	}
	ck_assert_uint_ge(turns, CHANS / 60);
	world_free(w);
}
END_TEST

#define OLD_USERS 300

/* The users of a run of server 002, each on #c. */
static unsigned
with_users(struct world *w)
{
	unsigned p = played_sync(w), n = 0;
	char part[128];

	played_entry(w, p, "002.50", ++n,
	    "+READY 002 50 002.example.org :played");
	for (unsigned i = 0; i < OLD_USERS; i++) {
		snprintf(part, sizeof(part),
		    "+USER 002A%05u u u 002.example.org h h :x", i);
		played_entry(w, p, "002.50", ++n, part);
		snprintf(part, sizeof(part), "+JOIN #c,1.002 002A%05u", i);
		played_entry(w, p, "002.50", ++n, part);
	}
	return p;
}

/*
 * A server comes back as a new run. The users of the former run go in slices;
 * clients are served meanwhile, and no entry behind the READY is processed.
 */
START_TEST(void_users_go_in_slices)
{
	struct world *w = played_node();
	const struct core *core = node_core(world_node(w, 1));
	unsigned ann = world_user(w, 1, "ann"), p = with_users(w), turns = 0;
	size_t left, before = map_count(&core->facts.users);

	world_run(w, 100);
	ck_assert_uint_eq(before, OLD_USERS + 1);
	world_hang_up(w, p);
	world_run(w, 1000);
	p = played_sync_run(w, 2, 51, 78);
	played_small_turns(w, 4000);
	played_entry(w, p, "002.51", 1,
	    "+READY 002 51 002.example.org :played");
	played_entry(w, p, "002.51", 2,
	    "+USER 002B00000 u u 002.example.org h h :x");
	for (; core_is_voiding(core); turns++) {
		left = map_count(&core->facts.users);
		ck_assert_uint_le(before - left, 60);
		before = left;
		ck_assert_ptr_null(facts_find_uid(&core->facts,
		    (struct uid){ "002B00000" }));
		world_say(w, ann, "PING :still");
		ck_assert(world_hears(w, ann, "PONG 001.example.org :still"));
		world_forget(w, ann);
		world_tick(w, 1);
	}
	ck_assert_uint_ge(turns, 5);
	world_ticks(w, true);
	world_run(w, 100);
	ck_assert_uint_eq(map_count(&core->facts.users), 2);
	ck_assert_ptr_nonnull(facts_find_uid(&core->facts,
	    (struct uid){ "002B00000" }));
	world_free(w);
}
END_TEST

/* Half of a snapshot is lost with its link: its memory is given back in
 * pieces. */
START_TEST(a_lost_snapshot_is_freed_in_slices)
{
	struct world *w = played_node();
	const struct core *core = node_core(world_node(w, 1));
	unsigned p = played_sync(w), turns = 0;
	char line[128];

	world_say(w, p, "SNAP 002.50");
	for (unsigned i = 1; i <= 3000; i++) {
		snprintf(line, sizeof(line),
		    "@dot=002.50.%u.0;stamp=%u +CHAN #c%u,%u.002", i,
		    1700000 + i, i, 1700000 + i);
		world_say(w, p, line);
	}
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
	world_settings(w, 1)->turn_work = COST_FREE;
	world_ticks(w, false);
	world_tick(w, 1);
	world_hang_up(w, p);
	for (; core->dropped != NULL; turns++) {
		ck_assert_uint_lt(turns, 100);
		world_tick(w, 1);
	}
	ck_assert_uint_ge(turns, 5);
	world_free(w);
}
END_TEST

/* ---- the end of a snapshot --------------------------------------------- */

/* Let a peer say a snapshot with that many foundings of its run, and its END,
 * which covers 1000 entries. */
static void
say_snapshot(struct world *w, unsigned p, unsigned k, unsigned n)
{
	char line[160];

	snprintf(line, sizeof(line), "SNAP 00%u.50", k);
	world_say(w, p, line);
	for (unsigned i = 1; i <= n; i++) {
		snprintf(line, sizeof(line),
		    "@dot=00%u.50.%u.0;stamp=%u +CHAN #%u-%u,%u.00%u", k, i,
		    1700000 + i, k, i, 1700000 + i, k);
		world_say(w, p, line);
	}
	snprintf(line, sizeof(line), "END 00%u.50=1000/1000", k);
	world_say(w, p, line);
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
}

/*
 * Two snapshots end, one behind the other. The second is taken when the facts
 * of the first are in, and nothing more is read of its link until then. No step
 * adds more than its share.
 */
START_TEST(a_second_snapshot_waits_for_the_first)
{
	struct world *w = played_node();
	const struct core *core = node_core(world_node(w, 1));
	const struct map *chans = &core->facts.chans;
	const struct link_counts *n = link_net_counts(world_links(w, 1));
	unsigned p = played_sync(w), q = played_sync_run(w, 3, 50, 78);
	size_t before, turns = 0;

	world_run(w, 100);
	played_small_turns(w, 4000);
	say_snapshot(w, p, 2, 400);
	world_tick_after(w, 1, 1);
	ck_assert_uint_eq(n->snaps_in, 1);
	ck_assert_uint_lt(map_count(chans), 30);
	say_snapshot(w, q, 3, 400);
	ck_assert_uint_lt(map_count(chans), 30);
	ck_assert(world_is_held(w, q));
	do {
		before = map_count(chans);
		world_tick_after(w, 1, 1);
		ck_assert_uint_lt(map_count(chans) - before, 30);
		if (n->snaps_in == 2 && turns++ == 0)
			ck_assert_uint_ge(map_count(chans), 400);
	} while (n->snaps_in < 2 || core_is_installing(core));
	ck_assert_uint_eq(map_count(chans), 800);
	ck_assert(!world_is_held(w, q));
	ck_assert(!world_is_closed(w, q));
	world_free(w);
}
END_TEST

/* The link ends before its snapshot can be taken. */
START_TEST(a_snapshot_that_waits_is_lost_with_its_link)
{
	struct world *w = played_node();
	const struct core *core = node_core(world_node(w, 1));
	unsigned p = played_sync(w), q = played_sync_run(w, 3, 50, 78);

	world_run(w, 100);
	played_small_turns(w, 4000);
	say_snapshot(w, p, 2, 400);
	say_snapshot(w, q, 3, 400);
	world_hang_up(w, q);
	world_ticks(w, true);
	world_run(w, 100);
	ck_assert_uint_eq(link_net_counts(world_links(w, 1))->snaps_in, 1);
	ck_assert_uint_eq(map_count(&core->facts.chans), 400);
	world_free(w);
}
END_TEST

#define SAID 200

/* Entries that came before the END are processed as the turns allow, and the
 * snapshot is taken behind them. */
START_TEST(a_snapshot_waits_for_the_entries_before_it)
{
	struct world *w = played_node();
	const struct log *log = link_net_log(world_links(w, 1));
	const struct link_counts *n = link_net_counts(world_links(w, 1));
	unsigned ann = world_user(w, 1, "ann"), p = with_users(w);
	unsigned q = played_sync_run(w, 3, 50, 78);
	uint64_t next;
	char part[128];

	world_say(w, ann, "JOIN #c");
	world_run(w, 100);
	played_small_turns(w, 4000);
	for (unsigned i = 1; i <= SAID; i++) {
		snprintf(part, sizeof(part),
		    "+SAY PRIVMSG 002A00000 #c * :%04u", i);
		played_entry(w, p, "002.50", 2 * OLD_USERS + 1 + i, part);
	}
	next = log->next;
	say_snapshot(w, q, 3, 10);
	ck_assert_uint_lt(log->next, next + 30);
	ck_assert_uint_eq(n->snaps_in, 0);
	while (n->snaps_in == 0) {
		ck_assert_uint_lt(log->next, log_end(log));
		next = log->next;
		world_tick_after(w, 1, 1);
		ck_assert_uint_lt(log->next, next + 30);
	}
	ck_assert_uint_eq(text_count(world_heard(w, ann), "PRIVMSG"), SAID);
	world_free(w);
}
END_TEST

/* Entries that come behind the END wait in the log, and the snapshot jumps over
 * what follows them. Their messages are heard all the same. */
START_TEST(a_snapshot_waits_for_what_it_jumps)
{
	struct world *w = played_node();
	const struct link_counts *n = link_net_counts(world_links(w, 1));
	unsigned ann = world_user(w, 1, "ann"), p = with_users(w), i;
	unsigned q = played_sync_run(w, 3, 50, 78);
	char part[128];

	world_say(w, ann, "JOIN #c");
	world_run(w, 100);
	played_small_turns(w, 4000);
	world_say(w, q, "SNAP 003.50");
	world_say(w, q,
	    "@dot=002.50.1.0;stamp=1700001 "
	    "+READY 002 50 002.example.org :played");
	for (i = 1; i <= 2 * SAID; i++) {
		snprintf(part, sizeof(part),
		    "+SAY PRIVMSG 002A00000 #c * :%04u", i);
		played_entry(w, p, "002.50", 2 * OLD_USERS + 1 + i, part);
		if (i == SAID)
			world_say(w, q, "END 002.50=9000/9000");
	}
	ck_assert_uint_eq(n->snaps_in, 0);
	while (n->snaps_in == 0)
		world_tick_after(w, 1, 1);
	world_ticks(w, true);
	world_run(w, 100);
	ck_assert_msg(!world_is_closed(w, q), "%s", world_heard(w, q));
	ck_assert_uint_eq(text_count(world_heard(w, ann), "PRIVMSG"), 2 * SAID);
	world_free(w);
}
END_TEST

/* Return how many steps free what was dropped. */
static unsigned
steps_to_free(struct world *w)
{
	const struct link_net *net = world_links(w, 1);
	unsigned n = 0;

	for (; trash_is_left(net); n++) {
		ck_assert_uint_lt(n, 100);
		world_tick(w, 1);
	}
	return n;
}

/* The entries that a lost snapshot carried go in pieces. */
START_TEST(entries_of_a_lost_snapshot_are_freed_in_slices)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);
	char line[128];

	world_say(w, p, "SNAP 002.50");
	for (unsigned i = 1; i <= 4 * TRASH_STEP; i++) {
		snprintf(line, sizeof(line), "ENTRY 002.50 %u %u 001 - 1", i,
		    1700000 + i);
		world_say(w, p, line);
		world_say(w, p, "+SAY PRIVMSG 002A00000 #c * :x");
	}
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
	world_ticks(w, false);
	world_hang_up(w, p);
	ck_assert_uint_ge(steps_to_free(w), 3);
	world_free(w);
}
END_TEST

#define SENT_CHANS 800 /* each of them has four facts, or more */

/* So do the lines of a snapshot that was sent. */
START_TEST(a_sent_snapshot_is_freed_in_slices)
{
	struct world *w = played_node();
	unsigned p;

	world_settings(w, 1)->pump_bytes = 1; /* a piece for each line */
	(void)played_on_channels(w, SENT_CHANS);
	world_ticks(w, false);
	p = played_asks(w, 2, "");
	world_takes(w, p, false);
	world_ticks(w, true);
	world_run(w, 500);
	world_ticks(w, false);
	world_hang_up(w, p);
	ck_assert_uint_ge(link_net_counts(world_links(w, 1))->cuts, 1);
	ck_assert_uint_ge(steps_to_free(w), 2);
	world_free(w);
}
END_TEST

/* A link whose peer has all of a long log passes it in pieces. */
START_TEST(a_cursor_passes_the_log_in_slices)
{
	struct world *w = played_node();
	const struct log *log = link_net_log(world_links(w, 1));
	unsigned p = played_sync(w), q, steps = 0;
	const struct link *l;
	char line[128];

	played_entry(w, p, "002.50", 1,
	    "+READY 002 50 002.example.org :played");
	for (unsigned i = 2; i <= 3 * PUMP_PLACES; i++)
		played_entry(w, p, "002.50", i,
		    "+SAY PRIVMSG 002A00000 #c * :x");
	world_run(w, 100);
	ck_assert(log_is_drained(log));
	q = played_open(w, 3, "");
	world_ticks(w, false);
	snprintf(line, sizeof(line), "SYNC 001.100=1 002.50=%u",
	    3 * PUMP_PLACES);
	world_takes(w, q, false);
	world_say(w, q, line);
	l = link_net_link(world_links(w, 1), 1);
	for (uint64_t pos = log_begin(log); l->pos < log_end(log); steps++) {
		ck_assert_uint_le(l->pos - pos, PUMP_PLACES);
		pos = l->pos;
		ck_assert(l->rests);
		world_tick(w, 1);
	}
	ck_assert_uint_ge(steps, 2);
	ck_assert(!l->rests);
	world_takes(w, q, true);
	/* only the last one that both have, to be compared (6.22) */
	ck_assert_uint_eq(text_count(world_heard(w, q), "ENTRY"), 1);
	world_free(w);
}
END_TEST

Suite *
slices_suite(void)
{
	Suite *s = suite_create("slices");
	TCase *t = unit_case("slices");

	tcase_add_test(t, a_split_and_a_heal_are_shown_in_slices);
	tcase_add_test(t, empty_channels_go_in_slices);
	tcase_add_test(t, void_users_go_in_slices);
	tcase_add_test(t, a_lost_snapshot_is_freed_in_slices);
	tcase_add_test(t, entries_of_a_lost_snapshot_are_freed_in_slices);
	tcase_add_test(t, a_sent_snapshot_is_freed_in_slices);
	tcase_add_test(t, a_cursor_passes_the_log_in_slices);
	suite_add_tcase(s, t);
	t = unit_case("snapshots");
	tcase_add_test(t, a_second_snapshot_waits_for_the_first);
	tcase_add_test(t, a_snapshot_that_waits_is_lost_with_its_link);
	tcase_add_test(t, a_snapshot_waits_for_the_entries_before_it);
	tcase_add_test(t, a_snapshot_waits_for_what_it_jumps);
	suite_add_tcase(s, t);
	return s;
}
