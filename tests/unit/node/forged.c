/*
 * A linked server, 004, that makes entries in the name of another server. Nodes
 * 1, 2 and 3 are a line, and 004 is linked with node 1; ann is on 1, cat and
 * cid on 3.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/state.h"
#include "link/state.h"
#include "unit/node/check_node.h"
#include "unit/node/liars.h"
#include "unit/node/played.h"
#include "unit/node/world.h"

/* The uids that node 3 gives away. */
#define CAT "003AAAXFM"
#define CID "003AAAXFN"
#define THIRD "003AAAXFO"
#define FIFTH "003AAAXFQ"

struct line {
	struct world *w;
	unsigned ann, cat, cid, liar;
};

static struct line
line_new(void)
{
	struct line t = { .w = played_line() };

	t.ann = world_user(t.w, 1, "ann");
	t.cat = world_user(t.w, 3, "cat");
	t.cid = world_user(t.w, 3, "cid");
	world_run(t.w, 500);
	t.liar = played_liar(t.w, 0);
	return t;
}

static uint32_t
inc_of(struct world *w, unsigned i)
{
	return core_self(node_core(world_node(w, i))).inc;
}

static uint64_t
have(struct line *t, unsigned at, unsigned i)
{
	struct origin o = core_self(node_core(world_node(t->w, i)));

	return vector_get(&world_links(t->w, at)->log.have, o);
}

/* Let the liar send the next entry of node i, counted from those of node 1. Its
 * stamp is that many ms ahead. */
static void
forge_ahead(struct line *t, unsigned i, int64_t ms, const char *part)
{
	char line[128];

	snprintf(line, sizeof(line),
	    "ENTRY 00%u.%u %" PRIu64 " %" PRId64 " * - 1", i, inc_of(t->w, i),
	    have(t, 1, i) + 1,
	    core_clock(node_core(world_node(t->w, 1))).ms + ms);
	world_say(t->w, t->liar, line);
	world_say(t->w, t->liar, part);
}

static void
forge(struct line *t, unsigned i, const char *part)
{
	forge_ahead(t, i, 1, part);
}

static const struct user *
shown_at(struct line *t, unsigned i, const char *nick)
{
	return facts_find_nick(&node_core(world_node(t->w, i))->facts,
	    span_of(nick));
}

/* Facts are equal, messages arrive, and no link of an honest server was cut. */
static void
all_is_well(struct line *t)
{
	struct world *w = t->w;

	world_run(w, 500);
	world_say(w, t->liar, "BEAT 0 1700000005000");
	played_kept_links(w, 1);
	ck_assert(world_agrees(w, 1, 2) && world_agrees(w, 2, 3));
	world_forget(w, t->ann);
	world_forget(w, t->cat);
	world_say(w, t->cat, "PRIVMSG ann :still here");
	world_say(w, t->ann, "PRIVMSG cat :still here");
	world_run(w, 100);
	ck_assert(world_hears(w, t->ann, " PRIVMSG ann :still here"));
	ck_assert(world_hears(w, t->cat, " PRIVMSG cat :still here"));
	ck_assert(world_agrees(w, 1, 2) && world_agrees(w, 2, 3));
}

/* The server makes the entry its own, and goes on behind it. */
START_TEST(the_next_entry)
{
	static const char *const part[] = {
		"+SET " CAT " away " CAT " :gone",
		"+READY 00# #0 00#.example.org :x",
		"+SAY PRIVMSG " CAT " " CAT " * :hi",
		"@kind=element +ODD 00#",
	};
	struct line t = line_new();
	char text[128];

	for (unsigned i = 1; i <= 3; i++)
		for (size_t k = 0; k < sizeof(part) / sizeof(part[0]); k++) {
			uint64_t before = have(&t, i, i);

			snprintf(text, sizeof(text), "%s", part[k]);
			for (char *x = text; (x = strchr(x, '#')) != NULL;)
				*x = (char)('0' + i);
			forge(&t, i, text);
			world_run(t.w, 500);
			ck_assert_uint_ge(have(&t, i, i), before + 1);
			ck_assert_uint_gt(world_logged(t.w, i,
					      LOG_FORGED_ENTRY),
			    0);
			all_is_well(&t);
		}
	world_free(t.w);
}
END_TEST

