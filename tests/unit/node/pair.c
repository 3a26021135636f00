/*
 * Nodes that link, sync, lose a link, die and return. Their facts are equal
 * afterwards.
 */
#include <string.h>

#include "unit/node/check_node.h"
#include "unit/node/world.h"

static size_t
count_links(struct world *w, unsigned i, enum link_state state)
{
	const struct link *l;
	size_t n = 0;

	for (size_t k = 0; (l = link_net_link(world_links(w, i), k)) != NULL;
	     k++)
		n += l->state == state;
	return n;
}

static struct world *
linked(unsigned n)
{
	struct world *w = world_new(n);

	world_allow_all(w);
	for (unsigned i = 1; i <= n; i++)
		world_start(w, i, 100);
	world_run(w, 3000);
	return w;
}

/* Check that nothing was repaired, jumped or refused. */
static void
expect_clean(struct world *w, unsigned i)
{
	const struct link_counts *c = link_net_counts(world_links(w, i));

	ck_assert_uint_eq(c->wants, 0);
	ck_assert_uint_eq(c->jumped, 0);
}

START_TEST(two_link_and_are_ready)
{
	struct world *w = linked(2);

	for (unsigned i = 1; i <= 2; i++) {
		ck_assert_uint_eq(count_links(w, i, LINK_UP), 1);
		ck_assert(core_is_ready(node_core(world_node(w, i))));
		ck_assert_uint_eq(world_visible(w, i, 1), 100);
		ck_assert_uint_eq(world_visible(w, i, 2), 100);
		expect_clean(w, i);
	}
	ck_assert(world_agrees(w, 1, 2));
	world_free(w);
}
END_TEST

START_TEST(alone_is_ready_after_a_while)
{
	struct world *w = world_new(2);

	world_start(w, 1, 100);
	world_run(w, 500);
	ck_assert(!core_is_ready(node_core(world_node(w, 1))));
	world_run(w, 600);
	ck_assert(core_is_ready(node_core(world_node(w, 1))));
	world_free(w);
}
END_TEST

START_TEST(without_peers_is_ready_at_once)
{
	struct world *w = world_new(1);

	world_start(w, 1, 100);
	ck_assert(core_is_ready(node_core(world_node(w, 1))));
	world_free(w);
}
END_TEST

START_TEST(facts_and_messages_cross)
{
	struct world *w = linked(2);
	unsigned ann = world_user(w, 1, "ann"), bob = world_user(w, 2, "bob");

	world_say(w, ann, "JOIN #c");
	world_say(w, bob, "JOIN #c");
	world_run(w, 10);
	ck_assert(world_hears(w, ann, ":bob!bob@"));
	world_forget(w, bob);
	world_say(w, ann, "PRIVMSG #c :hello there");
	world_run(w, 10);
	ck_assert(world_hears(w, bob, "PRIVMSG #c :hello there"));
	world_say(w, bob, "PRIVMSG ann :hello yourself");
	world_run(w, 10);
	ck_assert(world_hears(w, ann, "PRIVMSG ann :hello yourself"));
	ck_assert(world_agrees(w, 1, 2));
	world_free(w);
}
END_TEST

START_TEST(blink_costs_only_what_was_missed)
{
	struct world *w = linked(2);
	unsigned ann = world_user(w, 1, "ann"), bob = world_user(w, 2, "bob");
	unsigned entries;

	world_say(w, ann, "JOIN #c");
	world_say(w, bob, "JOIN #c");
	world_run(w, 100);
	world_allow(w, 1, 2, false);
	world_run(w, 100);
	ck_assert_uint_eq(world_visible(w, 1, 2), 0);
	ck_assert(world_hears(w, ann, "QUIT"));
	world_say(w, ann, "JOIN #d");
	world_say(w, bob, "JOIN #e");
	world_run(w, 100);
	entries = world_lines(w, "ENTRY");
	world_forget(w, ann);
	world_allow(w, 1, 2, true);
	world_run(w, 5000);
	ck_assert_uint_eq(world_visible(w, 1, 2), 100);
	ck_assert(world_agrees(w, 1, 2));
	/* and each compares the last common entry of each (6.22) */
	ck_assert_uint_eq(world_lines(w, "ENTRY") - entries, 2 + 4);
	ck_assert_uint_eq(world_lines(w, "SNAP"), 0);
	ck_assert(world_hears(w, ann, "JOIN"));
	expect_clean(w, 1);
	expect_clean(w, 2);
	world_free(w);
}
END_TEST

