/*
 * The entries of the log that a snapshot carries: the sender gathers them, and
 * the receiver takes them, in slices of a turn; the result is that of one step.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/state.h"
#include "lib/text.h"
#include "link/log.h"
#include "unit/node/check_node.h"
#include "unit/node/played.h"
#include "unit/node/world.h"

#define SAID 3000
#define TURN 4000
#define STEP_MAX 700 /* entries that a step of such a turn may look at */

static const struct log *
log_of(struct world *w)
{
	return link_net_log(world_links(w, 1));
}

static const struct link_counts *
counts(struct world *w)
{
	return link_net_counts(world_links(w, 1));
}

/* ---- the sender ---------------------------------------------------------- */

/* Node 1, which has lost its first entries, and has SAID of 002 in its log. */
static struct world *
with_long_log(unsigned *p)
{
	struct world *w = played_node();

	(void)played_on_channels(w, 3);
	world_settings(w, 1)->keep_s = 1000;
	*p = played_sync(w);
	played_entry(w, *p, "002.50", 1,
	    "+READY 002 50 002.example.org :played");
	played_messages(w, *p, 2, SAID);
	world_run(w, 100);
	ck_assert(log_is_drained(log_of(w)));
	return w;
}

/* Wait until the text for 003 is made; 002 got one before. */
static void
wait_for_text(struct world *w)
{
	while (counts(w)->cuts == 1 ||
	       !core_walk_is_done(node_core(world_node(w, 1))))
		world_tick(w, 1);
}

/* Return how many ticks come then before the snapshot of 003 is sent. */
static unsigned
ticks_before(struct world *w)
{
	unsigned n = 0;

	wait_for_text(w);
	for (; counts(w)->snaps_out == 1; n++) {
		ck_assert_uint_lt(n, 100);
		world_tick(w, 1);
	}
	return n;
}

START_TEST(entries_are_gathered_in_slices)
{
	unsigned p, q;
	struct world *w = with_long_log(&p);

	played_small_turns(w, TURN);
	q = played_asks(w, 3, "");
	ck_assert_uint_ge(ticks_before(w), SAID / STEP_MAX);
	world_ticks(w, true);
	world_run(w, 100);
	played_hears(w, q, "\r\nEND ");
	ck_assert_uint_eq(text_count(world_heard(w, q), "+SAY PRIVMSG"),
	    SAID - 1);
	world_free(w);
}
END_TEST

/* Return what 003 is sent of a snapshot. More entries come while they are
 * gathered, and the log is too long then. The caller frees it. */
static char *
snapshot_of_turns(int64_t units)
{
	unsigned p, q;
	struct world *w = with_long_log(&p);
	const char *from, *to;
	char *text;

	played_small_turns(w, units);
	q = played_asks(w, 3, "");
	wait_for_text(w);
	world_settings(w, 1)->keep_bytes = log_of(w)->bytes / 2;
	played_messages(w, p, SAID + 1, SAID + 10);
	(void)ticks_before(w);
	world_ticks(w, true);
	world_run(w, 100);
	ck_assert_uint_le(log_of(w)->bytes, world_settings(w, 1)->keep_bytes);
	from = strstr(world_heard(w, q), "SNAP 001.");
	to = from == NULL ? NULL : strstr(from, "\r\nEND ");
	to = to == NULL ? NULL : strstr(to + 2, "\r\n");
	ck_assert_ptr_nonnull(to);
	text = strndup(from, (size_t)(to - from));
	ck_assert_ptr_nonnull(text);
	world_free(w);
	return text;
}

START_TEST(a_gathered_snapshot_is_that_of_one_step)
{
	char *one = snapshot_of_turns(0), *many = snapshot_of_turns(TURN);

	ck_assert_str_eq(many, one);
	free(one);
	free(many);
}
END_TEST

/* Nothing is trimmed that is still to be gathered, and no place is kept when
 * the link is lost. */
START_TEST(a_lost_link_keeps_no_place_of_the_log)
{
	unsigned p, q;
	struct world *w = with_long_log(&p);

	played_small_turns(w, TURN);
	q = played_asks(w, 3, "");
	for (unsigned i = 0; i < 2; i++)
		world_tick(w, 1);
	ck_assert_uint_eq(counts(w)->snaps_out, 1);
	world_hang_up(w, q);
	world_settings(w, 1)->keep_bytes = 1000;
	world_ticks(w, true);
	world_run(w, 100);
	ck_assert_uint_le(log_of(w)->bytes, 1000);
	ck_assert_uint_eq(world_logged(w, 1, LOG_SNAPSHOT_LOST), 0);
	world_free(w);
}
END_TEST

