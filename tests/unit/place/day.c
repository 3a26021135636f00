/*
 * Two made-up days of a small network: people of communities in three regions
 * come and go, and are placed by a strategy. The cost of messages is counted on
 * the second day: a copy for each other server that has members of the channel,
 * and one for each gate at each server. With PLACE_FIGURES=1 the figures are
 * printed.
 *
 * The day has the shape of a real one (channels and activity of very different
 * sizes, people who stay for days, hours or minutes), and its numbers are not
 * measured ones.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "place/choose.h"
#include "place/memory.h"
#include "unit/place/check_place.h"

#define PEOPLE 2000
#define CHANNELS 1100
#define COMMUNITIES 44
#define SERVERS 5
#define REGIONS 3 /* with one gate each */
#define MOST_CHANNELS 24
#define MOST_SESSIONS 24
#define MINUTES (2 * 24 * 60)
#define DAY (24 * 60)
#define RATE_OF_ALL (PEOPLE * 2) /* half a line an hour for each person */
#define RATE_MOST 500		 /* of one channel: 3000 lines a day */
#define GLOBAL 6		 /* channels for everybody */

struct session {
	unsigned from, to; /* minutes */
};

struct person {
	unsigned region, community;
	unsigned nchan, chan[MOST_CHANNELS];
	unsigned nsession, next;
	struct session session[MOST_SESSIONS];
	int server; /* -1: offline */
	uint64_t rate;
	struct addr addr;
};

struct channel {
	unsigned first, n; /* of a community: its channels */
	unsigned size;	   /* people who are ever on it */
	uint64_t rate;
	unsigned at[SERVERS][REGIONS];
};

struct figures {
	double lines, copies, between; /* of all messages */
	double late_us, clients;
	double max_mean;
	unsigned over;
};

static const unsigned region_of[SERVERS] = { 0, 0, 1, 1, 2 };
/* round trips between regions, in us */
static const uint32_t rtt[REGIONS][REGIONS] = { { 2000, 90000, 150000 },
	{ 90000, 2000, 180000 }, { 150000, 180000, 2000 } };
/* times a thousandth: how activity differs, log-normal with sigma 1.5 */
static const unsigned activity[] = { 61, 120, 180, 245, 325, 420, 550, 720, 930,
	1210, 1600, 2100, 2900, 4200, 7000, 16300 };
/* how many channels people are on: log-normal, median 4 */
static const unsigned memberships[] = { 1, 1, 2, 2, 2, 3, 3, 4, 4, 5, 5, 6, 8,
	9, 13, 24 };

static struct person person[PEOPLE];
static struct channel channel[CHANNELS];
static unsigned community_first[COMMUNITIES], community_n[COMMUNITIES];
static struct place_net net;
static struct place_memory *memory;
static struct rng rng;
static unsigned minute;
static unsigned walk, walk_at; /* of the facts */
static enum place_strategy strategy;

static unsigned
below(unsigned n)
{
	return (unsigned)rng_below(&rng, n);
}

/* Return a number below n; k is drawn as often as 1/(k + 2) says. */
static unsigned
zipf(unsigned n)
{
	unsigned all = 0, at;

	for (unsigned k = 0; k < n; k++)
		all += 100000 / (k + 2);
	at = below(all);
	for (unsigned k = 0; k < n; k++) {
		if (at < 100000 / (k + 2))
			return k;
		at -= 100000 / (k + 2);
	}
	return n - 1;
}

static unsigned
draw_channel(const struct person *p)
{
	unsigned x = below(100), of = p->community;

	if (x >= 85 && x < 95)
		return below(GLOBAL);
	if (x >= 65)
		of = x < 85 ? (of + 1 + below(3)) % COMMUNITIES
			    : below(COMMUNITIES);
	return community_first[of] + zipf(community_n[of]);
}

static bool
is_on(const struct person *p, unsigned c)
{
	for (unsigned i = 0; i < p->nchan; i++)
		if (p->chan[i] == c)
			return true;
	return false;
}

static void
add_session(struct person *p, unsigned from, unsigned len)
{
	if (p->nsession == MOST_SESSIONS || from >= MINUTES)
		return;
	if (p->nsession > 0 && from <= p->session[p->nsession - 1].to + 1)
		from = p->session[p->nsession - 1].to + 2;
	p->session[p->nsession++] = (struct session){ from, from + 1 + len };
}

/* 40 % are always on, 40 % come for hours, 20 % for minutes. If the gates are
 * restarted, those who are always on come again on the second day, at once. */
