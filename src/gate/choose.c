/*
 * The walk is over trunks: a gate has a few, as the configuration says.
 */
#include "gate/choose.h"

#include "gate/trunk.h"

static bool
has_room(const struct trunk *t)
{
	return t->state == TRUNK_IS_UP && t->server != NULL &&
	       roll_count(&t->roll) < t->room && t->roll.last < UINT32_MAX;
}

/* The trunk with the fewest streams; one of these at random. */
static struct trunk *
least_streams(struct gate *g, const struct client *x)
{
	struct trunk *t, *best = NULL;
	size_t least = SIZE_MAX, n;
	uint64_t equal = 0;

	(void)x;
	LIST_FOREACH(t, &g->trunks, link) {
		if (!has_room(t))
			continue;
		n = roll_count(&t->roll);
		if (n > least)
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
