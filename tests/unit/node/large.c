/*
 * One entry that is large, or one part with which very much goes: each turn
 * does a bounded part of it (core/apply.h, core/facts/thin.h).
 */
#include <stdio.h>
#include <string.h>

#include "core/facts/founding.h"
#include "core/facts/masks.h"
#include "core/facts/reg_table.h"
#include "core/facts/thin.h"
#include "core/state.h"
#include "core/types/cost.h"
#include "lib/text.h"
#include "link/log.h"
#include "link/state.h"
#include "unit/node/check_node.h"
#include "unit/node/played.h"
#include "unit/node/world.h"

#define PARTS 600
#define TURN 8000
#define STEP_MAX 60 /* parts that a turn of TURN units may merge */

static const struct core *
core_of(struct world *w)
{
	return node_core(world_node(w, 1));
}

static const struct log *
log_of(struct world *w)
{
	return link_net_log(world_links(w, 1));
}

/* Begin the n-th entry of 002, with that many parts. */
static void
head(struct world *w, unsigned p, unsigned n, unsigned parts)
{
	char line[128];

	snprintf(line, sizeof(line), "ENTRY 002.50 %u %u * - %u", n,
	    1700000 + n, parts);
	world_say(w, p, line);
}

/* Say parts of that form, which has one number, from `from` on. */
static void
parts(struct world *w, unsigned p, const char *form, unsigned from, unsigned n)
{
	char line[256];

	for (unsigned i = from; i < from + n; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(line, sizeof(line), form, i);
#pragma GCC diagnostic pop
		world_say(w, p, line);
	}
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
}

/* Peer 002 past its READY, and user 002B00000 on #c; turns are small from then
 * on, and begin when the test says so. */
static unsigned
begin(struct world *w)
{
	unsigned p = played_sync(w);

	played_entry(w, p, "002.50", 1,
	    "+READY 002 50 002.example.org :played");
	head(w, p, 2, 4);
	world_say(w, p, "+USER 002B00000 u u 002.example.org h h :x");
	world_say(w, p, "+NICK 002B00000 bob 1 1700000000500");
	world_say(w, p, "+CHAN #c,1.002");
	world_say(w, p, "+JOIN #c,1.002 002B00000");
	world_run(w, 100);
	played_small_turns(w, TURN);
	return p;
}

static bool
is_done(struct world *w)
{
	return log_is_drained(log_of(w)) && !core_is_partial(core_of(w));
}

static void
finish(struct world *w)
{
	while (!is_done(w))
		world_tick_after(w, 1, 1);
}

/* ---- parts --------------------------------------------------------------- */

static void
say_users(struct world *w, unsigned p)
{
	head(w, p, 3, PARTS);
	parts(w, p, "+USER 002A%05u u u 002.example.org h h :x", 0, PARTS);
}

START_TEST(an_entry_is_merged_in_slices)
{
	struct world *w = played_node(), *same = played_node();
	unsigned ann = world_user(w, 1, "ann"), p = begin(w), q;
	const struct map *users = &core_of(w)->facts.users;
	size_t before = map_count(users), turns = 0;
	struct arena *a = world_arena(w);

	say_users(w, p);
	while (!is_done(w)) {
		ck_assert_uint_lt(map_count(users), before + STEP_MAX);
		before = map_count(users);
		/* it does not count as processed, and no client waits for it */
		ck_assert(core_is_partial(core_of(w)));
		ck_assert_uint_eq(log_at(log_of(w), log_of(w)->next)->entry->n,
		    3);
		world_say(w, ann, "PING :still");
		ck_assert(world_hears(w, ann, ":still"));
		world_forget(w, ann);
		world_tick_after(w, 1, 1);
		turns++;
	}
	ck_assert_uint_ge(turns, PARTS / STEP_MAX);
	ck_assert_uint_eq(map_count(users), PARTS + 2);
	/* the facts are those of one step */
	world_user(same, 1, "ann");
	q = begin(same);
	world_settings(same, 1)->turn_work = 0;
	world_ticks(same, true);
	say_users(same, q);
	world_run(same, 100);
	ck_assert(span_eq(core_canon(core_of(w), a),
	    core_canon(core_of(same), a)));
	world_free(w);
	world_free(same);
}
END_TEST

/* A user is never there without the nick. */
START_TEST(a_slice_ends_behind_the_nick_of_a_user)
{
	struct world *w = played_node();
	unsigned p = begin(w);
	const struct user *u;
	char line[128];
	size_t i;

	head(w, p, 3, PARTS);
	for (unsigned k = 0; k < PARTS / 2; k++) {
		snprintf(line, sizeof(line),
		    "+USER 002A%05u u u 002.example.org h h :x", k);
		world_say(w, p, line);
		snprintf(line, sizeof(line), "+NICK 002A%05u n%u 1 5", k, k);
		world_say(w, p, line);
	}
	while (!is_done(w)) {
		for (i = 0;
		     (u = map_next(&core_of(w)->facts.users, &i)) != NULL;)
			ck_assert_ptr_nonnull(u->claimed);
		world_tick_after(w, 1, 1);
	}
	ck_assert_uint_eq(map_count(&core_of(w)->facts.users), PARTS / 2 + 1);
	world_free(w);
}
END_TEST

