/*
 * A server that is gone stays in the map until it is forgotten, because facts
 * of it are here, and others of its facts may be elsewhere. If a server has
 * made nothing, there is nothing to remember. An honest server is in this state
 * between its link state and its READY, and rarely for longer.
 */
#include "link/map/junk.h"

#include "link/state.h"

#define JUNK_MS (INT64_C(600) * MS_PER_S)

static bool
is_junk(const struct link_net *net, const struct map_server *s)
{
	size_t n;

	return !s->reachable && core_ready_inc(net->core, s->lsa.o.sid) == 0 &&
	       vector_runs(&net->log.have, s->lsa.o.sid, &n) == NULL;
}

static void
take_out(struct link_net *net, const struct map_server *s)
{
	(void)netmap_forget(&net->map, s->lsa.o.sid, UINT32_MAX);
	net->map_changed = true;
}

/* Return true if a server that is reachable reports one of these edges. */
static bool
is_confirmed(const struct netmap *map, const struct lsa *lsa)
{
	for (size_t i = 0; i < lsa->nedge; i++) {
		const struct edge *e = &lsa->edge[i];
		const struct map_server *s = netmap_find(map, e->peer);

		if (s != NULL && s->reachable &&
		    netmap_reports(map, s, lsa->o.sid, e->instance))
			return true;
	}
	return false;
}

void
junk_make_room(struct link_net *net, const struct link *l,
    const struct lsa *lsa)
{
	struct netmap *map = &net->map;

	if (netmap_has_room(map, lsa->o.sid) ||
	    (sid_cmp(l->o.sid, lsa->o.sid) != 0 && !is_confirmed(map, lsa)))
		return;
	for (size_t i = 0; i < map->n; i++)
		if (is_junk(net, &map->v[i])) {
			take_out(net, &map->v[i]);
			return;
		}
}

void
junk_expire(const struct link_step *st)
{
	struct link_net *net = st->net;
	struct mono now = event_awake(st->ev);

	for (size_t i = net->map.n; i-- > 0;) {
		const struct map_server *s = &net->map.v[i];

		if (!mono_is_never(s->gone) && is_junk(net, s) &&
		    mono_sub_ms(now, s->gone) >= JUNK_MS)
			take_out(net, s);
	}
}