/* ---- the receiver -------------------------------------------------------- */

/* The run 002.50 says a snapshot whose entries from `from` to SAID are carried,
 * without its END. They jump over the entries before. ann's channel has its
 * user bob. */
static void
say_snapshot(struct world *w, unsigned p, unsigned from)
{
	world_say(w, p, "SNAP 002.50");
	world_say(w, p,
	    "@dot=002.50.1.0;stamp=1700001 +READY 002 50 002.example.org :x");
	world_say(w, p,
	    "@dot=002.50.2.0;stamp=1700002 "
	    "+USER 002AAAAAA bob bob 002.example.org 1.2.3.4 1.2.3.4 :Bob");
	played_messages(w, p, from, SAID);
}

static void
say_end(struct world *w, unsigned p, unsigned from)
{
	char line[64];

	snprintf(line, sizeof(line), "END 002.50=%u/%u", SAID, from - 1);
	world_say(w, p, line);
}

static size_t
in_log(struct world *w)
{
	return (size_t)(log_end(log_of(w)) - log_begin(log_of(w)));
}

/* Return how many entries of 002 are accepted. */
static unsigned
have(struct world *w)
{
	const struct origin o = { { "002" }, 50 };

	return (unsigned)vector_get(&log_of(w)->have, o);
}

/* Node 1 with ann on #c, and 002, of which a snapshot may end. */
static struct world *
before_end(int64_t units, unsigned *ann, unsigned *p)
{
	struct world *w = played_node();

	*ann = world_user(w, 1, "ann");
	world_say(w, *ann, "JOIN #c");
	*p = played_sync(w);
	world_run(w, 100);
	played_small_turns(w, units);
	say_snapshot(w, *p, 10);
	world_tick_after(w, 1, 1);
	return w;
}

static void
finish(struct world *w)
{
	world_ticks(w, true);
	world_run(w, 100);
	ck_assert(log_is_drained(log_of(w)));
	ck_assert_uint_eq(counts(w)->snaps_in, 1);
}

/* The carried entries are checked, and go into the log, in slices. No user of
 * the snapshot is here before they are all in. */
START_TEST(entries_are_accepted_in_slices)
{
	unsigned ann, p, turns = 0;
	struct world *w = before_end(TURN, &ann, &p);
	const struct map *users = &node_core(world_node(w, 1))->facts.users;
	size_t had = in_log(w), before;

	say_end(w, p, 10);
	for (before = had; in_log(w) < had + SAID - 9; turns++) {
		ck_assert_uint_lt(turns, 200);
		ck_assert_uint_le(in_log(w) - before, STEP_MAX);
		ck_assert_uint_eq(map_count(users), 1);
		before = in_log(w);
		world_tick_after(w, 1, 1);
	}
	ck_assert_uint_ge(turns, 2 * (SAID / STEP_MAX));
	finish(w);
	ck_assert_uint_eq(map_count(users), 2);
	ck_assert_uint_eq(text_count(world_heard(w, ann), "PRIVMSG #c"),
	    SAID - 9);
	ck_assert(!world_is_held(w, p));
	ck_assert(!world_is_closed(w, p));
	world_free(w);
}
END_TEST

/* Write each entry of the log, and the vectors. */
static char *
state_of(struct world *w)
{
	const struct log *log = log_of(w);
	const struct vector *all[] = { &log->have, &log->done, &log->merged,
		&log->floor };
	struct span canon;
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	ck_assert_ptr_nonnull(f);
	for (uint64_t p = log_begin(log); p < log_end(log); p++) {
		const struct entry *e = log_at(log, p)->entry;

		fprintf(f, "%s.%u %u\n", e->o.sid.s, e->o.inc, (unsigned)e->n);
	}
	for (unsigned k = 0; k < 4; k++)
		for (size_t i = 0; i < all[k]->n; i++)
			fprintf(f, "%u: %s.%u=%u\n", k, all[k]->v[i].o.sid.s,
			    all[k]->v[i].o.inc, (unsigned)all[k]->v[i].n);
	canon = core_canon(node_core(world_node(w, 1)), world_arena(w));
	fprintf(f, "%.*s", SPAN_ARG(canon));
	fclose(f);
	return text;
}

/* Return the state after a snapshot is taken in turns of that size. */
static char *
state_of_turns(int64_t units)
{
	unsigned ann, p;
	struct world *w = before_end(units, &ann, &p);
	char *text;

	say_end(w, p, 10);
	finish(w);
	text = state_of(w);
	world_free(w);
	return text;
}

