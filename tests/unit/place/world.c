#include "unit/place/world.h"

#include <stdio.h>
#include <stdlib.h>

#include "unit/place/check_place.h"

static unsigned
below(struct rng *rng, unsigned n)
{
	return (unsigned)rng_below(rng, n);
}

void
world_init(struct world *w, struct rng *rng)
{
	unsigned servers = 1 + below(rng, 12), regions = 1 + below(rng, 4);
	unsigned gates = 1 + below(rng, 4), crowd = 1 + below(rng, 8);

	memset(w, 0, sizeof(*w));
	net_of(&w->net, servers);
	for (unsigned i = 0; i < servers; i++)
		w->net.v[i].region = (uint16_t)below(rng, regions);
	w->nchan = 1 + below(rng, WORLD_CHANNELS);
	for (unsigned i = 0; i < w->nchan; i++)
		w->class[i] = below(rng, PLACE_CLASS_MAX + 1);
	w->n = below(rng, WORLD_MEMBERS / 2) / crowd;
	for (unsigned i = 0; i < w->n; i++)
		w->member[i] = (struct member){ below(rng, w->nchan),
			below(rng, 2) == 0 ? 0 : below(rng, servers),
			below(rng, gates + 1) };
}

void
world_fini(struct world *w)
{
	place_net_fini(&w->net);
}

void
world_shuffle(struct world *w, struct rng *rng)
{
	for (unsigned i = w->n; i > 1; i--) {
		unsigned k = below(rng, i);
		struct member m = w->member[k];

		w->member[k] = w->member[i - 1];
		w->member[i - 1] = m;
	}
}

static unsigned
chan_of(struct span name)
{
	uint64_t n;

	ck_assert(name.n > 1 && name.p[0] == '#');
	ck_assert(span_u64(span_tail(name, 1), &n));
	return (unsigned)n;
}

static bool
is_seat(const struct member *a, const struct member *b)
{
	return a->chan == b->chan && a->server == b->server &&
	       a->gate == b->gate;
}

static unsigned
members_like(const struct world *w, unsigned i, unsigned end)
{
	unsigned n = 0;

	for (unsigned k = i; k < end; k++)
		n += is_seat(&w->member[k], &w->member[i]);
	return n;
}

static bool
was_told(const struct world *w, unsigned i)
{
	for (unsigned k = 0; k < i; k++)
		if (is_seat(&w->member[k], &w->member[i]))
			return true;
	return false;
}

static bool
tell_chan(void *ctx, struct span name, unsigned *class)
{
	struct world *w = ctx;
	bool any = false;

	w->chan = chan_of(name);
	w->next = 0;
	*class = w->class[w->chan];
	for (unsigned i = 0; i < w->n; i++)
		any = any || w->member[i].chan == w->chan;
	return any;
}

static bool
tell_seat(void *ctx, struct place_seat *seat)
{
	struct world *w = ctx;

	while (w->next < w->n) {
		unsigned i = w->next++;
		const struct member *m = &w->member[i];

		if (m->chan != w->chan || (w->whole && was_told(w, i)))
			continue;
		*seat = (struct place_seat){ sid_of(m->server), m->gate,
			w->whole ? members_like(w, i, w->n) : 1 };
		return true;
	}
	return false;
}

struct place_facts
world_facts(struct world *w)
{
	return (struct place_facts){ tell_chan, tell_seat, w };
}

struct span
world_channels(const struct world *w, struct rng *rng, char *buf, size_t size)
{
	size_t n = 0;

	buf[0] = '\0';
	for (unsigned c = 0; c < w->nchan && c < PLACE_CHANNELS_MAX; c++)
		if (below(rng, 3) == 0)
			n += (size_t)snprintf(buf + n, size - n, " #%u", c);
	return span_make(buf, n);
}

/* Return the sum of 3^-k for the first n members of a place, in PLACE_ONE; the
 * PLACE_MANY-th is the last that adds to it. */
static __int128
series(unsigned n)
{
	__int128 sum = 0, term = PLACE_ONE;

	for (unsigned k = 0; k < n && k < PLACE_MANY; k++) {
		sum += term;
		term /= 3;
	}
	return sum;
}

static __int128
potential_of(const struct world *w, unsigned chan,
    const struct place_gate *gate)
{
	__int128 sum = 0;

	for (unsigned s = 0; s < w->net.n; s++) {
		unsigned here = 0, behind = 0;

		for (unsigned i = 0; i < w->n; i++) {
			const struct member *m = &w->member[i];

			if (m->chan != chan || m->server != s)
				continue;
			here++;
			behind += m->gate == gate->gate;
		}
		sum += series(here);
		sum += series(behind) *
		       (w->net.v[s].region == gate->region ? 1 : 4);
	}
	for (unsigned r = 0; r < 4; r++) {
		unsigned here = 0;

		for (unsigned i = 0; i < w->n; i++)
			here += w->member[i].chan == chan &&
				w->net.v[w->member[i].server].region == r;
		sum += 3 * series(here);
	}
	return sum;
}

__int128
world_potential(const struct world *w, const struct place_gate *gate)
{
	__int128 sum = 0;

	for (unsigned c = 0; c < w->nchan; c++)
		sum += (__int128)place_rate(w->class[c]) *
		       potential_of(w, c, gate);
	return sum;
}

static unsigned
members_of(const struct world *w, unsigned chan)
{
	unsigned n = 0;

	for (unsigned i = 0; i < w->n; i++)
		n += w->member[i].chan == chan;
	return n;
}

void
world_enter(struct world *w, struct span channels, unsigned server,
    uint32_t gate)
{
	struct span name;

	while ((name = span_word(&channels)).n > 0) {
		unsigned chan = chan_of(name);

		if (members_of(w, chan) == 0)
			continue;
		ck_assert_uint_lt(w->n, WORLD_MEMBERS);
		w->member[w->n++] = (struct member){ chan, server, gate };
	}
}