static void
make_sessions(struct person *p, bool again)
{
	unsigned kind = below(10);

	if (kind < 4) {
		add_session(p, below(4), again ? DAY - 5 : 2 * DAY);
		add_session(p, DAY + below(4), 2 * DAY);
		return;
	}
	for (unsigned day = 0; day < 2; day++)
		for (unsigned n = kind < 8 ? 1 + below(2) : 5, i = 0; i < n;
		     i++)
			add_session(p,
			    day * DAY + 8 * 60 * p->region + (DAY / 2 / n) * i +
				below(DAY / 2 / n),
			    kind < 8 ? 60 + below(300) : 3 + below(25));
}

static void
make_person(struct person *p, unsigned i, bool again)
{
	unsigned n = memberships[below(16)];

	p->server = -1;
	p->community = zipf(COMMUNITIES);
	p->region =
	    region_of[below(10) < 8 ? p->community % SERVERS : below(SERVERS)];
	p->addr = addr_v4((unsigned char[4]){
	    10, (unsigned char)(i >> 8), (unsigned char)i, 1 });
	for (unsigned tries = 0; tries < 3 * n && p->nchan < n; tries++) {
		unsigned c = draw_channel(p);

		if (is_on(p, c))
			continue;
		p->chan[p->nchan++] = c;
		channel[c].size++;
	}
	make_sessions(p, again);
}

/* A channel has a rate that grows with its people; three of four are silent. */
static void
make_world(bool again)
{
	unsigned at = GLOBAL, left = CHANNELS - GLOBAL - COMMUNITIES;
	uint64_t all = 0;

	memset(person, 0, sizeof(person));
	memset(channel, 0, sizeof(channel));
	for (unsigned i = 0; i < COMMUNITIES; i++) {
		community_first[i] = at;
		community_n[i] = 1 + left / (i + 3) / 3;
		at += community_n[i];
	}
	ck_assert_uint_le(at, CHANNELS);
	for (unsigned i = 0; i < PEOPLE; i++)
		make_person(&person[i], i, again);
	for (unsigned i = 0; i < CHANNELS; i++)
		if (below(4) == 0 && channel[i].size > 1)
			all += channel[i].rate =
			    1 + channel[i].size * activity[below(16)];
	for (unsigned i = 0; i < CHANNELS; i++) {
		channel[i].rate = channel[i].rate * RATE_OF_ALL / all;
		if (channel[i].rate > RATE_MOST)
			channel[i].rate = RATE_MOST;
	}
}

static bool
tell_chan(void *ctx, struct span name, unsigned *class)
{
	uint64_t c;

	(void)ctx;
	ck_assert(span_u64(span_tail(name, 1), &c));
	walk = (unsigned)c;
	walk_at = 0;
	*class = place_class(channel[walk].rate);
	return true;
}

static bool
tell_seat(void *ctx, struct place_seat *seat)
{
	(void)ctx;
	for (; walk_at < SERVERS * REGIONS; walk_at++) {
		unsigned s = walk_at / REGIONS, g = walk_at % REGIONS;

		if (channel[walk].at[s][g] == 0)
			continue;
		*seat = (struct place_seat){ sid_of(s), g + 1,
			channel[walk].at[s][g] };
		walk_at++;
		return true;
	}
	return false;
}

static struct mono
now(void)
{
	return at_ms((int64_t)minute * 60000);
}

static void
move_members(const struct person *p, unsigned server, unsigned by)
{
	for (unsigned i = 0; i < p->nchan; i++)
		channel[p->chan[i]].at[server][p->region] += by;
}

static void
connects(struct person *p)
{
	static const struct place_facts facts = { tell_chan, tell_seat, NULL };
	struct place_who who = { SPAN_NONE, SPAN("nick"), p->addr };
	struct place_person known = { .channels = SPAN_NONE };
	struct place_gate gate = { p->region + 1, (uint16_t)p->region };
	struct place_answer answer;
	struct place_ask ask = { .strategy = strategy,
		.address = span_make(&p->addr, sizeof(p->addr)),
		.answer = &answer,
		.rng = &rng };
	struct place_choice c;

	known.channels = place_memory_find(memory, &who, now());
	place_cost(&net, &gate, &known, &facts, &answer);
	for (unsigned i = 0; i < SERVERS; i++)
		net.v[i].rtt_us = rtt[region_of[i]][p->region] + i;
	c = place_choose(&net, &ask);
	p->server = (int)number_of(c.server->sid);
	p->rate = 0;
	for (unsigned i = 0; i < p->nchan; i++)
		p->rate += channel[p->chan[i]].rate;
	c.server->users++;
	c.server->rate += p->rate;
	move_members(p, (unsigned)p->server, 1);
}

