/*
 * Brokers between servers (lib/net_bus.h). In half of the seeds some servers,
 * which are then all adjacent, link with each other through one of them.
 */
#include "run.h"

#include "lib/net_bus.h"
#include "link/info.h"
#include "link/net.h"

#define BROKERS 2

void
brokers_draw(struct world *w)
{
	uint64_t k = w->opt->seed / 2 / (plan_count() - 1);
	struct rng rng;

	w->nbrokers = 0;
	if (k % 2 == 0 || w->plan->copies || w->plan->crowd || w->n < 2)
		return;
	rng_seed(&rng, w->opt->seed ^ UINT64_C(0xb20ce5));
	w->nbrokers = 1 + (unsigned)(k / 2 % BROKERS);
	for (unsigned i = 0; i < w->nbrokers; i++)
		do
			w->members[i] =
			    (uint32_t)rng_below(&rng, UINT64_C(1) << w->n);
		while (__builtin_popcount(w->members[i]) < 2);
	for (unsigned i = 0; i < w->nbrokers; i++)
		for (unsigned a = 0; a < w->n; a++)
			for (unsigned b = 0; b < w->n; b++)
				if (a != b && (w->members[i] >> a & 1) != 0 &&
				    (w->members[i] >> b & 1) != 0)
					w->edge[a][b] = true;
}

void
brokers_make(struct world *w)
{
	for (unsigned i = 0; i < w->nbrokers; i++)
		net_broker_new(w->net, w->opt->seed * 2 + i, w->members[i],
		    w->plan->gentle);
}

void
brokers_set(const struct world *w, unsigned a, struct setup *s)
{
	/* the first broker of a pair carries its link */
	for (unsigned i = w->nbrokers; i-- > 0;)
		if ((w->members[i] >> a & 1) != 0)
			net_bus_setup(s, a, i, w->members[i]);
}

void
brokers_count(struct world *w)
{
	uint64_t *reached = w->result->reached;
	const struct link_counts *links;
	struct net_bus_counts c;

	net_brokers_count(w->net, &c);
	reached[REACH_BUS_LINK] += c.links;
	reached[REACH_BUS_LOST] += c.lost;
	reached[REACH_BUS_DOUBLED] += c.doubled;
	reached[REACH_BUS_OLD] += c.old;
	reached[REACH_BUS_RESTART] += c.restarts;
	reached[REACH_BUS_CUT_OFF] += c.cut_off;
	reached[REACH_BUS_DROPPED] += c.dropped;
	reached[REACH_BUS_AGAIN] += c.again;
	for (unsigned i = 0; i < w->n; i++) {
		if (!net_is_up(w->net, i))
			continue;
		links = link_net_counts(node_links(w->net->node[i].node));
		reached[REACH_SKIPPED] += links->skips;
		reached[REACH_SKIP_LOST] += links->skips_lost;
	}
}
