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

/* The run 002.50 says one entry after the other, up to `to`. */
static void
say_entries(struct world *w, unsigned p, unsigned from, unsigned to)
{
	char part[64];

	for (unsigned i = from; i <= to; i++) {
		snprintf(part, sizeof(part),
		    "+SAY PRIVMSG 002AAAAAA #c * :%04u", i);
		played_entry(w, p, "002.50", i, part);
	}
}

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
	say_entries(w, *p, 2, SAID);
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
	say_entries(w, p, SAID + 1, SAID + 10);
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

Suite *
carried_suite(void)
{
	Suite *s = suite_create("carried");
	TCase *t = unit_case("carried");

	tcase_add_test(t, entries_are_gathered_in_slices);
	tcase_add_test(t, a_gathered_snapshot_is_that_of_one_step);
	tcase_add_test(t, a_lost_link_keeps_no_place_of_the_log);
	suite_add_tcase(s, t);
	return s;
}
