/*
 * Many made-up worlds, in each of which the choice is compared with a slow and
 * exact model (world.h). `WORLDS=number` makes more of them.
 */
#include "unit/place/world.h"

#include <stdlib.h>

#include "place/choose.h"
#include "unit/place/check_place.h"

static struct world world;
static struct rng rng;
static struct place_gate gate;
static struct span channels;
static char names[WORLD_CHANNELS * 8];
static struct place_answer answer;

static unsigned
below(unsigned n)
{
	return (unsigned)rng_below(&rng, n);
}

static unsigned
worlds(unsigned usual)
{
	const char *more = getenv("WORLDS");

	return more != NULL ? (unsigned)strtoul(more, NULL, 10) : usual;
}

static void
begin(unsigned seed)
{
	rng_seed(&rng, seed);
	world_init(&world, &rng);
	world.whole = below(2) == 0;
	gate = (struct place_gate){ 1 + below(4), (uint16_t)below(4) };
	channels = world_channels(&world, &rng, names, sizeof(names));
}

static void
ask_for_costs(void)
{
	struct place_person person = { .channels = channels };
	struct place_facts facts = world_facts(&world);

	place_cost(&world.net, &gate, &person, &facts, &answer);
}

/* Invariant: the potential rises by what the choice costs, exactly. */
START_TEST(a_person_costs_what_the_potential_grows_by)
{
	for (unsigned seed = 0; seed < worlds(300); seed++) {
		__int128 before, after;
		unsigned n;

		begin(seed);
		ask_for_costs();
		before = world_potential(&world, &gate);
		n = world.n;
		for (unsigned s = 0; s < world.net.n; s++) {
			world_enter(&world, channels, s, gate.gate);
			after = world_potential(&world, &gate);
			world.n = n;
			ck_assert_msg(after - before ==
					  place_answer_cost(&answer, sid_of(s)),
			    "seed %u, server %u", seed, s);
		}
		world_fini(&world);
	}
}
END_TEST

/* Invariant: two servers with equal facts compute equal costs. */
START_TEST(equal_facts_make_equal_costs)
{
	static struct place_answer again;

	for (unsigned seed = 0; seed < worlds(300); seed++) {
		begin(seed);
		ask_for_costs();
		again = answer;
		world_shuffle(&world, &rng);
		world.whole = !world.whole;
		ask_for_costs();
		ck_assert_mem_eq(&answer, &again, sizeof(again));
		world_fini(&world);
	}
}
END_TEST

/* Figures of all kinds; some servers have much room, some have none. */
static void
make_figures(void)
{
	unsigned scale = 1 + below(1000);

	world.net.bound_rate = (uint16_t)(100 + below(20));
	for (unsigned i = 0; i < world.net.n; i++) {
		struct place_server *s = &world.net.v[i];

		s->weight = (uint16_t)(below(3) == 0 ? 1 + below(1000) : 100);
		s->up = below(8) != 0;
		s->draining = below(8) == 0;
		s->full = below(8) == 0;
		s->rtt_us = below(4) * below(50000);
		place_net_load(s, below(5) + scale + below(1 + scale / 5),
		    (uint64_t)scale * below(3) * 100 + below(scale), 0);
		for (unsigned n = below(3) * below(4); n > 0; n--)
			place_sent_add(&s->sent, below(1000), at_ms(0));
	}
}

static bool
takes(const struct place_server *s)
{
	return s->up && !s->draining && !s->full;
}

/* Return what is on a server if the person goes there; the person reads `rate`.
 */
static __int128
users_then(const struct place_server *s)
{
	return (__int128)s->users + place_sent_users(&s->sent) + 1;
}

static __int128
rate_then(const struct place_server *s, uint64_t rate)
{
	return (__int128)s->rate + place_sent_rate(&s->sent) + rate;
}

static bool
is_within(__int128 n, __int128 share, unsigned hundredths, __int128 slack)
{
	return n * 100 <= share * hundredths || n <= share + slack;
}

/* The sums of all open servers, with the person. */
struct model {
	__int128 users, rate, weight;
};

static struct model
model_sum(uint64_t rate)
{
	struct model m = { .users = 1, .rate = rate };

	for (unsigned i = 0; i < world.net.n; i++) {
		const struct place_server *o = &world.net.v[i];

		if (!takes(o))
			continue;
		m.users += users_then(o) - 1;
		m.rate += rate_then(o, 0);
		m.weight += o->weight;
	}
	return m;
}

/*
 * The bound as it is defined: some hundredths of the share, or the share and
 * one user, or the share and what three people read: three as the mean of all,
 * or as the one who comes. Lines do not count for somebody who reads less than
 * the mean. Shares and means are whole numbers.
 */
static bool
model_room(const struct place_server *s, uint64_t rate)
{
	struct model m = model_sum(rate);
	__int128 mean = m.rate / m.users, each = mean > rate ? mean : rate;

	return is_within(users_then(s), m.users * s->weight / m.weight,
		   world.net.bound_users, 1) &&
	       (rate < mean ||
		   is_within(rate_then(s, rate), m.rate * s->weight / m.weight,
		       world.net.bound_rate, 3 * each));
}

/* The price of the seat that the person would take. */
static __int128
model_price(const struct place_server *s, uint64_t rate)
{
	struct model m = model_sum(rate);
	__int128 share = m.users * s->weight / m.weight, bound;

	bound = share * world.net.bound_users / 100;
	if (bound < share + 1)
		bound = share + 1;
	return place_price((uint64_t)(m.rate / m.users),
	    (uint64_t)(users_then(s) * 1000 / bound));
}

