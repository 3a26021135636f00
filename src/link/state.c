/*
 * Functions that several files of link/ need: the clock, numbers in log rows,
 * the bounds, and the one place where an entry of a peer is accepted into the
 * log.
 */
#include "link/state.h"

#include "link/map/linkstate.h"

struct stamp
net_clock(const struct link_step *st)
{
	struct stamp last = core_clock(st->net->core);

	return st->ev->wall.ms > last.ms ? (struct stamp){ st->ev->wall.ms }
					 : (struct stamp){ last.ms + 1 };
}

struct stamp
net_hlc(const struct link_step *st)
{
	struct stamp last = core_clock(st->net->core);

	return last.ms > st->ev->wall.ms ? last
					 : (struct stamp){ st->ev->wall.ms };
}

#define HLC_MAX_MS (INT64_C(30) * 24 * 3600 * MS_PER_S)

bool
net_hlc_is_ahead(const struct link_step *st, struct stamp hlc)
{
	return hlc.ms - st->ev->wall.ms > HLC_MAX_MS &&
	       hlc.ms - net_clock(st).ms > CLOCKS_APART_MS;
}

struct span
num_text(const struct link_step *st, uint64_t n)
{
	struct writer w;

	writer_init_arena(&w, st->fx->arena, 20);
	writer_u64(&w, n);
	return writer_done(&w);
}

bool
net_has_edge(const struct link_net *net)
{
	for (size_t i = 0; i < net->nlink; i++)
		if (link_is_edge(net->link[i]))
			return true;
	return false;
}

struct link *
net_link(const struct link_net *net, struct conn_id conn)
{
	for (size_t i = 0; i < net->nlink; i++)
		if (conn_id_eq(net->link[i]->conn, conn) &&
		    net->link[i]->state != LINK_DEAD)
			return net->link[i];
	return NULL;
}

struct link *
net_link_to(const struct link_net *net, struct sid sid)
{
	const struct map_server *s = netmap_find(&net->map, sid);

	if (s == NULL || !s->reachable)
		return NULL;
	for (size_t i = 0; i < net->nlink; i++)
		if (net->link[i]->state == LINK_UP &&
		    sid_cmp(net->link[i]->o.sid, s->next) == 0)
			return net->link[i];
	return NULL;
}

bool
net_has_room(const struct link_net *net, struct origin o)
{
	return net->log.have.n < LINK_ORIGINS_MAX ||
	       vector_get(&net->log.have, o) > 0;
}

void
net_accept(const struct link_step *st, struct entry *e)
{
	struct link_net *net = st->net;

	if (mutated(net, MUT_CLAMP) && e->stamp.ms > st->ev->wall.ms)
		e->stamp.ms = st->ev->wall.ms;
	core_observe(net->core, e->stamp);
	if (mutated(net, MUT_GAPS) &&
	    e->n > vector_get(&net->log.have, e->o) + 1)
		log_jump(&net->log, e->o, e->n - 1);
	if (origin_cmp(e->o, net->self) == 0) {
		core_adopt(net->core, e);
		linkstate_tell_hlc(st, e->stamp);
	}
	log_append(&net->log, e, st->ev->now);
}

void
net_refuse_full(const struct link_step *st, struct link *l)
{
	effects_logf(st->fx, LOG_UNKNOWN_FULL, { "server", link_name(l) });
	link_refuse(st, l, "bounds",
	    "more unknown data than this version can keep");
}
