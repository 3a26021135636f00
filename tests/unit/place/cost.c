#include "place/cost.h"

#include <string.h>

#include "place/rate.h"
#include "unit/place/check_place.h"

#define FACTS 8

/* One channel with a few seats; its name is #c. Other channels have nobody. */
static struct place_net net;
static struct place_seat seat[FACTS];
static unsigned nseat, next, class_of_c;

static bool
tell_chan(void *ctx, struct span name, unsigned *class)
{
	ck_assert_ptr_eq(ctx, &net);
	next = 0;
	*class = class_of_c;
	return span_eq(name, SPAN("#c"));
}

static bool
tell_seat(void *ctx, struct place_seat *out)
{
	ck_assert_ptr_eq(ctx, &net);
	if (next == nseat)
		return false;
	*out = seat[next++];
	return true;
}

static const struct place_facts facts = { tell_chan, tell_seat, &net };
static const struct place_gate gate = { .gate = 1, .region = 5 };

static void
up(void)
{
	net_of(&net, 3);
	net.v[0].region = 5;
	net.v[1].region = 5;
	net.v[2].region = 6;
	nseat = 0;
	class_of_c = 1;
}

static void
down(void)
{
	place_net_fini(&net);
}

static void
members(unsigned server, uint32_t at_gate, uint32_t n)
{
	seat[nseat++] = (struct place_seat){ sid_of(server), at_gate, n };
}

/* Return what a person costs who is on #c, in lines an hour. */
static double
cost_at(struct place_sid sid)
{
	struct place_person person = { .channels = SPAN("#c") };
	struct place_answer a;

	ck_assert_uint_gt(place_cost(&net, &gate, &person, &facts, &a), 0);
	ck_assert_uint_eq(a.rate, nseat > 0 ? place_rate(class_of_c) : 0);
	return (double)place_answer_cost(&a, sid) / PLACE_LINE / PLACE_ONE;
}

static double
cost_on(unsigned server)
{
	return cost_at(sid_of(server));
}

START_TEST(an_empty_channel_costs_as_a_new_place)
{
	members(1, 9, 0);
	/* the server, the gate, the region */
	ck_assert_double_eq(cost_on(0), 1 + 1 + 3);
	ck_assert_double_eq(cost_on(2), 1 + 4 + 3);
	ck_assert_double_eq(cost_on(9), 1 + 4 + 3);
}
END_TEST

START_TEST(a_member_makes_places_cheaper)
{
	members(1, 9, 1);
	ck_assert_double_eq(cost_on(0), 1 + 1 + 1);
	ck_assert_double_eq_tol(cost_on(1), 1. / 3 + 1 + 1, 1e-12);
	ck_assert_double_eq(cost_on(2), 1 + 4 + 3);
}
END_TEST

START_TEST(a_member_behind_the_gate_more_so)
{
	members(1, 1, 2);
	members(2, 1, 1);
	ck_assert_double_eq_tol(cost_on(0), 1 + 1 + 3. / 9, 1e-12);
	ck_assert_double_eq_tol(cost_on(1), 1. / 9 + 1. / 9 + 3. / 9, 1e-12);
	ck_assert_double_eq_tol(cost_on(2), 1. / 3 + 4. / 3 + 1, 1e-12);
}
END_TEST

START_TEST(members_behind_unknown_gates_are_near_their_server)
{
	members(1, PLACE_GATE_UNKNOWN, 1);
	members(1, 1, 1);
	members(2, PLACE_GATE_UNKNOWN, 1);
	ck_assert_double_eq_tol(cost_on(0), 1 + 1 + 3. / 9, 1e-12);
	ck_assert_double_eq_tol(cost_on(1), 1. / 9 + 1. / 9 + 3. / 9, 1e-12);
	ck_assert_double_eq_tol(cost_on(2), 1. / 3 + 4 + 1, 1e-12);
}
END_TEST

START_TEST(a_rate_counts_as_its_class)
{
	members(1, 9, 1);
	class_of_c = 4;
	ck_assert_double_eq(cost_on(0), 64 * 3);
}
END_TEST

START_TEST(seats_of_unknown_servers_are_left_out)
{
	static const char *const sids[] = { "", "AAA", "0a0", "0A[", "0A" };

	members(20, 1, 100);
	for (int i = 0; i < ROWS(sids); i++) {
		members(0, 1, 100);
		strcpy(seat[nseat - 1].sid.s, sids[i]);
	}
	ck_assert_double_eq(cost_on(0), 1 + 1 + 3);
}
END_TEST

/* The first sid and the last one that there can be. */
START_TEST(servers_are_found_by_sid)
{
	struct place_sid first = { "000" }, last = { "9ZZ" };

	place_net_get(&net, first)->region = 7;
	place_net_get(&net, last)->region = 8;
	members(0, 9, 0);
	seat[nseat++] = (struct place_seat){ first, 9, 1 };
	seat[nseat++] = (struct place_seat){ last, 9, 2 };
	ck_assert_double_eq(cost_on(0), 1 + 1 + 3);
	place_net_find(&net, first)->up = true;
	place_net_find(&net, last)->up = true;
	ck_assert_double_eq_tol(cost_at(first), 1. / 3 + 4 + 1, 1e-12);
	ck_assert_double_eq_tol(cost_at(last), 1. / 9 + 4 + 3. / 9, 1e-12);
}
END_TEST

