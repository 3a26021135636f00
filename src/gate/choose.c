/*
 * The walk is over trunks: a gate has a few, as the configuration says. Two may
 * lead to the same server, by two of its addresses: streams count together.
 */
#include "gate/choose.h"

#include <string.h>

#include "gate/trunk.h"

static bool
is_usable(const struct trunk *t)
{
	return t->state == TRUNK_IS_UP && t->server != NULL &&
	       t->roll.last < UINT32_MAX;
}

/* Return how many streams the server of a trunk has, on all trunks to it. */
static size_t
streams_of(const struct trunk *t)
{
	const struct trunk *o;
	size_t n = 0;

	LIST_FOREACH(o, &t->gate->trunks, link)
		if (o->state == TRUNK_IS_UP &&
		    strcmp(o->origin, t->origin) == 0)
			n += roll_count(&o->roll);
	return n;
}

/* A trunk of the server with the fewest streams; one of these at random. */
static struct trunk *
least_streams(struct gate *g, const struct client *x)
{
	struct trunk *t, *best = NULL;
	size_t least = SIZE_MAX, n;
	uint64_t equal = 0;

	(void)x;
	LIST_FOREACH(t, &g->trunks, link) {
		if (!is_usable(t))
			continue;
		n = streams_of(t);
		if (n >= t->room || n > least)
			continue;
		equal = n < least ? 1 : equal + 1;
		if (equal > 1 && rng_below(&g->rng, equal) > 0)
			continue;
		least = n;
		best = t;
	}
	return best;
}

static const struct strategy_row {
	const char *name;
	struct trunk *(*choose)(struct gate *, const struct client *);
} strategy_row[] = {
	{ "least-load", least_streams },
};

struct trunk *
choose_trunk(struct gate *g, const struct client *x)
{
	return strategy_row[0].choose(g, x);
}