/* But an entry that says more and more of one user takes several turns. */
START_TEST(a_slice_does_not_go_on_for_ever)
{
	struct world *w = played_node();
	unsigned p = begin(w), turns = 0;

	head(w, p, 3, PARTS);
	parts(w, p, "+SET 002B00000 x%u 002 :v", 0, PARTS);
	for (; !is_done(w); turns++)
		world_tick_after(w, 1, 1);
	ck_assert_uint_ge(turns, PARTS / STEP_MAX);
	world_free(w);
}
END_TEST

#define FLIPS 100

/* ann loses the nick by the first parts of an entry of 003, while users of 002
 * are hidden in slices. The home says so when all of the entry is applied. */
START_TEST(a_home_waits_for_the_end_of_an_entry)
{
	struct world *w = played_node();
	unsigned p, q, turns = 0;
	uint64_t last;

	(void)world_user(w, 1, "ann");
	p = begin(w);
	head(w, p, 3, FLIPS);
	parts(w, p, "+USER 002A%05u u u 002.example.org h h :x", 0, FLIPS);
	finish(w);
	q = played_sync_run(w, 3, 50, 78);
	played_entry(w, q, "003.50", 1, "+READY 003 50 003.example.org :x");
	finish(w);
	world_settings(w, 1)->turn_work = 500;
	world_hang_up(w, p);
	world_tick_after(w, 1, 1);
	last = core_of(w)->last_n;
	world_say(w, q, "ENTRY 003.50 2 1700000002002 * - 102");
	world_say(w, q, "+USER 003AAAAAA u u 003.example.org h h :x");
	world_say(w, q, "+NICK 003AAAAAA ann 1 1");
	parts(w, q, "+USER 003A%05u u u 003.example.org h h :x", 0, 100);
	for (; !is_done(w); world_tick_after(w, 1, 1)) {
		turns += !TAILQ_EMPTY(&core_of(w)->flips);
		if (core_is_applying(core_of(w)))
			ck_assert_uint_eq(core_of(w)->last_n, last);
	}
	ck_assert_uint_gt(turns, 2);
	world_ticks(w, true);
	world_run(w, 100);
	ck_assert_uint_eq(core_of(w)->last_n, last + 1);
	world_free(w);
}
END_TEST

START_TEST(messages_of_an_entry_are_delivered_in_slices)
{
	struct world *w = played_node();
	unsigned ann = world_user(w, 1, "ann"), p, heard, before = 0;
	unsigned turns = 0;
	char text[32];
	const char *at;

	world_say(w, ann, "JOIN #c");
	p = begin(w);
	world_forget(w, ann);
	head(w, p, 3, PARTS);
	parts(w, p, "+SAY PRIVMSG 002B00000 #c * :%04u", 0, PARTS);
	while (!is_done(w)) {
		heard = text_count(world_heard(w, ann), "PRIVMSG");
		ck_assert_uint_lt(heard, before + STEP_MAX);
		before = heard;
		world_tick_after(w, 1, 1);
		turns++;
	}
	ck_assert_uint_ge(turns, PARTS / STEP_MAX);
	heard = text_count(world_heard(w, ann), "PRIVMSG");
	ck_assert_uint_lt(heard, before + STEP_MAX);
	at = world_heard(w, ann);
	for (unsigned i = 0; i < PARTS; i++) {
		snprintf(text, sizeof(text), "PRIVMSG #c :%04u\r\n", i);
		ck_assert_ptr_nonnull(at = strstr(at, text));
	}
	ck_assert_uint_eq(text_count(world_heard(w, ann), "PRIVMSG"), PARTS);
	world_free(w);
}
END_TEST

/* Let 002 go, and link a new run of it. */
static unsigned
new_run(struct world *w, unsigned p)
{
	world_hang_up(w, p);
	world_ticks(w, true);
	world_run(w, 1000);
	world_ticks(w, false);
	p = played_sync_run(w, 2, 51, 78);
	world_tick_after(w, 1, 1);
	return p;
}

/* The void things of a READY go in slices before the next part of its entry is
 * merged. */