static void
leaves(struct person *p)
{
	struct place_server *s = &net.v[p->server];
	struct place_who who = { SPAN_NONE, SPAN("nick"), p->addr };
	char names[PLACE_MEMORY_TEXT];
	size_t n = 0;

	for (unsigned i = 0; i < p->nchan; i++)
		n += (size_t)snprintf(names + n, sizeof(names) - n, "#%u ",
		    p->chan[i]);
	place_memory_put(memory, &who, span_make(names, n), now());
	s->users--;
	s->rate -= p->rate;
	move_members(p, (unsigned)p->server, UINT32_MAX);
	p->server = -1;
}

static void
step(struct person *p)
{
	const struct session *s = &p->session[p->next];

	if (p->server >= 0 && s->to == minute) {
		leaves(p);
		p->next++;
		s++;
	}
	if (p->server < 0 && p->next < p->nsession && s->from == minute)
		connects(p);
}

/* Count what the messages of a minute cost. */
static void
count_channel(const struct channel *c, struct figures *f)
{
	unsigned servers = 0, regions = 0, copies = 0, far = 0;

	for (unsigned r = 0; r < REGIONS; r++) {
		unsigned here = 0;

		for (unsigned s = 0; s < SERVERS; s++) {
			unsigned any = 0;

			for (unsigned g = 0; g < REGIONS; g++) {
				if (region_of[s] != r || c->at[s][g] == 0)
					continue;
				any = 1;
				copies++;
				far += g != r;
			}
			servers += any;
			here |= any;
		}
		regions += here;
	}
	if (servers == 0)
		return;
	f->lines += (double)c->rate;
	f->copies += (double)c->rate * (servers - 1 + copies);
	f->between += (double)c->rate * (regions - 1 + far);
}

static void
count_minute(struct figures *f)
{
	uint32_t most = 0, all = 0;

	for (unsigned i = 0; i < CHANNELS; i++)
		if (channel[i].rate > 0)
			count_channel(&channel[i], f);
	for (unsigned i = 0; i < SERVERS; i++) {
		most = net.v[i].users > most ? net.v[i].users : most;
		all += net.v[i].users;
	}
	if (all > 0 && most * (double)SERVERS / all > f->max_mean)
		f->max_mean = most * (double)SERVERS / all;
	for (unsigned i = 0; i < PEOPLE; i++)
		if (person[i].server >= 0) {
			f->clients++;
			f->late_us +=
			    rtt[region_of[person[i].server]][person[i].region] /
			    2;
		}
}

static struct figures
run(enum place_strategy which, bool again, unsigned seed)
{
	static const unsigned char key[PLACE_MEMORY_KEY] = { 1 };
	struct figures f = { .lines = 0 };

	rng_seed(&rng, seed);
	strategy = which;
	make_world(again);
	net_of(&net, SERVERS);
	for (unsigned i = 0; i < SERVERS; i++)
		net.v[i].region = (uint16_t)region_of[i];
	memory =
	    place_memory_new((struct place_memory_limits){ PEOPLE, 1000000 },
		key);
	for (minute = 0; minute < MINUTES; minute++) {
		for (unsigned i = 0; i < PEOPLE; i++)
			step(&person[(i * 7 + minute * 13) % PEOPLE]);
		if (minute > DAY + 10 && minute % 10 == 0)
			count_minute(&f);
	}
	f.over = (unsigned)net.over;
	place_memory_free(memory);
	place_net_fini(&net);
	if (getenv("PLACE_FIGURES") != NULL)
		fprintf(stderr,
		    "seed %u, %s, %-11.*s: %.2f copies a message, %.2f between "
		    "regions, %.1f ms, users max/mean %.3f, over %u\n",
		    seed, again ? "restarted" : "as it is",
		    SPAN_ARG(place_strategy_word(which)), f.copies / f.lines,
		    f.between / f.lines, f.late_us / f.clients / 1000,
		    f.max_mean, f.over);
	return f;
}

START_TEST(together_sends_fewer_copies)
{
	bool again = _i % 2 == 0;
	unsigned seed = 1 + (unsigned)_i / 2;
	struct figures random = run(PLACE_RANDOM, again, seed);
	struct figures nearest = run(PLACE_NEAREST, again, seed);
	struct figures together = run(PLACE_TOGETHER, again, seed);

	ck_assert(nearest.copies / nearest.lines <
		  random.copies / random.lines);
	ck_assert(together.copies / together.lines <
		  (again ? 0.78 : 0.95) * nearest.copies / nearest.lines);
	ck_assert_double_le(together.max_mean, 1.11);
}
END_TEST

Suite *
day_suite(void)
{
	Suite *s = suite_create("day");
	TCase *tc = unit_case("day");

	tcase_set_timeout(tc, 0);
	tcase_add_loop_test(tc, together_sends_fewer_copies, 0, 6);
	suite_add_tcase(s, tc);
	return s;
}