/* A user without a client goes again, and no other user gets the uid. */
START_TEST(a_user_of_nobody)
{
	struct line t = line_new();
	unsigned dan;

	forge(&t, 3,
	    "+USER " THIRD " eve eve 003.example.org 1.2.3.4 1.2.3.4 :Eve");
	ck_assert(world_hears(t.w, t.liar, "+QUIT " THIRD));
	all_is_well(&t);
	dan = world_user(t.w, 3, "dan");
	world_run(t.w, 500);
	ck_assert(!world_is_closed(t.w, dan));
	ck_assert_ptr_nonnull(shown_at(&t, 1, "dan"));
	all_is_well(&t);
	/* another server gives a uid away */
	world_say(t.w, t.liar, "ENTRY 004.50 1 1700000004001 * - 1");
	world_say(t.w, t.liar, "+READY 004 50 004.example.org :four");
	world_say(t.w, t.liar, "ENTRY 004.50 2 1700000004002 * - 1");
	world_say(t.w, t.liar,
	    "+USER " FIFTH " fay fay 004.example.org 1.2.3.4 1.2.3.4 :Fay");
	world_run(t.w, 100);
	(void)world_user(t.w, 3, "don");
	(void)world_user(t.w, 3, "dee");
	world_run(t.w, 500);
	ck_assert_ptr_nonnull(shown_at(&t, 1, "don"));
	ck_assert_ptr_nonnull(shown_at(&t, 1, "dee"));
	all_is_well(&t);
	world_free(t.w);
}
END_TEST

/* The connection of a user that the entry ends is closed. */
START_TEST(a_user_who_quits)
{
	struct line t = line_new();

	forge(&t, 3, "+QUIT " CID " :bye");
	world_run(t.w, 200);
	ck_assert(world_is_closed(t.w, t.cid));
	all_is_well(&t);
	world_free(t.w);
}
END_TEST

/* Each entry has a stamp that is a minute later. The other neighbour of the
 * server is told before, so it does not refuse the server. */
void
liars_ahead(void)
{
	struct line t = line_new();

	for (unsigned i = 0; i < 50; i++) {
		forge_ahead(&t, 2, 60000, "@kind=element +ODD 002");
		world_run(t.w, 50);
	}
	ck_assert_int_gt(core_clock(node_core(world_node(t.w, 3))).ms,
	    INT64_C(1700000000000) + 50 * 60000);
	ck_assert_uint_eq(core_self(node_core(world_node(t.w, 2))).inc, 20);
	all_is_well(&t);
	/* a link state says it once for each of them */
	ck_assert_uint_le(world_lines(t.w, "LSA"), 4 * (50 + 20));
	world_free(t.w);
}

START_TEST(an_entry_ahead_of_clocks)
{
	liars_ahead();
}
END_TEST

/* The server is away while others are told of its next entries. */
START_TEST(entries_while_it_is_away)
{
	struct line t = line_new();

	world_allow(t.w, 2, 3, false);
	world_run(t.w, 100);
	for (unsigned k = 1; k <= 20; k++) {
		forge(&t, 3, "+SET " CAT " away " CAT " :gone");
		world_run(t.w, 10);
	}
	world_allow(t.w, 2, 3, true);
	world_run(t.w, 5000);
	ck_assert(world_agrees(t.w, 1, 2) && world_agrees(t.w, 2, 3));
	ck_assert_ptr_nonnull(shown_at(&t, 1, "cat"));
	ck_assert_uint_eq(have(&t, 3, 3), have(&t, 1, 3));
	ck_assert(!world_is_closed(t.w, t.cat));
	world_free(t.w);
}
END_TEST

/* Send node 1 an entry that it has sent itself: entry 2 of 003, with another
 * last line if one is given. */
static void
repeat(struct line *t, const char *last)
{
	char text[1024], *line, *rest, *next;
	const char *from =
	    strstr(world_heard(t->w, t->liar), "ENTRY 003.30 2 ");

	ck_assert_ptr_nonnull(from);
	snprintf(text, sizeof(text), "%s", from);
	*strstr(text + 1, "ENTRY 003.30 3 ") = '\0';
	line = strtok_r(text, "\r\n", &rest);
	for (; line != NULL; line = next) {
		next = strtok_r(NULL, "\r\n", &rest);
		world_say(t->w, t->liar,
		    next == NULL && last != NULL ? last : line);
	}
}