START_TEST(parts_behind_a_ready_wait_for_what_is_void)
{
	struct world *w = played_node();
	const struct map *users = &core_of(w)->facts.users;
	unsigned p = begin(w), turns = 0;
	size_t before;

	say_users(w, p);
	finish(w);
	p = new_run(w, p);
	before = map_count(users);
	ck_assert_uint_eq(before, PARTS + 1);
	world_say(w, p, "ENTRY 002.51 1 1700000003001 * - 2");
	world_say(w, p, "+READY 002 51 002.example.org :played");
	world_say(w, p, "+USER 002C00000 u u 002.example.org h h :x");
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
	while (!is_done(w)) {
		ck_assert_uint_lt(before - map_count(users), 150);
		before = map_count(users);
		ck_assert_ptr_null(facts_find_uid(&core_of(w)->facts,
		    (struct uid){ "002C00000" }));
		world_tick_after(w, 1, 1);
		turns++;
	}
	ck_assert_uint_ge(turns, PARTS / 150);
	ck_assert_uint_eq(map_count(users), 1);
	ck_assert_ptr_nonnull(facts_find_uid(&core_of(w)->facts,
	    (struct uid){ "002C00000" }));
	world_free(w);
}
END_TEST

/* A snapshot has all of an entry or nothing of it. */
START_TEST(no_snapshot_has_half_of_an_entry)
{
	struct world *w = played_node();
	unsigned p, q;

	world_settings(w, 1)->keep_s = 1;
	p = begin(w);
	world_ticks(w, true);
	world_run(w, 3000);
	world_ticks(w, false);
	p = played_sync_run(w, 2, 50, 79);
	world_tick_after(w, 1, 1);
	say_users(w, p);
	ck_assert(core_is_applying(core_of(w)));
	q = played_asks(w, 3, "");
	for (unsigned i = 0; i < 3; i++)
		world_tick_after(w, 1, 1);
	ck_assert(core_is_applying(core_of(w)));
	ck_assert(!world_hears(w, q, "SNAP"));
	world_ticks(w, true);
	world_run(w, 500);
	ck_assert(world_hears(w, q, "END "));
	ck_assert_uint_eq(text_count(world_heard(w, q), " +USER 002A"), PARTS);
	world_free(w);
}
END_TEST

/* An entry forgets its own run while it is applied. */
START_TEST(an_entry_forgets_its_own_run)
{
	struct world *w = played_node();
	unsigned p = begin(w);

	world_hang_up(w, p);
	world_tick_after(w, 1, 1);
	p = played_sync_run(w, 3, 50, 78);
	world_say(w, p, "LSA 002.50 2 1700000001000 :");
	head(w, p, 3, PARTS);
	world_say(w, p, "+FORGET 002 50 :002.50=2");
	parts(w, p, "+USER 002A%05u u u 002.example.org h h :x", 1, PARTS - 1);
	world_ticks(w, true);
	world_run(w, 1000);
	ck_assert(is_done(w));
	ck_assert_uint_eq(map_count(&core_of(w)->facts.users), 0);
	ck_assert_uint_eq(vector_get(&log_of(w)->have,
			      (struct origin){ { "002" }, 50 }),
	    0);
	world_free(w);
}
END_TEST

/* ---- one part ------------------------------------------------------------ */

#define MANY 3000

/* Give one turn. It may drop no more of *n than a slice, and what is left
 * to the last piece. */
static void
run_some(struct world *w, const uint32_t *n)
{
	uint32_t before = *n;

	world_tick_after(w, 1, 1);
	ck_assert_uint_le(before - *n, 2 * THIN_MAX);
}

/* Let the turns go on until all is applied. */
static void
run_down(struct world *w, const uint32_t *n)
{
	size_t turns = 0;

	ck_assert_uint_ge(*n, MANY - 2 * THIN_MAX);
	while (!is_done(w)) {
		run_some(w, n);
		ck_assert_uint_lt(turns++, MANY);
	}
	ck_assert_uint_ge(turns, MANY / (2 * THIN_MAX));
}

/* Let peer 002 say MANY parts, in entries of 1000, the next one being n. */
static void
say_many(struct world *w, unsigned p, unsigned n, const char *form)
{
	for (unsigned i = 0; i < MANY; i += 1000) {
		head(w, p, n++, 1000);
		parts(w, p, form, i, 1000);
		finish(w);
	}
}

START_TEST(a_user_on_very_many_channels_quits_in_slices)
{
	struct world *w = played_node();
	const uint32_t *members = &core_of(w)->facts.members.n;
	unsigned ann = world_user(w, 1, "ann"), p;
	const char *heard;

	world_say(w, ann, "JOIN #c,#x7,#x2999");
	p = begin(w);
	say_many(w, p, 3, "+JOIN #x%u,1.002 002B00000");
	ck_assert_uint_eq(*members, MANY + 4);
	world_forget(w, ann);
	head(w, p, 6, 1);
	world_say(w, p, "+QUIT 002B00000 :gone");
	run_down(w, members);
	ck_assert_uint_eq(*members, 3);
	heard = world_heard(w, ann);
	ck_assert_uint_eq(text_count(heard, " QUIT :gone"), 1);
	/* the user has left the others before */
	ck_assert_uint_eq(text_count(heard, " PART #c :gone"), 1);
	ck_assert_uint_eq(text_count(heard, " PART #x7 :gone"), 1);
	ck_assert_uint_eq(text_count(heard, " PART "), 2);
	world_free(w);
}
END_TEST

