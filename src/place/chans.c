/*
 * chans.c - see chans.h.
 *
 * The rate is the mean over ticks of a quarter of an hour, in which each tick
 * counts 235/256 of the one after it: that is the twelfth root of 1/e, so a
 * line counts e times less after three hours. `said` is the weighted sum of
 * lines, and `ticks` the sum of the weights; so a young channel has a mean of
 * the ticks that it has had, but of an hour at the least. Both are whole
 * numbers, and start with the first member.
 *
 * For each server there is the sum of what its members read. It changes with
 * each member, and with the class of a channel: then by the members of each
 * seat. So it is exact, which the test compares with a sum over all members.
 */
#include "place/chans.h"

#include <bsd/sys/queue.h>
#include <stdlib.h>

#include "base/chains.h"
#include "base/invariant.h"
#include "base/mem.h"
#include "wire/casemap.h"

#define TICK_MS (INT64_C(15) * 60 * 1000)
#define TICKS_PER_HOUR 4
#define KEPT_OF_256 235
#define ONE 65536 /* a line, and the weight of a tick */

/* After as many ticks nothing is left of a number below 2^48. */
#define TICKS_ALL 400

/* More lines than these count as this many. */
#define SAID_MAX (UINT64_C(1) << 47)

#define LOOK_MS (INT64_C(3600) * 1000)

struct chan {
	TAILQ_ENTRY(chan) age;
	void *chain;
	struct place_seat *seat;
	uint32_t nseat, capseat;
	uint64_t said, ticks;
	int64_t tick; /* the one that said and ticks are of */
	struct mono looked;
	unsigned class;
	uint16_t nname;
	char name[];
};

TAILQ_HEAD(chans, chan);

/* A server, as long as it has members. */
struct site {
	struct place_sid sid;
	uint64_t members, rate;
};

struct place_chans {
	struct chains by_name;
	struct chans ages; /* looked at the longest ago first */
	struct site *site;
	size_t nsite, capsite;
	/* the walk of place_chans_facts() */
	struct mono now;
	const struct chan *walk;
	uint32_t next;
};

static struct span
key_of(const void *item, char buf[CHAINS_KEY_MAX])
{
	const struct chan *c = item;

	(void)buf;
	return span_make(c->name, c->nname);
}

static bool
key_is(const void *item, struct span key)
{
	const struct chan *c = item;

	return span_eq(span_make(c->name, c->nname), key);
}

static const struct chains_type by_name = { key_of, key_is };

struct place_chans *
place_chans_new(const unsigned char seed[SIPHASH_KEY])
{
	struct place_chans *t = mem_zalloc(sizeof(*t));

	chains_init(&t->by_name, &by_name, offsetof(struct chan, chain), seed);
	TAILQ_INIT(&t->ages);
	return t;
}

static void
drop(struct place_chans *t, struct chan *c)
{
	(void)chains_del(&t->by_name, span_make(c->name, c->nname));
	TAILQ_REMOVE(&t->ages, c, age);
	free(c->seat);
	free(c);
}

void
place_chans_free(struct place_chans *t)
{
	struct chan *c;

	if (t == NULL)
		return;
	while ((c = TAILQ_FIRST(&t->ages)) != NULL)
		drop(t, c);
	chains_fini(&t->by_name);
	free(t->site);
	free(t);
}

static struct span
folded(struct span name, char buf[PLACE_NAME_MAX])
{
	return casemap_fold(span_head(name, PLACE_NAME_MAX), buf);
}

static struct chan *
find(const struct place_chans *t, struct span name)
{
	char buf[PLACE_NAME_MAX];

	return chains_find(&t->by_name, folded(name, buf));
}

static int64_t
tick_of(struct mono now)
{
	return mono_sub_ms(now, (struct mono){ 0 }) / TICK_MS;
}

static struct chan *
get(struct place_chans *t, struct span name, struct mono now)
{
	char buf[PLACE_NAME_MAX];
	struct span key = folded(name, buf);
	struct chan *c = chains_find(&t->by_name, key);

	if (c != NULL)
		return c;
	c = mem_zalloc(sizeof(*c) + key.n);
	c->tick = tick_of(now);
	c->ticks = ONE;
	c->looked = now;
	c->nname = (uint16_t)key.n;
	if (key.n > 0)
		memcpy(c->name, key.p, key.n);
	chains_put(&t->by_name, c);
	TAILQ_INSERT_TAIL(&t->ages, c, age);
	return c;
}

static struct site *
site_find(const struct place_chans *t, struct place_sid sid)
{
	for (size_t i = 0; i < t->nsite; i++)
		if (memcmp(t->site[i].sid.s, sid.s, PLACE_SID_LEN) == 0)
			return &t->site[i];
	return NULL;
}

static struct site *
site_get(struct place_chans *t, struct place_sid sid)
{
	struct site *s = site_find(t, sid);

	if (s != NULL)
		return s;
	if (t->nsite == t->capsite)
		t->site = mem_grow(t->site, &t->capsite, 8, sizeof(*t->site));
	s = &t->site[t->nsite++];
	*s = (struct site){ .sid = sid };
	return s;
}