/* The operator is told of two entries of one number, once for each link. */
START_TEST(two_entries_of_one_number)
{
	struct line t = line_new();

	repeat(&t, NULL);
	ck_assert_uint_eq(world_logged(t.w, 1, LOG_FORK), 0);
	repeat(&t, "+SET " CAT " mode/invisible 003 :2");
	ck_assert_uint_eq(world_logged(t.w, 1, LOG_FORK), 1);
	ck_assert(strstr(world_log_text(t.w, 1, LOG_FORK),
		      "server=004.example.org origin=003.30 n=2") != NULL);
	repeat(&t, "+SET " CAT " mode/invisible 003");
	ck_assert_uint_eq(world_logged(t.w, 1, LOG_FORK), 1);
	all_is_well(&t);
	world_free(t.w);
}
END_TEST

/* The operator is told of a forged link state, and of a forged entry that comes
 * on the same link. */
START_TEST(each_kind_of_lie_is_told)
{
	struct line t = line_new();

	world_say(t.w, t.liar, "LSA 001.10 1000 1700000004000 :");
	ck_assert_uint_eq(world_logged(t.w, 1, LOG_FORGED_LINK_STATE), 1);
	forge(&t, 1, "@kind=element +ODD 001");
	ck_assert_uint_eq(world_logged(t.w, 1, LOG_FORGED_ENTRY), 1);
	world_say(t.w, t.liar, "LSA 001.10 2000 1700000004000 :");
	forge(&t, 1, "@kind=element +ODD 001");
	ck_assert_uint_eq(world_logged(t.w, 1, LOG_FORGED_LINK_STATE), 1);
	ck_assert_uint_eq(world_logged(t.w, 1, LOG_FORGED_ENTRY), 1);
	world_free(t.w);
}
END_TEST

/* A peer that shows a number, and never sends the entry, is refused. */
START_TEST(entries_that_never_come)
{
	struct world *w = played_node();
	unsigned p = played_sync(w), n = 0;

	for (; n < 10 && !world_is_closed(w, p); n++)
		world_say(w, p, "DIGEST 001.100=5");
	ck_assert_uint_eq(n, 6);
	played_is_refused(w, p, "own-inc");
	ck_assert_uint_gt(inc_of(w, 1), 100);
	world_free(w);
}
END_TEST

/* A young run goes on, whatever a liar shows. */
START_TEST(a_young_run_is_kept)
{
	struct world *w = world_new(2);
	unsigned p;

	world_settings(w, 1)->alone_ms = 0;
	world_start(w, 1, 1699999500);
	p = played_sync(w);
	while (!world_is_closed(w, p))
		world_say(w, p, "DIGEST 001.1699999500=5");
	played_is_refused(w, p, "own-inc");
	ck_assert_uint_eq(inc_of(w, 1), 1699999500);
	world_free(w);
}
END_TEST

/* So does a run that has another link. */
START_TEST(a_linked_run_is_kept)
{
	struct world *w = played_node();
	unsigned p = played_sync(w), q = played_sync_run(w, 3, 60, 78);

	while (!world_is_closed(w, p))
		world_say(w, p, "DIGEST 001.100=5");
	played_hears(w, p, "ERROR own-inc ");
	ck_assert(!world_is_closed(w, q));
	ck_assert_uint_eq(inc_of(w, 1), 100);
	world_free(w);
}
END_TEST

/* A snapshot may not jump over entries of this run. */
START_TEST(a_snapshot_of_entries_that_never_were)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);

	played_entry(w, p, "002.50", 1,
	    "+READY 002 50 002.example.org :played");
	world_say(w, p, "SNAP 002.50");
	world_say(w, p,
	    "@dot=001.100.1.0;stamp=1 +READY 001 100 001.example.org :x");
	world_say(w, p,
	    "@dot=002.50.1.0;stamp=1700000001000 "
	    "+READY 002 50 002.example.org :played");
	world_say(w, p, "END 001.100=5/5 002.50=1/0");
	played_is_refused(w, p, "snapshot");
	ck_assert_uint_gt(inc_of(w, 1), 100);
	world_free(w);
}
END_TEST

