#include "place/choose.h"

#include <stdio.h>
#include <string.h>

#include "unit/place/check_place.h"

#define SERVERS 5
#define DRAWS 20000

static struct place_net net;
static struct rng rng;
static struct place_answer answer;
static struct place_sid refused[SERVERS];
static struct place_ask ask;

static void
up(void)
{
	net_of(&net, SERVERS);
	for (unsigned i = 0; i < SERVERS; i++)
		place_net_load(&net.v[i], 10000, 0, 0);
	rng_seed(&rng, 1);
	memset(&answer, 0, sizeof(answer));
	ask = (struct place_ask){ .refused = refused, .rng = &rng };
}

static void
down(void)
{
	place_net_fini(&net);
}

/* Return the number of the server that is chosen. */
static unsigned
chosen(enum place_strategy strategy)
{
	struct place_choice c;

	ask.strategy = strategy;
	c = place_choose(&net, &ask);
	ck_assert_int_eq(c.why, PLACE_BEST);
	return number_of(c.server->sid);
}

/* The server has that weight, and as many people as it should have. */
static void
weigh(unsigned i, unsigned weight)
{
	net.v[i].weight = (uint16_t)(weight * PLACE_WEIGHT);
	place_net_load(&net.v[i], 10000 * weight, 0, 0);
}

static void
load(const uint32_t users[SERVERS])
{
	for (unsigned i = 0; i < SERVERS; i++)
		place_net_load(&net.v[i], users[i], 0, 0);
}

static void
refuse(unsigned i)
{
	refused[ask.nrefused++] = sid_of(i);
}

/* Somebody reads as much, and costs as much on the servers. */
static void
person(uint64_t rate, const int64_t *cost)
{
	answer.rate = rate;
	for (answer.n = 0; answer.n < SERVERS; answer.n++)
		answer.cost[answer.n] =
		    (struct place_cost){ sid_of((unsigned)answer.n),
			    cost[answer.n] };
	ask.answer = &answer;
}

START_TEST(strategies_have_words)
{
	for (int s = 0; s < PLACE_STRATEGIES; s++) {
		struct span word = place_strategy_word((enum place_strategy)s);

		ck_assert_int_eq((int)place_strategy_find(word), s);
		ck_assert_uint_gt(place_strategy_what((enum place_strategy)s).n,
		    0);
	}
	ck_assert_int_eq((int)place_strategy_find(SPAN("")), PLACE_STRATEGIES);
	ck_assert_int_eq((int)place_strategy_find(SPAN("together")),
	    PLACE_TOGETHER);
}
END_TEST

static void
count_draws(enum place_strategy strategy, unsigned count[SERVERS])
{
	char text[20];

	memset(count, 0, SERVERS * sizeof(*count));
	for (unsigned i = 0; i < DRAWS; i++) {
		ask.address.n = (size_t)snprintf(text, sizeof(text),
		    "198.51.%u.%u", i / 256, i % 256);
		ask.address.p = text;
		count[chosen(strategy)]++;
	}
}

static const enum place_strategy by_chance[] = { PLACE_RANDOM, PLACE_HASH };

START_TEST(chance_goes_by_weight)
{
	unsigned count[SERVERS];

	count_draws(by_chance[_i], count);
	for (unsigned i = 0; i < SERVERS; i++) {
		ck_assert_uint_ge(count[i], DRAWS / SERVERS * 95 / 100);
		ck_assert_uint_le(count[i], DRAWS / SERVERS * 105 / 100);
	}
	weigh(0, 3); /* three parts of seven */
	count_draws(by_chance[_i], count);
	ck_assert_uint_ge(count[0], DRAWS * 3 / 7 * 95 / 100);
	ck_assert_uint_le(count[0], DRAWS * 3 / 7 * 105 / 100);
	ck_assert_uint_ge(count[4], DRAWS / 7 * 95 / 100);
	ck_assert_uint_le(count[4], DRAWS / 7 * 105 / 100);
}
END_TEST

/* A server that goes leaves its addresses to the others, and takes them back;
 * no other address moves. */
START_TEST(hash_moves_few_addresses)
{
	char text[20];
	unsigned moved = 0;

	for (unsigned i = 0; i < 2000; i++) {
		unsigned with, without;

		ask.address.n =
		    (size_t)snprintf(text, sizeof(text), "10.%u", i);
		ask.address.p = text;
		with = chosen(PLACE_HASH);
		ck_assert_uint_eq(chosen(PLACE_HASH), with);
		place_net_find(&net, sid_of(2))->up = false;
		without = chosen(PLACE_HASH);
		place_net_find(&net, sid_of(2))->up = true;
		ck_assert_uint_ne(without, 2);
		ck_assert(with == 2 || with == without);
		moved += with == 2;
	}
	ck_assert_uint_ge(moved, 350);
	ck_assert_uint_le(moved, 450);
}
END_TEST