START_TEST(in_flight_when_cut_comes_later)
{
	struct world *w = linked(2);
	unsigned ann = world_user(w, 1, "ann"), bob = world_user(w, 2, "bob");

	world_run(w, 10);
	/* The line is on its way, and is lost with the connection. */
	world_allow(w, 1, 2, false);
	world_say(w, ann, "PRIVMSG bob :late");
	world_allow(w, 1, 2, true);
	world_run(w, 5000);
	ck_assert(world_agrees(w, 1, 2));
	(void)bob;
	world_free(w);
}
END_TEST

START_TEST(relays_along_a_line)
{
	struct world *w = world_new(4);
	unsigned ann, dan;

	for (unsigned i = 1; i < 4; i++)
		world_allow(w, i, i + 1, true);
	for (unsigned i = 1; i <= 4; i++)
		world_start(w, i, 100);
	world_run(w, 4000);
	ann = world_user(w, 1, "ann");
	dan = world_user(w, 4, "dan");
	world_say(w, ann, "JOIN #c");
	world_say(w, dan, "JOIN #c");
	world_run(w, 10);
	world_say(w, ann, "PRIVMSG #c :far away");
	world_run(w, 10);
	ck_assert(world_hears(w, dan, "PRIVMSG #c :far away"));
	for (unsigned i = 2; i <= 4; i++)
		ck_assert(world_agrees(w, 1, i));
	/*
	 * The middle node dies: both ends lose everything beyond it, and get it
	 * back.
	 */
	world_forget(w, ann);
	world_kill(w, 3);
	world_run(w, 5000);
	ck_assert_uint_eq(world_visible(w, 1, 3), 0);
	ck_assert_uint_eq(world_visible(w, 1, 4), 0);
	ck_assert_uint_eq(world_visible(w, 1, 2), 100);
	ck_assert(world_hears(w, ann, "QUIT"));
	world_forget(w, ann);
	world_start(w, 3, 101);
	world_run(w, 10000);
	ck_assert_uint_eq(world_visible(w, 1, 3), 101);
	ck_assert_uint_eq(world_visible(w, 1, 4), 100);
	ck_assert(world_hears(w, ann, "JOIN"));
	for (unsigned i = 2; i <= 4; i++)
		ck_assert(world_agrees(w, 1, i));
	for (unsigned i = 1; i <= 4; i++)
		expect_clean(w, i);
	world_free(w);
}
END_TEST

START_TEST(old_users_die_with_a_restart)
{
	struct world *w = linked(3);
	unsigned ann = world_user(w, 1, "ann");

	world_user(w, 2, "bob");
	world_run(w, 10);
	world_say(w, ann, "WHOIS bob");
	ck_assert(world_hears(w, ann, " 311 "));
	world_kill(w, 2);
	world_run(w, 1000);
	world_start(w, 2, 101);
	world_run(w, 5000);
	ck_assert_uint_eq(world_visible(w, 1, 2), 101);
	world_forget(w, ann);
	world_say(w, ann, "WHOIS bob");
	ck_assert(world_hears(w, ann, " 401 "));
	ck_assert(world_agrees(w, 1, 2));
	ck_assert(world_agrees(w, 1, 3));
	world_free(w);
}
END_TEST

START_TEST(triangle_stays_one_when_an_edge_goes)
{
	struct world *w = linked(3);
	unsigned ann = world_user(w, 1, "ann"), bob = world_user(w, 2, "bob");

	world_say(w, ann, "JOIN #c");
	world_say(w, bob, "JOIN #c");
	world_run(w, 10);
	world_forget(w, ann);
	world_allow(w, 1, 2, false);
	world_run(w, 5000);
	ck_assert_uint_eq(world_visible(w, 1, 2), 100);
	ck_assert(!world_hears(w, ann, "QUIT"));
	world_say(w, bob, "PRIVMSG #c :round the corner");
	world_run(w, 10);
	ck_assert(world_hears(w, ann, "round the corner"));
	world_free(w);
}
END_TEST