/* Let peer 002 say one last part, as its n-th entry, with which all that *count
 * counts goes in slices. */
static void
all_goes(struct world *w, unsigned p, unsigned n, const uint32_t *count,
    const char *last)
{
	ck_assert_uint_eq(*count, MANY);
	head(w, p, n, 1);
	world_say(w, p, last);
	run_down(w, count);
	ck_assert_uint_eq(*count, 0);
	ck_assert(!world_is_closed(w, p));
	world_free(w);
}

/* Let peer 002 say MANY parts of that form, which *count counts, and the last
 * part. */
static void
many_go(struct world *w, const uint32_t *count, const char *form,
    const char *last)
{
	unsigned p = begin(w);

	say_many(w, p, 3, form);
	all_goes(w, p, 6, count, last);
}

START_TEST(a_founding_with_very_many_masks_goes_in_slices)
{
	struct world *w = played_node();

	many_go(w, &core_of(w)->facts.masks.live,
	    "+LADD #c,1.002 ban 002 0 :m%u!*@* x",
	    "+UNCHAN #c,1.002 002.50.2.2");
}
END_TEST

START_TEST(very_many_invitations_of_a_user_go_in_slices)
{
	struct world *w = played_node();

	many_go(w, &core_of(w)->facts.invites.live,
	    "+INVITE #c,1.002 002B00000 002 %u", "+QUIT 002B00000 :gone");
}
END_TEST

START_TEST(very_many_invitations_to_a_channel_go_in_slices)
{
	struct world *w = played_node();

	many_go(w, &core_of(w)->facts.invites.live,
	    "+INVITE #c,1.002 002B00000 002 %u", "+UNCHAN #c,1.002 002.50.2.2");
}
END_TEST

START_TEST(later_facts_of_one_owner_go_in_slices)
{
	struct world *w = played_node();

	many_go(w, &core_of(w)->facts.unknown_elements.live,
	    "@kind=element,u1 +LATER 002B00000 %u", "+QUIT 002B00000 :gone");
}
END_TEST

/* The same if they belong to the only membership of the user. */
START_TEST(later_facts_of_one_membership_go_in_slices)
{
	struct world *w = played_node();

	many_go(w, &core_of(w)->facts.unknown_elements.live,
	    "@kind=element,m1 +LATER 002.50.2.3 %u", "+QUIT 002B00000 :gone");
}
END_TEST

/* The same if the user has some memberships, and each of them has some. */
START_TEST(later_facts_of_some_memberships_go_in_slices)
{
	struct world *w = played_node();
	unsigned p = begin(w), n = 3;

	head(w, p, n++, 200);
	parts(w, p, "+JOIN #x%u,1.002 002B00000", 0, 200);
	for (unsigned i = 0; i < MANY; i += 200) {
		head(w, p, n++, 200);
		parts(w, p, "@kind=element,m1 +LATER 002.50.3.%u", 0, 200);
		finish(w);
	}
	all_goes(w, p, n, &core_of(w)->facts.unknown_elements.live,
	    "+QUIT 002B00000 :gone");
}
END_TEST

/* The same if a later stay replaces the membership. */
START_TEST(later_facts_of_a_stay_that_is_replaced_go_in_slices)
{
	struct world *w = played_node();

	many_go(w, &core_of(w)->facts.unknown_elements.live,
	    "@kind=element,m1 +LATER 002.50.2.3 %u",
	    "+JOIN #c,1.002 002B00000");
}
END_TEST

/* A user with a HOME is on very many channels, and the next home knows of no
 * JOIN. */
START_TEST(stays_beyond_the_base_go_in_slices)
{
	struct world *w = played_node();
	unsigned p = played_sync(w), n = 1;
	char line[128];

	played_entry(w, p, "002.50", n++,
	    "+READY 002 50 002.example.org :played");
	head(w, p, n++, 2);
	world_say(w, p, "+USER 002B00000 u u 002.example.org h h :x");
	world_say(w, p, "+HOME 002B00000 1 002.50 * 0");
	for (unsigned i = 0; i < MANY; i += 200) {
		snprintf(line, sizeof(line),
		    "ENTRY 002.50 %u %u * 002B00000.1,1,%u,1 200", n,
		    1700000 + n, n);
		n++;
		world_say(w, p, line);
		parts(w, p, "+JOIN #x%u,1.002 002B00000", i, 200);
	}
	finish(w);
	played_small_turns(w, TURN);
	all_goes(w, p, n, &core_of(w)->facts.members.n,
	    "+HOME 002B00000 2 002.50 * 0");
}
END_TEST