START_TEST(a_server_that_is_down_is_not_named)
{
	struct place_person person = { .channels = SPAN("#c") };
	struct place_answer a;

	members(1, 1, 3);
	net.v[1].up = false;
	place_cost(&net, &gate, &person, &facts, &a);
	ck_assert_uint_eq(a.n, 2);
	ck_assert_int_eq(place_answer_cost(&a, sid_of(1)), a.rest);
}
END_TEST

START_TEST(nobody_is_known)
{
	struct place_person person = {
		.home = sid_of(2), .joins = true, .channels = SPAN(" #a  #b ")
	};
	struct place_answer a;

	place_cost(&net, &gate, &person, &facts, &a);
	ck_assert(!place_answer_knows(&a));
	ck_assert_str_eq(a.home.s, sid_of(2).s);
	ck_assert(a.joins);
	for (unsigned i = 0; i < 4; i++)
		ck_assert_int_eq(place_answer_cost(&a, sid_of(i)), 0);
}
END_TEST

START_TEST(peers_pull)
{
	struct place_peer peer[] = { { sid_of(1), 8 * PLACE_LINE },
		{ sid_of(2), 2 * PLACE_LINE } };
	struct place_person person = { .peer = peer, .npeers = 2 };
	struct place_answer a;

	place_cost(&net, &gate, &person, &facts, &a);
	ck_assert_uint_eq(a.rate, 10 * PLACE_LINE);
	ck_assert_int_eq(place_answer_cost(&a, sid_of(0)), 40 * PLACE_ONE);
	ck_assert_int_eq(place_answer_cost(&a, sid_of(1)), 8 * PLACE_ONE);
	ck_assert_int_eq(place_answer_cost(&a, sid_of(2)), 32 * PLACE_ONE);
	ck_assert_int_eq(a.rest, 40 * PLACE_ONE);
}
END_TEST

/* A list of channels that is too long, on as many servers as there can be, each
 * as expensive as it can be. */
START_TEST(the_greatest_cost_is_bounded)
{
	static char text[3 * (PLACE_CHANNELS_MAX + 10)];
	struct place_peer peer[PLACE_PEERS_MAX + 1];
	struct place_person person = { .channels =
					   span_make(text, sizeof(text)),
		.peer = peer,
		.npeers = PLACE_PEERS_MAX + 1 };
	struct place_answer a;

	for (size_t i = 0; i < sizeof(text); i += 3)
		memcpy(text + i, "#c ", 3);
	for (unsigned i = 0; i <= PLACE_PEERS_MAX; i++)
		peer[i] = (struct place_peer){ sid_of(i), UINT64_MAX };
	for (unsigned i = 0; i < PLACE_SERVERS_MAX; i++)
		place_net_get(&net, sid_of(i))->up = true;
	members(0, 1, UINT32_MAX);
	members(0, 1, 2);
	class_of_c = UINT32_MAX;
	ck_assert_uint_le(place_cost(&net, &gate, &person, &facts, &a),
	    2000 * (PLACE_CHANNELS_MAX + PLACE_PEERS_MAX));
	ck_assert_uint_eq(a.rate,
	    (PLACE_CHANNELS_MAX + PLACE_PEERS_MAX) * PLACE_RATE_MAX);
	ck_assert_int_eq(a.rest, (PLACE_CHANNELS_MAX * 8 + PLACE_PEERS_MAX) *
				     place_pull(PLACE_RATE_MAX, 0));
	ck_assert_int_lt(a.rest, INT64_C(1) << 60);
	/* region, server and gate have many */
	ck_assert_int_eq(place_answer_cost(&a, sid_of(0)),
	    (PLACE_PEERS_MAX - 1) * place_pull(PLACE_RATE_MAX, 0));
}
END_TEST

Suite *
cost_suite(void)
{
	Suite *s = suite_create("cost");
	TCase *tc = unit_case("cost");

	tcase_add_checked_fixture(tc, up, down);
	tcase_add_test(tc, an_empty_channel_costs_as_a_new_place);
	tcase_add_test(tc, a_member_makes_places_cheaper);
	tcase_add_test(tc, a_member_behind_the_gate_more_so);
	tcase_add_test(tc, members_behind_unknown_gates_are_near_their_server);
	tcase_add_test(tc, a_rate_counts_as_its_class);
	tcase_add_test(tc, seats_of_unknown_servers_are_left_out);
	tcase_add_test(tc, servers_are_found_by_sid);
	tcase_add_test(tc, a_server_that_is_down_is_not_named);
	tcase_add_test(tc, nobody_is_known);
	tcase_add_test(tc, peers_pull);
	tcase_add_test(tc, the_greatest_cost_is_bounded);
	suite_add_tcase(s, tc);
	return s;
}
