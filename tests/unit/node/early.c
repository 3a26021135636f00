/*
 * A server whose clock was behind does not link with the stamps that it made
 * then (link-protocol.md, 4.11).
 */
#include <stdio.h>

#include "unit/node/check_node.h"
#include "unit/node/played.h"
#include "unit/node/world.h"

#define HOUR_MS (INT64_C(3600) * 1000)
#define DAY_MS (24 * HOUR_MS)
#define YEARS_MS (43 * 365 * DAY_MS)
#define NOW_MS INT64_C(1700000001000)

static uint32_t
inc_of(struct world *w, unsigned i)
{
	return core_self(node_core(world_node(w, i))).inc;
}

/* A peer whose clock shows the time of NOW_MS plus ahead. */
static unsigned
peer_ahead(struct world *w, int64_t ahead)
{
	unsigned p = world_peer(w, 1);
	char line[160];

	snprintf(line, sizeof(line),
	    "HELLO 1 002.50 %jd 002.example.org 77 :network=Test clock=%jd",
	    (intmax_t)(NOW_MS + ahead), (intmax_t)(NOW_MS + ahead));
	world_say(w, p, line);
	if (world_is_closed(w, p))
		return p;
	world_say(w, p, "LSA 002.50 1 1700000001000 001,77,10 :");
	world_say(w, p, "SYNC");
	return p;
}

/* Node 1, whose clock was behind while it made a user on #c. */
static struct world *
node_behind(int64_t by)
{
	struct world *w = world_new(3);
	struct peer_settings *peer;

	peer = (struct peer_settings *)(uintptr_t)world_settings(w, 1)->peer;
	for (size_t k = 0; k < world_settings(w, 1)->npeer; k++)
		peer[k].naddress = 0;
	world_settings(w, 1)->alone_ms = 0;
	world_skew(w, 1, -by);
	world_start(w, 1, 100);
	return w;
}

/* The whole harm: who was there first keeps nick and channel. */
START_TEST(a_server_from_1983_takes_no_name)
{
	struct world *w = world_new(2);
	unsigned ann, thief;

	world_settings(w, 1)->alone_ms = world_settings(w, 2)->alone_ms = 0;
	world_skew(w, 1, -YEARS_MS);
	world_start_two(w, 1000);
	thief = world_user(w, 1, "ann");
	ann = world_user(w, 2, "ann");
	world_say(w, thief, "JOIN #c");
	world_say(w, ann, "JOIN #c");
	world_say(w, ann, "MODE #c +s");
	world_run(w, 3000);
	world_forget(w, ann);
	world_skew(w, 1, 0);
	world_allow_all(w);
	world_run(w, 70000);
	ck_assert_ptr_nonnull(link_net_link(world_links(w, 2), 0));
	ck_assert(world_agrees(w, 1, 2));
	ck_assert_msg(!world_hears(w, ann, "NICK"), "%s", world_heard(w, ann));
	ck_assert_msg(!world_hears(w, ann, "MODE"), "%s", world_heard(w, ann));
	ck_assert(world_is_closed(w, thief));
	ck_assert_uint_gt(inc_of(w, 1), 100);
	world_free(w);
}
END_TEST

START_TEST(the_new_run_links)
{
	struct world *w = node_behind(YEARS_MS);
	unsigned ann = world_user(w, 1, "ann"), p;

	world_skew(w, 1, 0);
	p = peer_ahead(w, 0);
	played_hears(w, p, "ERROR clock :");
	ck_assert(world_is_closed(w, ann));
	ck_assert_uint_eq(inc_of(w, 1), 101);
	ann = world_user(w, 1, "ann");
	p = peer_ahead(w, 0);
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
	played_hears(w, p, "+NICK");
	ck_assert(!world_is_closed(w, ann));
	world_free(w);
}
END_TEST

/* A channel whose members have left would be used again. */
START_TEST(a_founding_counts_without_its_members)
{
	struct world *w = node_behind(HOUR_MS);
	unsigned ann = world_user(w, 1, "ann"), p;

	world_say(w, ann, "JOIN #c");
	world_say(w, ann, "QUIT");
	world_skew(w, 1, 0);
	p = peer_ahead(w, 0);
	played_hears(w, p, "ERROR clock :");
	ck_assert_uint_eq(inc_of(w, 1), 101);
	world_free(w);
}
END_TEST