/* The same if a snapshot has the next home, and each of some memberships has
 * facts of later verbs. */
START_TEST(later_facts_of_former_stays_go_in_slices)
{
	struct world *w = played_node();
	const uint32_t *later = &core_of(w)->facts.unknown_elements.live;
	unsigned p = played_sync(w), n = 1;

	played_entry(w, p, "002.50", n++,
	    "+READY 002 50 002.example.org :played");
	head(w, p, n++, 2);
	world_say(w, p, "+USER 002B00000 u u 002.example.org h h :x");
	world_say(w, p, "+HOME 002B00000 1 002.50 * 0");
	world_say(w, p, "ENTRY 002.50 3 1700003 * 002B00000.1,1,1,1 200");
	parts(w, p, "+JOIN #x%u,1.002 002B00000", 0, 200);
	for (n++; *later < MANY; n++) {
		head(w, p, n, 200);
		parts(w, p, "@kind=element,m1 +LATER 002.50.3.%u", 0, 200);
		finish(w);
	}
	played_small_turns(w, TURN);
	world_say(w, p, "SNAP 002.50");
	world_say(w, p,
	    "@dot=002.50.1.0;stamp=1700001 +READY 002 50 002.example.org :x");
	world_say(w, p,
	    "@dot=002.50.2.0;stamp=1700002 +USER 002B00000 u u x h h :x");
	world_say(w, p,
	    "@dot=002.50.900.0;stamp=1700900 +HOME 002B00000 2 002.50 * 0");
	world_say(w, p, "END 002.50=1000/1000");
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
	run_down(w, later);
	ck_assert_uint_eq(*later, 0);
	world_free(w);
}
END_TEST

/* The same if the server of the user begins a new run. */
START_TEST(a_void_user_on_very_many_channels_goes_in_slices)
{
	struct world *w = played_node();
	const uint32_t *members = &core_of(w)->facts.members.n;
	unsigned p = begin(w);

	say_many(w, p, 3, "+JOIN #x%u,1.002 002B00000");
	p = new_run(w, p);
	world_say(w, p, "ENTRY 002.51 1 1700000003001 * - 1");
	world_say(w, p, "+READY 002 51 002.example.org :played");
	run_down(w, members);
	ck_assert_uint_eq(*members, 0);
	world_free(w);
}
END_TEST

/* The same if a snapshot lacks the user, or a channel with very many masks. */
START_TEST(what_a_snapshot_lacks_goes_in_slices)
{
	struct world *w = played_node();
	const uint32_t *members = &core_of(w)->facts.members.n;
	const uint32_t *masks = &core_of(w)->facts.masks.live;
	unsigned p = begin(w);
	uint32_t had;

	say_many(w, p, 3, "+JOIN #x%u,1.002 002B00000");
	say_many(w, p, 6, "+LADD #c,1.002 ban 002 0 :m%u!*@* x");
	world_say(w, p, "SNAP 002.50");
	world_say(w, p,
	    "@dot=002.50.1.0;stamp=1700001 +READY 002 50 002.example.org :x");
	world_say(w, p, "END 002.50=1000/1000");
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
	while (!is_done(w)) {
		had = *masks;
		run_some(w, members);
		ck_assert_uint_le(had - *masks, 2 * THIN_MAX);
	}
	ck_assert_uint_eq(*members, 0);
	ck_assert_uint_eq(*masks, 0);
	world_free(w);
}
END_TEST

/* Let peer 002 say MANY parts of that form, which *count counts. Then let it
 * send a snapshot that has that fact, and none of them. */
static void
snapshot_lacks(struct world *w, const uint32_t *count, const char *form,
    const char *fact)
{
	unsigned p = begin(w);

	say_many(w, p, 3, form);
	world_say(w, p, "SNAP 002.50");
	world_say(w, p,
	    "@dot=002.50.1.0;stamp=1700001 +READY 002 50 002.example.org :x");
	world_say(w, p, fact);
	world_say(w, p, "END 002.50=1000/1000");
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
	run_down(w, count);
	ck_assert_uint_eq(*count, 0);
	world_free(w);
}

/* The snapshot has the user, and lacks a membership with very many facts. */
START_TEST(a_stay_that_a_snapshot_lacks_goes_in_slices)
{
	struct world *w = played_node();

	snapshot_lacks(w, &core_of(w)->facts.unknown_elements.live,
	    "@kind=element,m1 +LATER 002.50.2.3 %u",
	    "@dot=002.50.2.0;stamp=1700002 +USER 002B00000 u u x h h :x");
}
END_TEST

/* The snapshot has the channel, and lacks the masks alone. */
START_TEST(masks_that_a_snapshot_lacks_go_in_slices)
{
	struct world *w = played_node();

	snapshot_lacks(w, &core_of(w)->facts.masks.live,
	    "+LADD #c,1.002 ban 002 0 :m%u!*@* x",
	    "@dot=002.50.2.2;stamp=1700002 +CHAN #c,1.002");
}
END_TEST

