/*
 * A server is the only source of its own incarnation, numbers and link state.
 * So whatever comes with more of them than it has made shows another server
 * under its sid, or that its state was lost: it closes that link and never
 * takes such a thing over.
 */
#include "link/own.h"

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
own_link_state(const struct link_step *st, const struct link *with)
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

bool
own_knows_more(const struct link_net *net, struct origin o, uint64_t n)
{
	if (sid_cmp(o.sid, net->self.sid) != 0)
		return false;
	return o.inc > net->self.inc ||
	       (o.inc == net->self.inc &&
		   n > vector_get(&net->log.have, net->self));
}

bool
own_vector_knows_more(const struct link_net *net, const struct vector *x)
{
	for (size_t i = 0; i < x->n; i++)
		if (own_knows_more(net, x->v[i].o, x->v[i].n))
			return true;
	return false;
}

bool
own_lsa_knows_more(const struct link_net *net, const struct lsa *lsa)
{
	if (sid_cmp(lsa->o.sid, net->self.sid) != 0)
		return false;
	return lsa->o.inc > net->self.inc ||
	       (lsa->o.inc == net->self.inc && lsa->lseq > net->lseq);
}

void
own_refuse_knows_more(const struct link_step *st, struct link *l)
{
	effects_logf(st->fx, LOG_WARNING,
	    { "what",
		SPAN("the network knows more of this server than it has "
		     "done: another server runs under its sid, or its clock "
		     "was set back and its state is lost") },
	    { "server", link_name(l) });
	link_refuse(st, l, "own-inc", "you know more of me than I have done");
}

bool
own_read_vector(const struct link_step *st, struct link *l, const char *verb,
    struct span rest, const char **why)
{
	int got = link_read_vector(l, verb, rest);

	*why = got < 0 ? "expected a vector" : NULL;
	if (got <= 0)
		return false;
	if (!own_vector_knows_more(st->net, &l->words))
		return true;
	own_refuse_knows_more(st, l);
	return false;
}