/* An entry that would have to wait is not made our own. The liar is refused at
 * once. */
START_TEST(a_stamp_that_does_not_fit)
{
	struct line t = line_new();
	uint64_t before = have(&t, 1, 1);

	forge_ahead(&t, 1, (INT64_C(29) * 24 + 12) * 3600 * 1000,
	    "@kind=element +ODD 001");
	played_hears(t.w, t.liar, "ERROR own-inc ");
	ck_assert(world_is_closed(t.w, t.liar));
	ck_assert_uint_eq(have(&t, 1, 1), before);
	ck_assert_uint_eq(inc_of(t.w, 1), 10);
	ck_assert(!world_is_closed(t.w, t.ann));
	world_free(t.w);
}
END_TEST

/* The stamps of a run increase, so an entry with an earlier stamp cannot be
 * made our own. The server makes another entry of that number, and mends the
 * fork (link-protocol.md, 6.20). */
START_TEST(a_stamp_that_is_early)
{
	static const unsigned of[] = { 1, 3 };

	for (size_t k = 0; k < sizeof(of) / sizeof(of[0]); k++) {
		unsigned i = of[k];
		struct line t = line_new();
		uint64_t before = have(&t, i, i);

		forge_ahead(&t, i, -100000, "@kind=element +ODD 001");
		world_run(t.w, 500);
		ck_assert(!world_is_closed(t.w, t.liar));
		ck_assert_uint_eq(have(&t, i, i), before + 2);
		ck_assert_uint_eq(world_logged(t.w, i, LOG_FORGED_ENTRY), 1);
		ck_assert_uint_eq(inc_of(t.w, i), i * 10);
		for (unsigned at = 1; at <= 3; at++)
			ck_assert(!world_has_fact(t.w, at, "+ODD"));
		all_is_well(&t);
		world_free(t.w);
	}
}
END_TEST

/* The operator is told once for each link. */
START_TEST(the_operator_is_told_once)
{
	struct line t = line_new();

	for (unsigned k = 0; k < 3; k++) {
		forge(&t, 1, "@kind=element +ODD 001");
		world_run(t.w, 10);
	}
	ck_assert_uint_eq(world_logged(t.w, 1, LOG_FORGED_ENTRY), 1);
	world_free(t.w);
}
END_TEST

/* A forged entry that adds users who are there already ends none of them. */
START_TEST(users_who_are_there)
{
	struct line t = line_new();
	const struct user *ann = shown_at(&t, 1, "ann");
	char part[128];

	forge(&t, 3,
	    "+USER " CAT " eve eve 003.example.org 1.2.3.4 1.2.3.4 :Eve");
	snprintf(part, sizeof(part),
	    "+USER %s eve eve 003.example.org 1.2.3.4 1.2.3.4 :Eve",
	    ann->uid.s);
	forge(&t, 3, part);
	world_run(t.w, 500);
	ck_assert(!world_is_closed(t.w, t.cat));
	ck_assert(!world_is_closed(t.w, t.ann));
	all_is_well(&t);
	world_free(t.w);
}
END_TEST

Suite *
forged_suite(void)
{
	Suite *s = suite_create("forged");
	TCase *t = unit_case("forged");

	tcase_add_test(t, the_next_entry);
	tcase_add_test(t, a_user_of_nobody);
	tcase_add_test(t, a_user_who_quits);
	tcase_add_test(t, an_entry_ahead_of_clocks);
	tcase_add_test(t, entries_while_it_is_away);
	tcase_add_test(t, entries_that_never_come);
	tcase_add_test(t, each_kind_of_lie_is_told);
	tcase_add_test(t, two_entries_of_one_number);
	tcase_add_test(t, a_young_run_is_kept);
	tcase_add_test(t, a_linked_run_is_kept);
	tcase_add_test(t, a_snapshot_of_entries_that_never_were);
	tcase_add_test(t, a_stamp_that_does_not_fit);
	tcase_add_test(t, a_stamp_that_is_early);
	tcase_add_test(t, the_operator_is_told_once);
	tcase_add_test(t, users_who_are_there);
	suite_add_tcase(s, t);
	return s;
}