START_TEST(questions_find_their_way)
{
	struct world *w = world_new(3);
	unsigned ann;

	world_allow(w, 1, 2, true);
	world_allow(w, 2, 3, true);
	for (unsigned i = 1; i <= 3; i++)
		world_start(w, i, 100);
	world_run(w, 4000);
	ann = world_user(w, 1, "ann");
	world_user(w, 3, "cat");
	world_run(w, 10);
	world_say(w, ann, "WHOIS cat cat");
	ck_assert(!world_is_closed(w, ann));
	world_run(w, 10);
	ck_assert_msg(world_hears(w, ann, " 317 "), "%s", world_heard(w, ann));
	ck_assert_uint_eq(world_lines(w, "QUERY"), 2);
	ck_assert_uint_eq(world_lines(w, "DONE"), 2);
	world_free(w);
}
END_TEST

START_TEST(each_pair_has_one_link)
{
	struct world *w = linked(3);

	for (unsigned i = 1; i <= 3; i++) {
		ck_assert_uint_eq(count_links(w, i, LINK_UP), 2);
		ck_assert_uint_eq(world_logged(w, i, LOG_SERVER_GONE), 0);
	}
	ck_assert(world_agrees(w, 1, 2));
	ck_assert(world_agrees(w, 1, 3));
	world_free(w);
}
END_TEST

START_TEST(clocks_too_far_apart)
{
	struct world *w = world_new(2);

	world_allow_all(w);
	world_skew(w, 2, 6000);
	world_start_two(w, 3000);
	ck_assert_uint_eq(count_links(w, 1, LINK_UP), 0);
	ck_assert_ptr_nonnull(strstr(world_log_text(w, 2, LOG_LINK_REFUSED),
	    "code=clock"));
	world_free(w);
}
END_TEST

/*
 * With more than one entry a millisecond, stamps run ahead of all clocks. A
 * server that comes back does not know that, and is accepted.
 */
START_TEST(busy_network_takes_a_server_back)
{
	struct world *w = linked(2);
	unsigned c = world_user(w, 1, "alice"), d;

	world_kill(w, 2);
	world_run(w, 100);
	/* as after a hundred thousand entries */
	world_skew(w, 1, 100000);
	world_say(w, c, "AWAY :busy");
	world_skew(w, 1, 0);
	world_start(w, 2, 101);
	world_run(w, 3000);
	ck_assert_uint_eq(count_links(w, 1, LINK_UP), 1);
	d = world_user(w, 2, "bob");
	world_say(w, d, "PRIVMSG alice :back");
	world_run(w, 100);
	ck_assert(world_hears(w, c, "PRIVMSG alice :back"));
	ck_assert(world_agrees(w, 1, 2));
	ck_assert_int_gt(core_clock(node_core(world_node(w, 2))).ms,
	    1700000100000);
	world_free(w);
}
END_TEST

/*
 * Messages that stay on this server take no stamps of the network. Otherwise a
 * loud channel would run the clock ahead until the neighbours refuse the next
 * entry.
 */
START_TEST(talk_of_one_server_costs_no_link)
{
	struct world *w = linked(2);
	unsigned a = world_user(w, 1, "alice"), b = world_user(w, 1, "bob");

	world_say(w, b, "JOIN #here");
	world_say(w, a, "JOIN #here");
	world_run(w, 1000);
	for (unsigned i = 0; i < 6000; i++)
		world_say(w, a, "PRIVMSG #here :on and on");
	world_say(w, b, "PART #here");
	world_run(w, 1000);
	ck_assert_uint_eq(world_logged(w, 2, LOG_LINK_REFUSED), 0);
	ck_assert_uint_eq(count_links(w, 1, LINK_UP), 1);
	ck_assert(world_agrees(w, 1, 2));
	world_free(w);
}
END_TEST

static size_t
count_facts(struct world *w, unsigned i)
{
	struct core_digest d;

	core_digest(node_core(world_node(w, i)), &d);
	return d.facts;
}

/* A bot that is alone and joins and leaves for ever. The log is short, since
 * it is checked after each step. */
START_TEST(a_bot_that_cycles_leaves_nothing_anywhere)
{
	struct world *w = world_new(2);
	unsigned bot;
	size_t facts;

	world_allow_all(w);
	for (unsigned i = 1; i <= 2; i++) {
		world_settings(w, i)->keep_s = 1;
		world_start(w, i, 100);
	}
	world_run(w, 3000);
	bot = world_user(w, 1, "bot");
	world_say(w, bot, "JOIN #c");
	world_say(w, bot, "PART #c");
	world_run(w, 10);
	facts = count_facts(w, 1);
	for (unsigned i = 0; i < 3000; i++) {
		world_say(w, bot, "JOIN #c");
		world_say(w, bot, "PART #c");
		if (i % 50 == 0)
			world_run(w, 1100);
	}
	world_run(w, 1000);
	ck_assert_uint_eq(count_facts(w, 1), facts);
	ck_assert_uint_eq(count_facts(w, 2), facts);
	ck_assert_uint_eq(count_links(w, 1, LINK_UP), 1);
	ck_assert(world_agrees(w, 1, 2));
	world_free(w);
}
END_TEST