START_TEST(round_robin_takes_turns)
{
	unsigned count[SERVERS];

	for (unsigned i = 0; i < 3 * SERVERS; i++)
		ck_assert_uint_eq(chosen(PLACE_ROUND_ROBIN), i % SERVERS);
	weigh(1, 2);
	refuse(4);
	count_draws(PLACE_ROUND_ROBIN, count);
	ck_assert_uint_eq(count[1], DRAWS * 2 / 5);
	ck_assert_uint_eq(count[2], DRAWS / 5);
	ck_assert_uint_eq(count[4], 0);
}
END_TEST

START_TEST(least_load_has_most_room)
{
	place_net_load(&net.v[3], 9999, 0, 0);
	ck_assert_uint_eq(chosen(PLACE_LEAST_LOAD), 3);
	place_net_load(&net.v[2], 9000, 0, 0);
	ck_assert_uint_eq(chosen(PLACE_LEAST_LOAD), 2);
	for (unsigned i = 0; i < SERVERS; i++)
		place_net_load(&net.v[i], net.v[i].users, 1000000, 0);
	place_net_load(&net.v[2], 9000, 1300000, 0);
	ck_assert_uint_eq(chosen(PLACE_LEAST_LOAD), 3);
	net.v[4].weight = 2 * PLACE_WEIGHT;
	ck_assert_uint_eq(chosen(PLACE_LEAST_LOAD), 4);
}
END_TEST

START_TEST(nearest_has_the_shortest_way)
{
	static const uint32_t us[SERVERS] = { 50000, 12000, 9000, 30000, 200 };

	for (unsigned i = 0; i < SERVERS; i++)
		net.v[i].rtt_us = us[i];
	ck_assert_uint_eq(chosen(PLACE_NEAREST), 4);
	/* above 90 % of its bound: 20 ms farther away */
	load((uint32_t[]){ 9000, 9000, 9000, 9000, 10000 });
	ck_assert_uint_eq(chosen(PLACE_NEAREST), 2);
	load((uint32_t[]){ 9000, 10000, 10000, 9000, 10000 });
	ck_assert_uint_eq(chosen(PLACE_NEAREST), 4);
	/* above 97 %: last */
	load((uint32_t[]){ 9000, 10000, 10000, 9000, 10500 });
	ck_assert_uint_eq(chosen(PLACE_NEAREST), 2);
	load((uint32_t[]){ 9000, 10000, 10500, 9000, 10500 });
	ck_assert_uint_eq(chosen(PLACE_NEAREST), 3);
	refuse(3);
	refuse(0);
	refuse(1);
	ck_assert_uint_eq(chosen(PLACE_NEAREST), 4);
}
END_TEST

START_TEST(together_costs_least)
{
	static const int64_t cost[SERVERS] = { 9 * PLACE_ONE, 8 * PLACE_ONE,
		3 * PLACE_ONE, 7 * PLACE_ONE, 3 * PLACE_ONE };

	net.v[2].rtt_us = 200;
	ck_assert_uint_eq(chosen(PLACE_TOGETHER), 0); /* nearest, by sid */
	person(100, cost);
	ck_assert_uint_eq(chosen(PLACE_TOGETHER), 4);
	net.v[4].rtt_us = 201; /* half a microsecond later: nothing */
	ck_assert_uint_eq(chosen(PLACE_TOGETHER), 2);
	net.v[2].rtt_us = 200000; /* 100 ms for 25 lines: 0.75 of a line */
	ck_assert_uint_eq(chosen(PLACE_TOGETHER), 4);
	refuse(4);
	ck_assert_uint_eq(chosen(PLACE_TOGETHER), 2);
	net.v[2].rtt_us = 4000000;
	ck_assert_uint_eq(chosen(PLACE_TOGETHER), 3);
	answer.rate = 0;
	ck_assert_uint_eq(chosen(PLACE_TOGETHER), 0);
}
END_TEST

/* Server 0 has a hundredth of its bound left. A seat there costs a good deal
 * more than a line of the mean, so a person who gains less goes elsewhere. */