/* The snapshot lacks elements of a later verb. The queue may spend some of
 * each turn on them, and each costs as much as it cost to merge it. */
START_TEST(elements_that_a_snapshot_lacks_are_spent_for)
{
	struct world *w = played_node();
	const uint32_t *count = &core_of(w)->facts.unknown_elements.live;
	unsigned p = begin(w);
	uint32_t had;

	say_many(w, p, 3, "@kind=element +LATER %u");
	world_say(w, p, "SNAP 002.50");
	world_say(w, p,
	    "@dot=002.50.1.0;stamp=1700001 +READY 002 50 002.example.org :x");
	world_say(w, p, "END 002.50=1000/1000");
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
	while (!is_done(w)) {
		had = *count;
		world_tick_after(w, 1, 1);
		ck_assert_uint_le(had - *count, TURN / 2 / COST_PART);
	}
	ck_assert_uint_eq(*count, 0);
	world_free(w);
}
END_TEST

/* The users that are here are compared with a snapshot in slices, and no entry
 * is processed meanwhile. */
START_TEST(a_snapshot_is_judged_in_slices)
{
	struct world *w = played_node();
	const struct link_net *net = world_links(w, 1);
	unsigned p = begin(w), q, turns = 0;
	char line[160];

	say_many(w, p, 3, "+USER 002A%05u u u 002.example.org h h :x");
	q = played_sync_run(w, 3, 50, 78);
	world_tick_after(w, 1, 1);
	world_say(w, q, "SNAP 003.50");
	world_say(w, q,
	    "@dot=002.50.1.0;stamp=1700001 +READY 002 50 002.example.org :x");
	world_say(w, q,
	    "@dot=002.50.2.0;stamp=1700002 +USER 002B00000 u u x h h :x");
	for (unsigned i = 0; i < MANY - 1; i++) {
		snprintf(line, sizeof(line),
		    "@dot=002.50.%u.%u;stamp=%u +USER 002A%05u u u x h h :x",
		    3 + i / 1000, i % 1000, 1700003 + i / 1000, i);
		world_say(w, q, line);
	}
	world_say(w, q, "END 002.50=5/5");
	head(w, p, 6, 1);
	world_say(w, p, "+QUIT 002A02999 :x");
	while (net->judges) {
		ck_assert_ptr_nonnull(facts_find_uid(&core_of(w)->facts,
		    (struct uid){ "002A02999" }));
		world_tick_after(w, 1, 1);
		turns++;
	}
	ck_assert_uint_ge(turns, MANY / 1024);
	/* it lacks the last of them, and says that nothing came after */
	played_hears(w, q, "ERROR snapshot ");
	finish(w);
	ck_assert_uint_eq(map_count(&core_of(w)->facts.users), MANY);
	world_free(w);
}
END_TEST

/* ---- registers ----------------------------------------------------------- */

#define FIELDS 12000
#define FIELD_PARTS 1000

/* An entry writes many fields of a user, who has very many. The user is hidden,
 * and on a channel that has members here. */
START_TEST(an_entry_writes_to_very_many_fields)
{
	struct world *w = played_node();
	unsigned ann = world_user(w, 1, "ann"), p = played_sync(w), n = 1;
	const uint64_t *looks = &core_of(w)->facts.reg_visits;
	uint64_t before;

	world_say(w, ann, "JOIN #c");
	played_entry(w, p, "002.50", n++,
	    "+READY 002 50 002.example.org :played");
	played_entry(w, p, "002.50", n++,
	    "+USER 002AAAAAA u u 002.example.org h h :x");
	played_entry(w, p, "002.50", n++, "+JOIN #c,1.002 002AAAAAA");
	for (unsigned i = 0; i < FIELDS; i += FIELD_PARTS) {
		head(w, p, n++, FIELD_PARTS);
		parts(w, p, "+SET 002AAAAAA x%u 002 :v", i, FIELD_PARTS);
	}
	finish(w);
	before = *looks;
	head(w, p, n++, FIELD_PARTS);
	parts(w, p, "+SET 002AAAAAA x%u 002 :w", FIELDS / 2, FIELD_PARTS);
	finish(w);
	ck_assert_uint_le(*looks - before, FIELD_PARTS * 40);
	ck_assert(!world_is_closed(w, p));
	world_free(w);
}
END_TEST

/* Peer 002 with user 002B00000, who has FIELDS fields. Return the number of its
 * last entry. */
static unsigned
with_fields(struct world *w, unsigned *p)
{
	unsigned n = 2;

	*p = begin(w);
	for (unsigned i = 0; i < FIELDS; i += FIELD_PARTS) {
		head(w, *p, ++n, FIELD_PARTS);
		parts(w, *p, "+SET 002B00000 x%u 002 :v", i, FIELD_PARTS);
		finish(w);
	}
	return n;
}