START_TEST(entries_are_accepted_as_in_one_step)
{
	char *one = state_of_turns(0), *many = state_of_turns(TURN);

	ck_assert_str_eq(many, one);
	free(one);
	free(many);
}
END_TEST

/* Give ticks until some entries are accepted, and not all. */
static void
until_half(struct world *w, size_t had)
{
	while (in_log(w) == had)
		world_tick_after(w, 1, 1);
	ck_assert_uint_lt(in_log(w), had + SAID - 9);
	ck_assert(link_net_is_taking(world_links(w, 1)));
}

/* The link is lost in the middle. */
START_TEST(a_snapshot_is_taken_though_its_link_ends)
{
	unsigned ann, p;
	struct world *w = before_end(TURN, &ann, &p);
	const struct map *users = &node_core(world_node(w, 1))->facts.users;

	say_end(w, p, 10);
	until_half(w, in_log(w));
	world_hang_up(w, p);
	finish(w);
	ck_assert_uint_eq(map_count(users), 2);
	ck_assert_uint_eq(have(w), SAID);
	world_free(w);
}
END_TEST

/* An own entry that is made meanwhile stands where it was made, and takes
 * effect behind the snapshot. The same entries come on another link, too. */
START_TEST(entries_come_while_others_are_accepted)
{
	unsigned ann, p, q;
	struct world *w = before_end(TURN, &ann, &p);
	size_t had;

	q = played_sync_run(w, 3, 50, 78);
	world_tick_after(w, 1, 1);
	had = in_log(w);
	say_end(w, p, 10);
	until_half(w, had);
	world_say(w, ann, "TOPIC #c :early");
	ck_assert(!world_hears(w, ann, "TOPIC"));
	played_messages(w, q, have(w) + 1, SAID);
	finish(w);
	ck_assert(world_hears(w, ann, "TOPIC #c :early"));
	ck_assert_uint_eq(text_count(world_heard(w, ann), "PRIVMSG #c"),
	    SAID - 9);
	ck_assert_uint_eq(in_log(w), had + SAID - 9 + 1);
	world_free(w);
}
END_TEST

/* A second snapshot ends meanwhile, and waits; nothing is cut. */
START_TEST(a_second_snapshot_waits_for_the_entries)
{
	unsigned ann, p, q;
	struct world *w = before_end(TURN, &ann, &p);

	q = played_sync_run(w, 3, 50, 78);
	world_say(w, q, "SNAP 003.50");
	world_say(w, q,
	    "@dot=003.50.1.0;stamp=1700001 +READY 003 50 003.example.org :x");
	say_end(w, p, 10);
	until_half(w, in_log(w));
	world_say(w, q, "END 003.50=1/1");
	ck_assert(world_is_held(w, q));
	ck_assert(world_is_held(w, p));
	world_ticks(w, true);
	world_run(w, 100);
	ck_assert_uint_eq(counts(w)->snaps_in, 2);
	ck_assert_uint_eq(text_count(world_heard(w, ann), "PRIVMSG #c"),
	    SAID - 9);
	ck_assert(!world_is_closed(w, p));
	ck_assert(!world_is_closed(w, q));
	world_free(w);
}
END_TEST

/* One entry is missing: nothing is taken. */
START_TEST(a_gap_is_found_in_slices)
{
	unsigned ann, p, turns = 0;
	struct world *w = before_end(TURN, &ann, &p);
	size_t had = in_log(w);

	say_end(w, p, 9);
	while (!world_is_closed(w, p)) {
		ck_assert_uint_lt(++turns, 100);
		world_tick_after(w, 1, 1);
	}
	played_hears(w, p, "ERROR snapshot :a carried entry is missing");
	world_ticks(w, true);
	world_run(w, 100);
	ck_assert_uint_eq(in_log(w), had);
	ck_assert_uint_eq(counts(w)->snaps_in, 0);
	world_free(w);
}
END_TEST

Suite *
carried_suite(void)
{
	Suite *s = suite_create("carried");
	TCase *t = unit_case("carried");

	tcase_add_test(t, entries_are_gathered_in_slices);
	tcase_add_test(t, a_gathered_snapshot_is_that_of_one_step);
	tcase_add_test(t, a_lost_link_keeps_no_place_of_the_log);
	tcase_add_test(t, entries_are_accepted_in_slices);
	tcase_add_test(t, entries_are_accepted_as_in_one_step);
	tcase_add_test(t, a_snapshot_is_taken_though_its_link_ends);
	tcase_add_test(t, entries_come_while_others_are_accepted);
	tcase_add_test(t, a_second_snapshot_waits_for_the_entries);
	tcase_add_test(t, a_gap_is_found_in_slices);
	suite_add_tcase(s, t);
	return s;
}