START_TEST(the_last_seats_are_for_those_who_gain_most)
{
	static const int64_t little[SERVERS] = { 0, PLACE_ONE, PLACE_ONE * 9,
		PLACE_ONE * 9, PLACE_ONE * 9 };
	static const int64_t much[SERVERS] = { 0, 40 * PLACE_ONE,
		40 * PLACE_ONE, 40 * PLACE_ONE, 40 * PLACE_ONE };

	for (unsigned i = 0; i < SERVERS; i++)
		place_net_load(&net.v[i], 10000, 100000, 0);
	person(10, little);
	ck_assert_uint_eq(chosen(PLACE_TOGETHER), 0);
	place_net_load(&net.v[0], 11000, 100000, 0);
	ck_assert_uint_eq(chosen(PLACE_TOGETHER), 1);
	person(10, much);
	ck_assert_uint_eq(chosen(PLACE_TOGETHER), 0);
}
END_TEST

/* A server that the answer does not name costs the rest. */
START_TEST(a_server_that_is_not_named)
{
	static const int64_t cost[SERVERS] = { 9, 8, 7, 6, 5 };

	person(100, cost);
	answer.n = 3;
	answer.rest = 100;
	ck_assert_uint_eq(chosen(PLACE_TOGETHER), 2);
	answer.rest = 6;
	ck_assert_uint_eq(chosen(PLACE_TOGETHER), 3);
}
END_TEST

START_TEST(fewer_people_before_lesser_sids)
{
	ck_assert_uint_eq(chosen(PLACE_NEAREST), 0);
	place_net_load(&net.v[3], 9999, 0, 0);
	ck_assert_uint_eq(chosen(PLACE_NEAREST), 3);
	net.v[1].weight = PLACE_WEIGHT + 1;
	ck_assert_uint_eq(chosen(PLACE_NEAREST), 1);
}
END_TEST

static struct place_choice
choice(enum place_strategy strategy)
{
	ask.strategy = strategy;
	return place_choose(&net, &ask);
}

START_TEST(an_account_goes_home)
{
	static const int64_t cost[SERVERS] = { 0, 1000, 1000, 1000, 1000 };
	struct place_choice c;

	person(100, cost);
	answer.home = sid_of(3);
	c = choice((enum place_strategy)_i);
	ck_assert_int_eq(c.why, PLACE_HOME);
	ck_assert_uint_eq(number_of(c.server->sid), 3);
	ck_assert_uint_eq(c.rate, 100);

	place_net_load(&net.v[3], 20000, 0, 0); /* no room for one more user */
	c = choice((enum place_strategy)_i);
	ck_assert_int_eq(c.why, PLACE_BEST);
	ck_assert_uint_ne(number_of(c.server->sid), 3);

	answer.joins = true; /* one more session needs none */
	c = choice((enum place_strategy)_i);
	ck_assert_int_eq(c.why, PLACE_HOME);

	place_net_find(&net, sid_of(3))->draining = true;
	ck_assert_int_eq(choice((enum place_strategy)_i).why, PLACE_BEST);
	place_net_find(&net, sid_of(3))->draining = false;
	refuse(3);
	ck_assert_int_eq(choice((enum place_strategy)_i).why, PLACE_BEST);
	ask.nrefused = 0;
	place_net_drop(&net, sid_of(3));
	ck_assert_int_eq(choice((enum place_strategy)_i).why, PLACE_BEST);
}
END_TEST

START_TEST(closed_servers_get_nobody)
{
	struct place_choice c;

	place_net_load(&net.v[0], 0, 0, 0);
	net.v[0].draining = true;
	place_net_load(&net.v[1], 0, 0, 0);
	net.v[1].full = true;
	place_net_load(&net.v[2], 0, 0, 0);
	place_net_down(&net.v[2]);
	for (unsigned i = 0; i < 200; i++) {
		ck_assert_uint_ge(chosen((enum place_strategy)_i), 3);
		ask.address = span_make(&i, sizeof(i));
	}
	refuse(3);
	refuse(4);
	c = choice((enum place_strategy)_i);
	ck_assert_int_eq(c.why, PLACE_OVER);
	ck_assert_uint_ge(number_of(c.server->sid), 3);
	net.v[3].full = true;
	net.v[4].full = true;
	c = choice((enum place_strategy)_i);
	ck_assert_int_eq(c.why, PLACE_NOBODY);
	ck_assert_ptr_null(c.server);
	ck_assert_uint_eq(net.over, 1);
	place_net_fini(&net);
	ck_assert_int_eq(choice((enum place_strategy)_i).why, PLACE_NOBODY);
}
END_TEST

/* All decide at once, and no figures come: nobody is over the bound, since
 * those who were sent count. */
