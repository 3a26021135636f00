/*
 * If a peer has an entry of this very run that this server has not made, then a
 * linked server has forged it. The peer that brings it may be honest, and other
 * servers have it already. So this server makes the entry its own: the number
 * is used up, and the facts of the entry hold here as they do everywhere
 * (doc/decisions/0032).
 */
#include "link/trust/forged.h"

#include "link/link.h"
#include "link/state.h"
#include "link/trust/defer.h"
#include "link/trust/fork.h"
#include "link/trust/sid_collision.h"

bool
forged_is(const struct link_net *net, struct origin o, uint64_t n)
{
	return origin_cmp(o, net->self) == 0 &&
	       n > vector_get(&net->log.have, net->self);
}

bool
forged_in_vector(const struct link_net *net, const struct vector *x)
{
	return forged_is(net, net->self, vector_get(x, net->self));
}

/* Give up no run that is younger than this, whatever a liar says. */
#define RUN_MIN_S 600

void
forged_renew(const struct link_step *st)
{
	const struct link_net *net = st->net;
	int64_t now_s = st->ev->wall.ms / MS_PER_S;

	if (net_has_edge(net))
		return;
	if (now_s - (int64_t)net->self.inc < RUN_MIN_S)
		return;
	effects_renew(st->fx, net->self.inc,
	    SPAN("This server begins anew: another one spoke in its name"));
}

void
forged_give_up(const struct link_step *st, struct link *l)
{
	sid_collision_refuse(st, l);
	forged_renew(st);
}

static void
tell_forged(const struct link_step *st, struct link *l)
{
	if (!l->told_forged)
		effects_logf(st->fx, LOG_FORGED_ENTRY,
		    { "server", link_name(l) });
	l->told_forged = true;
}

/* The stamps of a run increase, and its neighbours refuse a run whose stamps do
 * not (link-protocol.md, 6.12). So an entry whose stamp is too early becomes a
 * fork (fork.h). An entry that would have to wait cannot be our own either:
 * meanwhile this server would make another entry of its number. */
bool
forged_adopts(const struct link_step *st, struct link *l, struct entry *e)
{
	struct core *core = st->net->core;

	if (mutated(st->net, MUT_FORGED_REFUSED) ||
	    e->stamp.ms > STAMP_SEEN_MAX || defer_waits(st, e)) {
		forged_give_up(st, l);
		return false;
	}
	tell_forged(st, l);
	if (core_made_last(core).ms < e->stamp.ms)
		return true;
	/* this server must make an entry of that number itself */
	if (fork_await(st, l, e))
		core_fill(core, st->ev, st->fx);
	else
		forged_give_up(st, l);
	return false;
}
