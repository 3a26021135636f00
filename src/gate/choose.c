/*
 * A choice takes some steps for each server: there are at most
 * PLACE_SERVERS_MAX.
 */
#include "gate/choose.h"

#include "gate/client.h"
#include "gate/figures.h"

#define HASH_BITS_V6 64 /* a host has many addresses of one network */

/* Return the bytes of the address that the strategy `hash` goes by. */
static struct addr
hashed(const struct addr *a)
{
	return addr_is_v4(a) ? *a : addr_head(a, HASH_BITS_V6);
}

static void
expire(struct gate *g)
{
	struct mono now = loop_now(g->loop);

	for (size_t i = 0; i < g->net.n; i++)
		place_sent_expire(&g->net.v[i].sent, now);
}

struct choice
choose(struct gate *g, const struct client *x, const struct choose_from *from)
{
	const struct addr addr = hashed(&x->addr);
	const struct place_ask ask = {
		.strategy = (enum place_strategy)g->conf->strategy,
		.address = span_make(addr.b, sizeof(addr.b)),
		.answer = from->answer,
		.refused = from->refused,
		.nrefused = from->nrefused,
		.rng = &g->rng,
	};
	struct place_choice c;

	expire(g);
	c = place_choose(&g->net, &ask);
	return (struct choice){ .trunk = c.server != NULL
					     ? figures_trunk(g, c.server->sid)
					     : NULL,
		.why = c.why,
		.rate = c.rate };
}