START_TEST(those_who_were_sent_count)
{
	for (unsigned i = 0; i < SERVERS; i++)
		place_net_load(&net.v[i], 0, 0, 0);
	net.v[1].weight = 2 * PLACE_WEIGHT;
	for (unsigned i = 1; i <= 3000; i++) {
		struct place_choice c;
		uint64_t bound;

		ask.address = span_make(&i, sizeof(i));
		c = choice((enum place_strategy)_i);
		ck_assert_int_eq(c.why, PLACE_BEST);
		place_sent_add(&c.server->sent, c.rate, at_ms(i / 10));
		bound = i * (c.server->weight == PLACE_WEIGHT ? 1 : 2);
		bound = bound < 60 ? bound / 6 + 1 : bound / 6 * 110 / 100;
		ck_assert_uint_le(place_sent_users(&c.server->sent), bound);
	}
	ck_assert_uint_eq(net.over, 0);
}
END_TEST

START_TEST(the_least_full_takes_who_must_be_taken)
{
	struct place_choice c;

	for (unsigned i = 0; i < SERVERS; i++) {
		place_net_load(&net.v[i], 10000 + i, 1000000, 0);
		refuse(i);
	}
	place_net_load(&net.v[1], 9990, 1000000, 0);
	c = choice((enum place_strategy)_i);
	ck_assert_int_eq(c.why, PLACE_OVER);
	ck_assert_uint_eq(number_of(c.server->sid), 1);
	ck_assert_uint_eq(net.over, 1);
}
END_TEST

/* People stay, and lines come and go. */
START_TEST(the_least_full_has_a_seat)
{
	struct place_choice c;

	load((uint32_t[]){ 12000, 10000, 9000, 9000, 9000 });
	for (unsigned i = 1; i < SERVERS; i++)
		place_net_load(&net.v[i], net.v[i].users, 2000000 + i, 0);
	net.bound_rate = 100;
	person(0, (const int64_t[SERVERS]){ 0 });
	refuse(2);
	for (unsigned i = 3; i < SERVERS; i++)
		place_net_load(&net.v[i], 9000, 9000000, 0);
	net.v[1].rate = 7000000;
	c = choice((enum place_strategy)_i);
	ck_assert_int_eq(c.why, PLACE_OVER);
	ck_assert_uint_eq(number_of(c.server->sid), 1);
}
END_TEST

START_TEST(a_server_decides_by_its_own_bound)
{
	struct place_server *self = &net.v[2];
	struct place_sent admitted;

	place_sent_init(&admitted, PLACE_LATE_MS);
	ck_assert(place_admits(&net, self, 0, &admitted));
	place_net_load(self, 12000, 0, 0);
	ck_assert(!place_admits(&net, self, 0, &admitted));
	ck_assert(place_admits(&net, self, 0, NULL));
	/* the others may have got as many meanwhile */
	for (unsigned i = 0; i < 1500; i++)
		place_sent_add(&admitted, 0, at_ms(0));
	ck_assert(place_admits(&net, self, 0, &admitted));
	place_sent_expire(&admitted, at_ms(PLACE_LATE_MS));
	ck_assert(!place_admits(&net, self, 0, &admitted));
	self->draining = true;
	ck_assert(!place_admits(&net, self, 0, NULL));
}
END_TEST

Suite *
choose_suite(void)
{
	Suite *s = suite_create("choose");
	TCase *tc = unit_case("choose");

	tcase_add_checked_fixture(tc, up, down);
	tcase_add_test(tc, strategies_have_words);
	tcase_add_loop_test(tc, chance_goes_by_weight, 0, ROWS(by_chance));
	tcase_add_test(tc, hash_moves_few_addresses);
	tcase_add_test(tc, round_robin_takes_turns);
	tcase_add_test(tc, least_load_has_most_room);
	tcase_add_test(tc, nearest_has_the_shortest_way);
	tcase_add_test(tc, together_costs_least);
	tcase_add_test(tc, the_last_seats_are_for_those_who_gain_most);
	tcase_add_test(tc, a_server_that_is_not_named);
	tcase_add_test(tc, fewer_people_before_lesser_sids);
	tcase_add_loop_test(tc, an_account_goes_home, 0, PLACE_STRATEGIES);
	tcase_add_loop_test(tc, closed_servers_get_nobody, 0, PLACE_STRATEGIES);
	tcase_add_loop_test(tc, those_who_were_sent_count, 0, PLACE_STRATEGIES);
	tcase_add_loop_test(tc, the_least_full_takes_who_must_be_taken, 0,
	    PLACE_STRATEGIES);
	tcase_add_loop_test(tc, the_least_full_has_a_seat, 0, PLACE_STRATEGIES);
	tcase_add_test(tc, a_server_decides_by_its_own_bound);
	suite_add_tcase(s, tc);
	return s;
}
