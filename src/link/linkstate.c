/*
 * Only this server makes its link state; a newer one that comes from elsewhere
 * is a sid collision (sid_collision.h), never a value to take over.
 */
#include "link/linkstate.h"

#include "base/invariant.h"
#include "link/msg/msg.h"
#include "link/state.h"

/* No tree is chosen yet, so no cost is another's, and none can be configured:
 * an option that does nothing would be worse than none. */
#define EDGE_COST 10

static void
add_edge(struct lsa *lsa, const struct link *l)
{
	lsa_edge(lsa,
	    (struct edge){
		.peer = l->o.sid, .instance = l->instance, .cost = EDGE_COST });
}

/* What is void is never shown; without it, heads stay as many as servers. */
static void
add_heads(const struct link_net *net, struct lsa *lsa)
{
	const struct vector *heads = &net->heads;

	for (size_t i = 0; i < heads->n; i++)
		if (!core_is_void(net->core, heads->v[i].o))
			vector_set(&lsa->heads, heads->v[i].o, heads->v[i].n);
}

void
linkstate_announce(const struct link_step *st, const struct link *with)
{
	struct link_net *net = st->net;
	struct lsa lsa = {
		.o = net->self, .lseq = ++net->lseq, .hlc = net_clock(st)
	};

	for (size_t i = 0; i < net->nlink; i++)
		if (link_is_edge(net->link[i]) && net->link[i] != with)
			add_edge(&lsa, net->link[i]);
	if (with != NULL)
		add_edge(&lsa, with);
	add_heads(net, &lsa);
	invariant(netmap_take(&net->map, &lsa));
	lsa_fini(&lsa);
	net->map_changed = true;
	net->edges_changed = false;
	for (size_t i = 0; i < net->nlink; i++)
		if (link_is_edge(net->link[i]) && net->link[i] != with)
			lsa_send(st, net->link[i],
			    &netmap_find(&net->map, net->self.sid)->lsa);
}
