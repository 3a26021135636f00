/*
 * Only this server makes its link state. A later one of its own run that comes
 * from a peer is a lie, which other servers believe. So this server makes one
 * that is later still. A link state of a newer run of its sid is a sid
 * collision (sid_collision.h). Neither is taken over.
 */
#include "link/map/linkstate.h"

#include "base/invariant.h"
#include "link/link.h"
#include "link/map/doubt.h"
#include "link/msg/msg.h"
#include "link/state.h"
#include "link/words.h"

/* The cost of every edge. It is not configurable yet: there is no tree that
 * would use it, and an option without effect would mislead (link-protocol.md,
 * 5.2). */
#define EDGE_COST 10

static void
add_edge(struct lsa *lsa, const struct link *l)
{
	lsa_edge(lsa,
	    (struct edge){
		.peer = l->o.sid, .instance = l->instance, .cost = EDGE_COST });
}

/* Leave void origins out: they are never shown, and without them there are not
 * more heads than servers (link-protocol.md, 5.4). */
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
		.o = net->self, .lseq = ++net->lseq, .hlc = net_hlc(st)
	};

	for (size_t i = 0; i < net->nlink; i++)
		if (link_is_edge(net->link[i]) && net->link[i] != with)
			add_edge(&lsa, net->link[i]);
	if (with != NULL)
		add_edge(&lsa, with);
	add_heads(net, &lsa);
	net->told_hlc = lsa.hlc;
	invariant(netmap_take(&net->map, &lsa));
	lsa_fini(&lsa);
	net->map_changed = true;
	net->edges_changed = false;
	for (size_t i = 0; i < net->nlink; i++)
		if (link_is_edge(net->link[i]) && net->link[i] != with)
			lsa_send(st, net->link[i],
			    &netmap_find(&net->map, net->self.sid)->lsa);
}

/* A network that makes an entry in a millisecond is not ahead for long, so a
 * stamp that is ahead by less than this is not told. */
#define TOLD_MS 1000

void
linkstate_tell_hlc(const struct link_step *st, struct stamp stamp)
{
	struct link_net *net = st->net;
	int64_t told = net->told_hlc.ms;

	if (told < st->ev->wall.ms)
		told = st->ev->wall.ms;
	if (stamp.ms > told + TOLD_MS && !mutated(net, MUT_HLC_UNTOLD))
		linkstate_announce(st, NULL);
}

void
linkstate_outdo(const struct link_step *st, struct link *l, uint64_t lseq)
{
	struct link_net *net = st->net;

	if (lseq <= net->lseq || doubt_lseq_is_ahead(st, lseq))
		return;
	if (!l->told_forged_lsa)
		effects_logf(st->fx, LOG_FORGED_LINK_STATE,
		    { "server", link_name(l) });
	l->told_forged_lsa = true;
	net->lseq = lseq;
	net->edges_changed = true;
}

void
linkstate_farewell(const struct link_net *net, struct writer *w)
{
	writer_span(w, verb_row(VERB_LSA)->name);
	writer_char(w, ' ');
	write_origin(w, net->self);
	writer_char(w, ' ');
	writer_u64(w, net->lseq + 1);
	writer_char(w, ' ');
	writer_i64(w, net->told_hlc.ms);
	writer_str(w, " :\r\n");
}
