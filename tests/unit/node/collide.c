/*
 * Two servers settle collisions of channels and nicks. The cost is counted in
 * stamps, in entries, in members looked at and in bytes, never in time.
 */
#include <stdio.h>

#include "core/state.h"
#include "lib/halves.h"
#include "unit/node/check_node.h"

static const struct core *
core_of(const struct net *net, unsigned node)
{
	return node_core(net->node[node].node);
}

static uint64_t
visits(const struct net *net)
{
	return core_of(net, 0)->settling.visits +
	       core_of(net, 1)->settling.visits;
}

/* Both servers are whole, show the same, and owe nothing. */
static void
expect_settled(struct net *net)
{
	struct arena *a = arena_new(1 << 16);

	ck_assert_msg(!net->failed, "%s", net->why);
	ck_assert(net_linked(net, 0, 1));
	for (unsigned i = 0; i < 2; i++) {
		ck_assert_msg(core_check(core_of(net, i), a) == NULL, "%s",
		    core_check(core_of(net, i), a));
		ck_assert_uint_eq(core_of(net, i)->losers.nuser, 0);
		ck_assert_uint_eq(core_of(net, i)->losers.nchan, 0);
	}
	ck_assert(span_eq(core_canon(core_of(net, 0), a),
	    core_canon(core_of(net, 1), a)));
	ck_assert(span_eq(core_canon_shown(core_of(net, 0), a),
	    core_canon_shown(core_of(net, 1), a)));
	arena_free(a);
}

/* Two strangers join one new name at once. That moves one member, however many
 * channels there are. */
START_TEST(a_new_name_on_both_sides_at_once)
{
	struct net *net = halves_new();
	struct net_client *ann, *bob;
	uint64_t made, looked;

	halves_fill(net, 0, 3000, 1);
	ann = halves_user(net, 0, "ann");
	bob = halves_user(net, 1, "bob");
	net_run(net, 10000);
	made = halves_made(net, 0) + halves_made(net, 1);
	looked = visits(net);
	net_client_say(ann, "JOIN #new");
	net_client_say(bob, "JOIN #new");
	net_run(net, 20);
	expect_settled(net);
	made = halves_made(net, 0) + halves_made(net, 1) - made;
	ck_assert_uint_eq(made, 3); /* JOIN, JOIN, MOVE */
	for (unsigned i = 0; i < 2; i++)
		ck_assert_int_le(halves_ahead(net, i), (int64_t)made);
	ck_assert_uint_le(visits(net) - looked, 4);
	ck_assert_uint_eq(net->node[0].links_down, 0);
	net_free(net);
}
END_TEST

struct cost {
	uint64_t made, looked, arena;
	int64_t ahead;
};

/* Heal two halves that have that many common channels; return the cost. */
static struct cost
heal(unsigned chans, unsigned members)
{
	struct net *net = halves_new();
	struct cost x = { 0 };
	unsigned i;

	halves_split(net);
	halves_fill(net, 0, chans, members);
	halves_fill(net, 1, chans, members);
	net_run(net, 10000);
	x.looked = visits(net);
	for (i = 0; i < 2; i++) {
		x.made += halves_made(net, i);
		x.arena += net->node[i].arena;
	}
	halves_heal(net);
	while (!net->failed && net->now < 3600 * MS_PER_S * NS_PER_MS &&
	       core_of(net, 0)->facts.nshown < 2 * core_of(net, 0)->nlocal)
		net_run(net, 50);
	net_run(net, 100);
	expect_settled(net);
	x.looked = visits(net) - x.looked;
	x.made = halves_made(net, 0) + halves_made(net, 1) - x.made;
	for (i = 0; i < 2; i++) {
		x.arena += net->node[i].arena;
		if (halves_ahead(net, i) > x.ahead)
			x.ahead = halves_ahead(net, i);
	}
	net_free(net);
	return x;
}

START_TEST(a_heal_is_linear_in_what_is_moved)
{
	const unsigned small = 500, large = 2000, members = 3;
	struct cost s = heal(small, members), l = heal(large, members);

	/* all members of each channel are looked at once */
	ck_assert_uint_le(s.looked, small * (2 * members + 1));
	ck_assert_uint_le(l.looked, large * (2 * members + 1));
	/* full entries, and at most one more for each slice of the heal */
	ck_assert_uint_le(s.made, 3);
	ck_assert_uint_le(l.made, 8);
	ck_assert_int_le(l.ahead, (int64_t)l.made);
	ck_assert_uint_le(l.arena, 5 * s.arena);
}
END_TEST

Suite *
collide_suite(void)
{
	Suite *s = suite_create("collide");
	TCase *t = unit_case("collide");

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, a_new_name_on_both_sides_at_once);
	tcase_add_test(t, a_heal_is_linear_in_what_is_moved);
	return s;
}