static __int128
model_cost(unsigned server, uint32_t least)
{
	__int128 before = world_potential(&world, &gate), cost;
	unsigned n = world.n;

	world_enter(&world, channels, server, gate.gate);
	cost = world_potential(&world, &gate) - before;
	world.n = n;
	return cost +
	       place_delay(answer.rate,
		   (world.net.v[server].rtt_us - least) / 2) +
	       model_price(&world.net.v[server], answer.rate);
}

/* Return whether no server with room costs less than the chosen one. */
static void
check_best(const struct place_choice *c, unsigned seed)
{
	uint32_t least = UINT32_MAX;
	unsigned own = number_of(c->server->sid);

	ck_assert_msg(model_room(c->server, c->rate), "seed %u", seed);
	for (unsigned i = 0; i < world.net.n; i++) {
		const struct place_server *s = &world.net.v[i];

		if (takes(s) && model_room(s, c->rate) && s->rtt_us < least)
			least = s->rtt_us;
	}
	for (unsigned i = 0; i < world.net.n; i++) {
		const struct place_server *s = &world.net.v[i];

		if (takes(s) && model_room(s, c->rate))
			ck_assert_msg(model_cost(i, least) >=
					  model_cost(own, least),
			    "seed %u: %u is better than %u", seed, i, own);
	}
}

static void
check_over(const struct place_choice *c, unsigned seed)
{
	for (unsigned i = 0; i < world.net.n; i++) {
		const struct place_server *s = &world.net.v[i];

		if (c->why == PLACE_NOBODY)
			ck_assert_msg(!takes(s), "seed %u", seed);
		else
			ck_assert_msg(!takes(s) || !model_room(s, c->rate),
			    "seed %u: %u has room", seed, i);
	}
}

START_TEST(the_choice_is_the_best_one_with_room)
{
	unsigned best = 0, over = 0;

	for (unsigned seed = 0; seed < worlds(600); seed++) {
		struct place_ask ask = { .strategy = PLACE_TOGETHER,
			.answer = &answer };
		struct place_choice c;

		begin(seed);
		make_figures();
		ask_for_costs();
		c = place_choose(&world.net, &ask);
		if (c.why == PLACE_BEST && place_answer_knows(&answer))
			check_best(&c, seed);
		else if (c.why != PLACE_BEST)
			check_over(&c, seed);
		best += c.why == PLACE_BEST && place_answer_knows(&answer);
		over += c.why == PLACE_OVER;
		world_fini(&world);
	}
	ck_assert_uint_ge(best, worlds(600) / 3);
	ck_assert_uint_ge(over, worlds(600) / 200);
}
END_TEST

/* Invariant: each strategy chooses an open server within its bound, or says
 * that it does not. */
START_TEST(no_strategy_goes_over_a_bound)
{
	for (unsigned seed = 0; seed < worlds(600); seed++) {
		struct place_ask ask = { .strategy = (enum place_strategy)_i,
			.answer = &answer,
			.address = channels,
			.rng = &rng };
		struct place_choice c;

		begin(seed);
		make_figures();
		ask_for_costs();
		c = place_choose(&world.net, &ask);
		if (c.why != PLACE_BEST)
			check_over(&c, seed);
		else
			ck_assert(takes(c.server) &&
				  model_room(c.server, c.rate));
		ck_assert_uint_eq(world.net.over, c.why == PLACE_OVER);
		world_fini(&world);
	}
}
END_TEST

/* Invariant: channels with many members at each place pull nobody. */
START_TEST(large_channels_pull_nobody)
{
	for (unsigned seed = 0; seed < worlds(50); seed++) {
		struct place_ask ask = { .answer = &answer };
		struct place_choice together, nearest;

		begin(seed);
		world.nchan = 2;
		world.n = 0;
		channels = SPAN("#0 #1");
		for (unsigned s = 0; s < world.net.n; s++)
			for (unsigned i = 0; i < 2 * PLACE_MANY; i++)
				world.member[world.n++] =
				    (struct member){ i % 2, s, gate.gate };
		for (unsigned s = 0; s < world.net.n; s++)
			world.net.v[s].rtt_us = 1 + below(100000);
		ask_for_costs();
		ck_assert_uint_gt(answer.rate, 0);
		for (unsigned s = 0; s < world.net.n; s++)
			ck_assert_int_eq(place_answer_cost(&answer, sid_of(s)),
			    0);
		ask.strategy = PLACE_TOGETHER;
		together = place_choose(&world.net, &ask);
		ask.strategy = PLACE_NEAREST;
		nearest = place_choose(&world.net, &ask);
		ck_assert_ptr_eq(together.server, nearest.server);
		world_fini(&world);
	}
}
END_TEST

Suite *
worlds_suite(void)
{
	Suite *s = suite_create("worlds");
	TCase *tc = unit_case("worlds");

	tcase_set_timeout(tc, 0);
	tcase_add_test(tc, a_person_costs_what_the_potential_grows_by);
	tcase_add_test(tc, equal_facts_make_equal_costs);
	tcase_add_test(tc, the_choice_is_the_best_one_with_room);
	tcase_add_loop_test(tc, no_strategy_goes_over_a_bound, 0,
	    PLACE_STRATEGIES);
	tcase_add_test(tc, large_channels_pull_nobody);
	suite_add_tcase(s, tc);
	return s;
}
