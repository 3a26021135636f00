/*
 * Everybody connects at once, at several gates, and what gates and servers know
 * of each other is late. The bound must hold nevertheless: each server admits
 * people by its own exact figures, and a gate asks the next server if one
 * refuses.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "place/choose.h"
#include "unit/place/check_place.h"

#define PEOPLE 4000
#define SERVERS 10
#define GATES 4
#define TICK_MS 10
#define ARRIVE_MS 20000 /* all of them come within that time */
#define END_MS 40000
#define TICKS (END_MS / TICK_MS + 500)

/* A server tells its figures that often; and sooner if it has a hundredth more
 * people than it told last, but not more often than LEAST_MS. */
#define MOST_MS 10000
#define LEAST_MS 200
#define LINK_MS 200	  /* how long they take to another server */
#define VERY_LATE_MS 3000 /* how long they may take to a gate */

struct mail {
	struct mail *next;
	void (*arrives)(const struct mail *);
	unsigned person, server, gate;
	uint64_t number; /* of place_sent_add(), or of those that were seen */
	uint32_t users;
	uint64_t rate;
	bool over;
};

struct person {
	unsigned gate;
	unsigned friends; /* the server where the friends are */
	uint64_t rate;
	struct place_sid refused[SERVERS];
	size_t nrefused;
};

struct server {
	struct place_net net; /* what it knows; itself exactly */
	uint64_t seen[GATES]; /* how many of each gate it has judged */
	struct place_sent admitted;
	unsigned told; /* the tick at which it told its figures last */
	uint32_t told_users;
	unsigned over;
};

static struct place_net gate[GATES];
static struct server server[SERVERS];
static struct person person[PEOPLE];
static struct mail *due[TICKS];
static unsigned tick, placed, refusals;
static struct rng rng;
static enum place_strategy strategy;
static unsigned late_ms; /* so late are the figures at gates */

static unsigned
below(unsigned n)
{
	return (unsigned)rng_below(&rng, n);
}

static struct mono
now(void)
{
	return at_ms((int64_t)tick * TICK_MS);
}

static void
post(struct mail m, unsigned ms)
{
	struct mail *copy = malloc(sizeof(*copy));
	unsigned at = tick + 1 + ms / TICK_MS;

	ck_assert_ptr_nonnull(copy);
	ck_assert_uint_lt(at, TICKS);
	m.next = due[at];
	*copy = m;
	due[at] = copy;
}

static struct place_server *
self_of(unsigned i)
{
	return &server[i].net.v[i];
}

static void place(unsigned who);

static void
comes_back(const struct mail *m)
{
	struct person *p = &person[m->person];

	refusals++;
	p->refused[p->nrefused++] = sid_of(m->server);
	place(m->person);
}

static void
comes_to_server(const struct mail *m)
{
	struct server *s = &server[m->server];
	struct place_server *self = self_of(m->server);
	struct mail answer = *m;

	if (s->seen[m->gate] < m->number)
		s->seen[m->gate] = m->number;
	place_sent_expire(&s->admitted, now());
	if (!place_admits(&s->net, self, m->rate,
		m->over ? NULL : &s->admitted)) {
		answer.arrives = comes_back;
		post(answer, gate[m->gate].v[m->server].rtt_us / 2000);
		return;
	}
	place_sent_add(&s->admitted, m->rate, now());
	self->users++;
	self->rate += m->rate;
	placed++;
	s->over += m->over;
}

static void
place(unsigned who)
{
	struct person *p = &person[who];
	struct place_net *net = &gate[p->gate];
	struct place_answer answer = { .rate = p->rate, .rest = 1000 };
	struct place_ask ask = { .strategy = strategy,
		.address = span_make(&who, sizeof(who)),
		.answer = &answer,
		.refused = p->refused,
		.nrefused = p->nrefused,
		.rng = &rng };
	struct place_choice c;
	struct mail m;

	answer.cost[answer.n++].sid = sid_of(p->friends);
	c = place_choose(net, &ask);
	ck_assert_ptr_nonnull(c.server);
	m = (struct mail){ .arrives = comes_to_server,
		.person = who,
		.server = number_of(c.server->sid),
		.gate = p->gate,
		.rate = c.rate,
		.over = c.why == PLACE_OVER };
	m.number = place_sent_add(&c.server->sent, c.rate, now());
	post(m, c.server->rtt_us / 2000);
}

static void
figures_come(const struct mail *m)
{
	place_net_load(&gate[m->gate].v[m->server], m->users, m->rate,
	    m->number);
}

static void
facts_come(const struct mail *m)
{
	for (unsigned i = 0; i < SERVERS; i++)
		if (i != m->server)
			place_net_load(&server[i].net.v[m->server], m->users,
			    m->rate, 0);
}