/* Only the fields that this server shows are looked at when such a user
 * changes. */
START_TEST(a_user_with_very_many_fields_changes)
{
	struct world *w = played_node();
	unsigned p, n = with_fields(w, &p);
	const struct facts *f = &core_of(w)->facts;
	uint64_t before = f->last->reg_visits;

	head(w, p, n + 1, 1);
	world_say(w, p, "+SET 002B00000 mode/invisible 002 :1");
	finish(w);
	ck_assert_uint_eq(facts_find_uid(f, (struct uid){ "002B00000" })->modes,
	    UMB(INVISIBLE));
	ck_assert_uint_gt(f->last->reg_visits, before);
	ck_assert_uint_le(f->last->reg_visits - before, f->nmeant * 40);
	ck_assert_uint_le(f->nmeant, 10);
	world_free(w);
}
END_TEST

/* Return how many registers are to be freed. */
static uint32_t
left_to_free(const struct facts *f)
{
	return f->shed == NULL ? 0 : reg_table_count(f->shed);
}

START_TEST(very_many_fields_are_freed_in_slices)
{
	struct world *w = played_node();
	unsigned p, n = with_fields(w, &p), turns = 0;
	const struct facts *f = &core_of(w)->facts;
	uint32_t before;

	head(w, p, n + 1, 1);
	world_say(w, p, "+QUIT 002B00000 :gone");
	finish(w);
	ck_assert_uint_eq(map_count(&f->users), 0);
	for (before = FIELDS; f->shed != NULL; turns++) {
		ck_assert_uint_le(before - left_to_free(f), TURN / COST_VISIT);
		before = left_to_free(f);
		world_tick_after(w, 1, 1);
	}
	ck_assert_uint_ge(turns, FIELDS / (TURN / COST_VISIT));
	world_free(w);
}
END_TEST

/* ---- own entries --------------------------------------------------------- */

/* The answer to a command is one batch under its label, though its entry is
 * applied in several turns and the answer has listings. */
START_TEST(an_own_entry_is_answered_as_one)
{
	struct world *w = played_node();
	unsigned ann = world_user(w, 1, "ann");
	const char *heard;
	char line[400];
	size_t n = 0;

	world_say(w, ann, "CAP REQ :labeled-response batch");
	world_run(w, 100);
	world_settings(w, 1)->turn_work = 1000;
	world_ticks(w, false);
	world_tick_after(w, 1, 1);
	world_forget(w, ann);
	n = (size_t)snprintf(line, sizeof(line), "@label=x JOIN #a");
	for (unsigned i = 0; i < 40; i++)
		n += (size_t)snprintf(line + n, sizeof(line) - n, ",#c%u", i);
	world_say(w, ann, line);
	ck_assert(core_is_applying(core_of(w)));
	for (unsigned i = 0; i < 300; i++)
		world_tick_after(w, 1, 1);
	ck_assert(is_done(w));
	heard = world_heard(w, ann);
	ck_assert_uint_eq(text_count(heard, "label=x"), 1);
	ck_assert_uint_eq(text_count(heard, " labeled-response\r\n"), 1);
	ck_assert_uint_eq(text_count(heard, " BATCH -"), 1);
	ck_assert_uint_eq(text_count(heard, " JOIN #"), 41);
	ck_assert_uint_eq(text_count(heard, " 366 "), 41);
	ck_assert_uint_eq(text_count(heard, "@batch="),
	    text_count(heard, "\r\n") - 2);
	world_say(w, ann, "PING :next");
	ck_assert(world_hears(w, ann, ":next"));
	world_free(w);
}
END_TEST

/* Return where the piece is in what the client heard. */
static size_t
place_of(struct world *w, unsigned c, const char *piece)
{
	const char *at = strstr(world_heard(w, c), piece);

	ck_assert_msg(at != NULL, "no %s in\n%s", piece, world_heard(w, c));
	return (size_t)(at - world_heard(w, c));
}

#define HIDDEN 20

/*
 * The users of a server that is gone are hidden in slices. Some turns later ann
 * gives the last of them a status, by an entry that takes several turns, too.
 */