/* Let the numbers of a channel be those of this tick. */
static void
let_pass(struct chan *c, int64_t tick)
{
	int64_t n = tick - c->tick;

	if (n <= 0)
		return;
	c->tick = tick;
	if (n > TICKS_ALL)
		n = TICKS_ALL;
	for (; n > 0; n--) {
		c->said = c->said * KEPT_OF_256 / 256;
		c->ticks = c->ticks * KEPT_OF_256 / 256 + ONE;
	}
}

static void
set_class(struct place_chans *t, struct chan *c, unsigned class)
{
	uint64_t before = place_rate(c->class), after = place_rate(class);

	if (class == c->class)
		return;
	c->class = class;
	for (uint32_t i = 0; i < c->nseat; i++) {
		struct site *s = site_get(t, c->seat[i].sid);

		s->rate -= before * c->seat[i].members;
		s->rate += after * c->seat[i].members;
	}
}

/*
 * Judge the rate of a channel. Within one tick, the class does not change by
 * one: a rate between two classes would make it go up and down with each line,
 * and each time costs a walk over the seats.
 */
static void
look(struct place_chans *t, struct chan *c, struct mono now)
{
	bool again = tick_of(c->looked) == tick_of(now);
	uint64_t ticks;
	unsigned class;

	let_pass(c, tick_of(now));
	ticks = c->ticks;
	if (ticks < ONE * TICKS_PER_HOUR)
		ticks = ONE * TICKS_PER_HOUR;
	class = place_class(c->said * (TICKS_PER_HOUR * PLACE_LINE) / ticks);
	if (!again || class > c->class + 1 || class + 1 < c->class)
		set_class(t, c, class);
	c->looked = now;
	TAILQ_REMOVE(&t->ages, c, age);
	TAILQ_INSERT_TAIL(&t->ages, c, age);
}

static struct place_seat *
seat_find(const struct chan *c, struct place_sid sid, uint32_t gate)
{
	for (uint32_t i = 0; i < c->nseat; i++)
		if (c->seat[i].gate == gate &&
		    memcmp(c->seat[i].sid.s, sid.s, PLACE_SID_LEN) == 0)
			return &c->seat[i];
	return NULL;
}

static struct place_seat *
seat_get(struct chan *c, struct place_sid sid, uint32_t gate)
{
	struct place_seat *s = seat_find(c, sid, gate);

	if (s != NULL)
		return s;
	if (c->nseat == c->capseat)
		c->seat = mem_grow32(c->seat, &c->capseat, 1, sizeof(*c->seat));
	s = &c->seat[c->nseat++];
	*s = (struct place_seat){ .sid = sid, .gate = gate };
	return s;
}

void
place_chans_join(struct place_chans *t, struct span name, struct place_sid sid,
    uint32_t gate, struct mono now)
{
	struct chan *c = get(t, name, now);
	struct site *site = site_get(t, sid);

	seat_get(c, sid, gate)->members++;
	site->members++;
	site->rate += place_rate(c->class);
	look(t, c, now);
}

void
place_chans_part(struct place_chans *t, struct span name, struct place_sid sid,
    uint32_t gate, struct mono now)
{
	struct chan *c = find(t, name);
	struct site *site = site_find(t, sid);
	struct place_seat *seat = c != NULL ? seat_find(c, sid, gate) : NULL;

	invariant(seat != NULL && site != NULL);
	site->rate -= place_rate(c->class);
	if (--site->members == 0)
		*site = t->site[--t->nsite];
	if (--seat->members == 0)
		*seat = c->seat[--c->nseat];
	if (c->nseat == 0)
		drop(t, c);
	else
		look(t, c, now);
}

void
place_chans_said(struct place_chans *t, struct span name, struct mono now)
{
	struct chan *c = find(t, name);

	if (c == NULL)
		return;
	let_pass(c, tick_of(now));
	if (c->said < SAID_MAX)
		c->said += ONE;
	look(t, c, now);
}

size_t
place_chans_expire(struct place_chans *t, struct mono now, size_t max)
{
	struct chan *c;
	size_t n = 0;

	for (; n < max && (c = TAILQ_FIRST(&t->ages)) != NULL &&
	       mono_sub_ms(now, c->looked) >= LOOK_MS;
	     n++)
		look(t, c, now);
	return n;
}

static bool
tell_chan(void *ctx, struct span name, unsigned *class)
{
	struct place_chans *t = ctx;
	struct chan *c = find(t, name);

	t->walk = c;
	t->next = 0;
	if (c == NULL)
		return false;
	look(t, c, t->now);
	*class = c->class;
	return true;
}

static bool
tell_seat(void *ctx, struct place_seat *seat)
{
	struct place_chans *t = ctx;

	if (t->next == t->walk->nseat)
		return false;
	*seat = t->walk->seat[t->next++];
	return true;
}

struct place_facts
place_chans_facts(struct place_chans *t, struct mono now)
{
	t->now = now;
	return (struct place_facts){ tell_chan, tell_seat, t };
}

uint64_t
place_chans_rate(const struct place_chans *t, struct place_sid sid)
{
	const struct site *s = site_find(t, sid);

	return s != NULL ? s->rate : 0;
}

size_t
place_chans_count(const struct place_chans *t)
{
	return chains_count(&t->by_name);
}