START_TEST(a_server_without_early_names_links)
{
	struct world *w = node_behind(YEARS_MS);
	unsigned ann = world_user(w, 1, "ann"), p;

	world_say(w, ann, "QUIT");
	world_run(w, 1000);
	world_skew(w, 1, 0);
	ann = world_user(w, 1, "bob"); /* after the clock was set */
	p = peer_ahead(w, 1000);
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
	ck_assert(!world_is_closed(w, ann));
	ck_assert_uint_eq(inc_of(w, 1), 100);
	world_free(w);
}
END_TEST

/* Clocks of linked servers may be as far apart. */
START_TEST(five_seconds_are_not_judged)
{
	struct world *w = node_behind(5000);
	unsigned ann = world_user(w, 1, "ann"), p;

	world_skew(w, 1, 0);
	p = peer_ahead(w, 0);
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
	ck_assert(!world_is_closed(w, ann));
	world_free(w);
}
END_TEST

/* The clocks of all servers are set by an hour: what was linked may link. */
START_TEST(what_was_linked_may_link_again)
{
	struct world *w = node_behind(0);
	unsigned ann = world_user(w, 1, "ann"), p = peer_ahead(w, 0);

	world_say(w, ann, "JOIN #c");
	world_hang_up(w, p);
	world_run(w, 1000);
	world_skew(w, 1, HOUR_MS);
	p = peer_ahead(w, HOUR_MS + 1000);
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
	ck_assert_uint_eq(inc_of(w, 1), 100);

	/* but not what was made since */
	world_hang_up(w, p);
	world_run(w, 1000);
	world_say(w, ann, "NICK anna");
	world_skew(w, 1, 2 * HOUR_MS);
	p = peer_ahead(w, 2 * HOUR_MS + 2000);
	played_hears(w, p, "ERROR clock :");
	ck_assert_uint_eq(inc_of(w, 1), 101);
	world_free(w);
}
END_TEST

/* Two servers that start in 1983 together believe each other. */
START_TEST(what_was_linked_by_more_than_a_day_may_not)
{
	struct world *w = node_behind(YEARS_MS);
	unsigned ann = world_user(w, 1, "ann"), p = peer_ahead(w, -YEARS_MS);

	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
	world_say(w, ann, "JOIN #c");
	world_hang_up(w, p);
	world_skew(w, 1, 0);
	p = peer_ahead(w, 0);
	played_hears(w, p, "ERROR clock :");
	ck_assert_uint_eq(inc_of(w, 1), 101);
	world_free(w);
}
END_TEST

/* Stamps go on from where the right clock was. */
START_TEST(a_clock_that_went_back_and_came_again_is_right)
{
	struct world *w = node_behind(0);
	unsigned ann = world_user(w, 1, "ann"), p;

	world_skew(w, 1, -HOUR_MS);
	world_say(w, ann, "JOIN #c");
	world_run(w, 1000);
	world_skew(w, 1, 0);
	p = peer_ahead(w, 1000);
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
	ck_assert_uint_eq(inc_of(w, 1), 100);
	world_free(w);
}
END_TEST

/* The clock is two days ahead for a moment: what was made before is right. */
START_TEST(a_clock_that_was_ahead_for_a_moment_was_right)
{
	struct world *w = node_behind(0);
	unsigned ann = world_user(w, 1, "ann"), p;

	world_run(w, 10000);
	world_skew(w, 1, 2 * DAY_MS);
	world_say(w, ann, "JOIN #c");
	world_skew(w, 1, 0);
	p = peer_ahead(w, 10000);
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
	ck_assert(!world_is_closed(w, ann));
	ck_assert_uint_eq(inc_of(w, 1), 100);
	world_free(w);
}
END_TEST

Suite *
early_suite(void)
{
	Suite *s = suite_create("early");
	TCase *t = unit_case("early");

	tcase_add_test(t, a_server_from_1983_takes_no_name);
	tcase_add_test(t, the_new_run_links);
	tcase_add_test(t, a_founding_counts_without_its_members);
	tcase_add_test(t, a_server_without_early_names_links);
	tcase_add_test(t, five_seconds_are_not_judged);
	tcase_add_test(t, what_was_linked_may_link_again);
	tcase_add_test(t, what_was_linked_by_more_than_a_day_may_not);
	tcase_add_test(t, a_clock_that_went_back_and_came_again_is_right);
	tcase_add_test(t, a_clock_that_was_ahead_for_a_moment_was_right);
	suite_add_tcase(s, t);
	return s;
}