static void
tell(unsigned i)
{
	struct server *s = &server[i];
	struct mail m = { .server = i,
		.users = self_of(i)->users,
		.rate = self_of(i)->rate,
		.arrives = facts_come };
	unsigned ms = (tick - s->told) * TICK_MS;

	if (ms < LEAST_MS ||
	    (ms < MOST_MS && m.users * 100 <= s->told_users * 101))
		return;
	s->told = tick;
	s->told_users = m.users;
	post(m, LINK_MS);
	m.arrives = figures_come;
	for (m.gate = 0; m.gate < GATES; m.gate++) {
		m.number = s->seen[m.gate];
		post(m, late_ms + gate[m.gate].v[i].rtt_us / 2000);
	}
}

static void
net_far_and_near(struct place_net *net)
{
	net_of(net, SERVERS);
	for (unsigned i = 0; i < SERVERS; i++)
		net->v[i].rtt_us = below(100000);
}

static void
up(void)
{
	rng_seed(&rng, 7);
	tick = placed = refusals = 0;
	memset(server, 0, sizeof(server));
	memset(person, 0, sizeof(person));
	for (unsigned i = 0; i < GATES; i++)
		net_far_and_near(&gate[i]);
	for (unsigned i = 0; i < SERVERS; i++)
		net_of(&server[i].net, SERVERS);
	for (unsigned i = 0; i < SERVERS; i++)
		place_sent_init(&server[i].admitted, PLACE_LATE_MS);
	/* a third has all friends at one server */
	for (unsigned i = 0; i < PEOPLE; i++)
		person[i] = (struct person){ .gate = below(GATES),
			.friends = below(3) == 0 ? 3 : below(SERVERS),
			.rate = 1 + below(100) * below(20) };
}

static void
down(void)
{
	for (unsigned i = 0; i < GATES; i++)
		place_net_fini(&gate[i]);
	for (unsigned i = 0; i < SERVERS; i++)
		place_net_fini(&server[i].net);
}

static void
run_tick(unsigned *come)
{
	struct mail *m;

	while ((m = due[tick]) != NULL) {
		due[tick] = m->next;
		m->arrives(m);
		free(m);
	}
	for (unsigned i = 0; i < SERVERS; i++)
		tell(i);
	for (; *come < PEOPLE &&
	       *come < tick * TICK_MS * (PEOPLE / 1000) / (ARRIVE_MS / 1000);
	     ++*come)
		place(*come);
}

START_TEST(the_bound_holds_though_all_decide_at_once)
{
	unsigned come = 0, most = 0, over = 0;
	uint64_t rate = 0, most_rate = 0;
	unsigned more = _i < PLACE_STRATEGIES ? 1 : 10;

	strategy = (enum place_strategy)(_i % PLACE_STRATEGIES);
	late_ms = _i < PLACE_STRATEGIES ? 0 : VERY_LATE_MS;
	for (; tick < END_MS / TICK_MS + 100; tick++)
		run_tick(&come);
	for (; tick < TICKS; tick++)
		for (struct mail *m; (m = due[tick]) != NULL; free(m))
			due[tick] = m->next;
	ck_assert_uint_eq(placed, PEOPLE);
	for (unsigned i = 0; i < SERVERS; i++) {
		const struct place_server *s = self_of(i);

		most = s->users > most ? s->users : most;
		most_rate = s->rate > most_rate ? s->rate : most_rate;
		rate += s->rate;
		over += server[i].over;
	}
	if (getenv("PLACE_FIGURES") != NULL)
		fprintf(stderr,
		    "%-12.*s figures %4u ms late: users max/mean %.3f, lines "
		    "%.3f, over the bound %u, refused %u\n",
		    SPAN_ARG(place_strategy_word(strategy)), late_ms,
		    most * (double)SERVERS / PEOPLE,
		    (double)most_rate * SERVERS / (double)rate, over, refusals);
	/* the bounds, and those of whom nobody knew yet */
	ck_assert_uint_le(most * SERVERS * 100,
	    PEOPLE * (PLACE_BOUND_USERS + more));
	ck_assert_uint_le(most_rate * SERVERS * 100,
	    rate * (PLACE_BOUND_RATE + more));
	ck_assert_uint_le(over, PEOPLE * (late_ms > 0 ? 5 : 1) / 100);
}
END_TEST

Suite *
crowd_suite(void)
{
	Suite *s = suite_create("crowd");
	TCase *tc = unit_case("crowd");

	tcase_add_checked_fixture(tc, up, down);
	tcase_add_loop_test(tc, the_bound_holds_though_all_decide_at_once, 0,
	    2 * PLACE_STRATEGIES);
	suite_add_tcase(s, tc);
	return s;
}