START_TEST(others_do_not_overtake_an_own_entry)
{
	struct world *w = played_node();
	unsigned ann = world_user(w, 1, "ann"), p;

	world_say(w, ann, "CAP REQ :labeled-response batch");
	world_say(w, ann, "JOIN #d");
	p = begin(w);
	head(w, p, 3, HIDDEN);
	parts(w, p, "+USER 002A%05u u u 002.example.org h h :x", 0, HIDDEN);
	finish(w);
	played_entry(w, p, "002.50", 4, "+JOIN #d,1.002 002A00019");
	finish(w);
	world_settings(w, 1)->turn_work = 150;
	world_hang_up(w, p);
	world_forget(w, ann);
	for (int i = 0; i < _i; i++)
		world_tick_after(w, 1, 1);
	world_say(w, ann, "@label=x MODE #d +vbbb 002A00019 x!*@* y!*@* z!*@*");
	for (unsigned i = 0; i < 50; i++)
		world_tick_after(w, 1, 1);
	world_ticks(w, true);
	world_run(w, 1000);
	ck_assert(is_done(w));
	if (world_hears(w, ann, " MODE #d +v"))
		ck_assert_uint_lt(place_of(w, ann, " MODE #d +v"),
		    place_of(w, ann, ":002A00019!u@h QUIT "));
	ck_assert_uint_eq(text_count(world_heard(w, ann), "label=x"), 1);
	world_free(w);
}
END_TEST

/* The client goes in the middle. */
START_TEST(the_client_of_an_entry_goes_meanwhile)
{
	struct world *w = played_node();
	unsigned ann = world_user(w, 1, "ann");

	world_say(w, ann, "CAP REQ :labeled-response batch");
	world_run(w, 100);
	world_settings(w, 1)->turn_work = 500;
	world_ticks(w, false);
	world_tick_after(w, 1, 1);
	world_say(w, ann, "@label=x JOIN #a,#b,#c,#d,#e,#f,#g,#h,#i,#j,#k,#l");
	world_tick_after(w, 1, 1);
	ck_assert(core_is_applying(core_of(w)));
	world_hang_up(w, ann);
	for (unsigned i = 0; i < 300; i++)
		world_tick_after(w, 1, 1);
	ck_assert(is_done(w));
	ck_assert_uint_eq(map_count(&core_of(w)->facts.users), 0);
	world_free(w);
}
END_TEST

/* mutants.def names the cases: a case with very many facts takes long. */
static void
add_case(Suite *s, const char *name, const TTest *test)
{
	TCase *t = unit_case(name);

	tcase_add_test(t, test);
	suite_add_tcase(s, t);
}

Suite *
large_suite(void)
{
	Suite *s = suite_create("large");
	TCase *t = unit_case("entries");

	tcase_add_test(t, an_entry_is_merged_in_slices);
	tcase_add_test(t, a_slice_ends_behind_the_nick_of_a_user);
	tcase_add_test(t, a_slice_does_not_go_on_for_ever);
	tcase_add_test(t, a_home_waits_for_the_end_of_an_entry);
	tcase_add_test(t, messages_of_an_entry_are_delivered_in_slices);
	tcase_add_test(t, parts_behind_a_ready_wait_for_what_is_void);
	tcase_add_test(t, no_snapshot_has_half_of_an_entry);
	tcase_add_test(t, an_entry_forgets_its_own_run);
	tcase_add_test(t, an_own_entry_is_answered_as_one);
	tcase_add_loop_test(t, others_do_not_overtake_an_own_entry, 0, 20);
	tcase_add_test(t, the_client_of_an_entry_goes_meanwhile);
	suite_add_tcase(s, t);
	t = unit_case("owners");
	tcase_add_test(t, later_facts_of_one_owner_go_in_slices);
	tcase_add_test(t, later_facts_of_one_membership_go_in_slices);
	suite_add_tcase(s, t);
	add_case(s, "quits", a_user_on_very_many_channels_quits_in_slices);
	add_case(s, "masks", a_founding_with_very_many_masks_goes_in_slices);
	t = unit_case("invites");
	tcase_add_test(t, very_many_invitations_of_a_user_go_in_slices);
	tcase_add_test(t, very_many_invitations_to_a_channel_go_in_slices);
	suite_add_tcase(s, t);
	add_case(s, "stays", later_facts_of_some_memberships_go_in_slices);
	add_case(s, "replaced",
	    later_facts_of_a_stay_that_is_replaced_go_in_slices);
	t = unit_case("homes");
	tcase_add_test(t, stays_beyond_the_base_go_in_slices);
	tcase_add_test(t, later_facts_of_former_stays_go_in_slices);
	suite_add_tcase(s, t);
	add_case(s, "void", a_void_user_on_very_many_channels_goes_in_slices);
	add_case(s, "lacks", what_a_snapshot_lacks_goes_in_slices);
	add_case(s, "lacks-stay", a_stay_that_a_snapshot_lacks_goes_in_slices);
	add_case(s, "lacks-masks", masks_that_a_snapshot_lacks_go_in_slices);
	add_case(s, "lacks-elements",
	    elements_that_a_snapshot_lacks_are_spent_for);
	add_case(s, "judged", a_snapshot_is_judged_in_slices);
	t = unit_case("fields");
	tcase_add_test(t, an_entry_writes_to_very_many_fields);
	tcase_add_test(t, a_user_with_very_many_fields_changes);
	tcase_add_test(t, very_many_fields_are_freed_in_slices);
	suite_add_tcase(s, t);
	return s;
}