/* It has lost its state, and comes back above what the network knows. */
START_TEST(lower_incarnation_is_refused_and_comes_back)
{
	struct world *w = linked(3);

	world_kill(w, 2);
	world_run(w, 100);
	world_start(w, 2, 99);
	world_run(w, 3000);
	ck_assert_ptr_nonnull(strstr(world_log_text(w, 2, LOG_LINK_REFUSED),
	    "code=inc"));
	ck_assert_uint_eq(count_links(w, 2, LINK_UP), 2);
	ck_assert_uint_eq(core_self(node_core(world_node(w, 2))).inc, 101);
	world_free(w);
}
END_TEST

START_TEST(dials_slow_down)
{
	struct world *w = world_new(2);
	unsigned n;

	world_start(w, 1, 100);
	world_run(w, 60000);
	n = world_logged(w, 1, LOG_LINK_DIAL);
	ck_assert_uint_ge(n, 5);
	ck_assert_uint_le(n, 9);
	ck_assert_uint_eq(world_logged(w, 1, LOG_LINK_DIAL_FAILED), n);
	world_run(w, 600000);
	n = world_logged(w, 1, LOG_LINK_DIAL) - n;
	ck_assert_uint_ge(n, 7);
	ck_assert_uint_le(n, 14);
	world_free(w);
}
END_TEST

START_TEST(dials_each_address)
{
	struct world *w = world_new(2);
	struct peer_settings peer = world_settings(w, 1)->peer[0];
	struct peer_settings waits = world_settings(w, 2)->peer[0];
	struct peer_address address[3] = { peer.address[0], peer.address[0],
		peer.address[0] };

	address[0].port = 5;
	address[1].port = 4;
	peer.address = address;
	peer.naddress = 3;
	waits.naddress = 0;
	world_settings(w, 1)->peer = &peer;
	world_settings(w, 2)->peer = &waits;
	world_allow_all(w);
	world_start(w, 1, 100);
	world_start(w, 2, 100);
	/*
	 * The two dials that fail and the one that succeeds, without a pause.
	 */
	world_run(w, 260);
	ck_assert_uint_eq(count_links(w, 1, LINK_UP), 1);
	world_free(w);
}
END_TEST

START_TEST(same_seed_same_lines)
{
	unsigned n[2];

	for (int k = 0; k < 2; k++) {
		struct world *w = linked(3);
		unsigned ann = world_user(w, 1, "ann");

		world_say(w, ann, "JOIN #c");
		world_run(w, 1000);
		n[k] = world_lines(w, "ENTRY") + 1000 * world_lines(w, "LSA") +
		       1000000 * world_lines(w, "DIGEST");
		world_free(w);
	}
	ck_assert_uint_eq(n[0], n[1]);
}
END_TEST

Suite *
pair_suite(void)
{
	Suite *s = suite_create("pair");
	TCase *t = unit_case("pair");

	tcase_add_test(t, two_link_and_are_ready);
	tcase_add_test(t, alone_is_ready_after_a_while);
	tcase_add_test(t, without_peers_is_ready_at_once);
	tcase_add_test(t, facts_and_messages_cross);
	tcase_add_test(t, blink_costs_only_what_was_missed);
	tcase_add_test(t, in_flight_when_cut_comes_later);
	tcase_add_test(t, relays_along_a_line);
	tcase_add_test(t, old_users_die_with_a_restart);
	tcase_add_test(t, triangle_stays_one_when_an_edge_goes);
	tcase_add_test(t, questions_find_their_way);
	tcase_add_test(t, each_pair_has_one_link);
	tcase_add_test(t, clocks_too_far_apart);
	tcase_add_test(t, busy_network_takes_a_server_back);
	tcase_add_test(t, talk_of_one_server_costs_no_link);
	tcase_add_test(t, a_bot_that_cycles_leaves_nothing_anywhere);
	tcase_add_test(t, lower_incarnation_is_refused_and_comes_back);
	tcase_add_test(t, dials_slow_down);
	tcase_add_test(t, dials_each_address);
	tcase_add_test(t, same_seed_same_lines);
	suite_add_tcase(s, t);
	return s;
}
