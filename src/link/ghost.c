/*
 * A server is reachable as soon as its link state and those of its neighbours
 * are here, and link states go before entries. So entries of a true server that
 * was never reachable are rare: that server must have gone while its link
 * states were under way. An invented server looks the same to all servers. So
 * the neighbour of the liar is the first that reaches the bound and refuses.
 */
#include "link/ghost.h"

#include "link/link.h"
#include "link/state.h"

#define TELL_MIN 8
#define TELL_MS (INT64_C(60) * MS_PER_S)

void
ghost_begin(const struct link_net *net, const struct link *l,
    struct map_server *s)
{
	s->by = l->o.sid;
	s->was_reachable = !core_is_ready(net->core);
}

bool
ghost_is(const struct map_server *s)
{
	return !s->was_reachable;
}

static size_t
runs_of(const struct link_net *net, const struct map_server *s)
{
	size_t n;

	return vector_runs(&net->log.have, s->lsa.o.sid, &n) == NULL ? 0 : n;
}

bool
ghost_has_room(const struct link_net *net, struct sid sid)
{
	const struct map_server *s = netmap_find(&net->map, sid);
	size_t n = 0;

	if (s == NULL || !ghost_is(s))
		return true;
	for (size_t i = 0; i < net->map.n; i++)
		if (ghost_is(&net->map.v[i]))
			n += runs_of(net, &net->map.v[i]);
	return n < GHOST_RUNS_MAX;
}

static bool
is_told(const struct link_step *st, const struct map_server *s)
{
	return ghost_is(s) && runs_of(st->net, s) > 0 &&
	       !mono_is_never(s->gone) &&
	       mono_sub_ms(event_awake(st->ev), s->gone) >= TELL_MS;
}

/* Return how many ghosts that the operator is told of the neighbour has
 * brought. */
static size_t
brought(const struct link_step *st, struct sid by)
{
	const struct netmap *map = &st->net->map;
	size_t n = 0;

	for (size_t i = 0; i < map->n; i++)
		n += is_told(st, &map->v[i]) && sid_cmp(map->v[i].by, by) == 0;
	return n;
}

void
ghost_tell(const struct link_step *st)
{
	struct link_net *net = st->net;
	const struct map_server *most = NULL;
	size_t all = 0, n = 0;

	for (size_t i = 0; i < net->map.n; i++)
		all += is_told(st, &net->map.v[i]);
	if (all < TELL_MIN || all < 2 * net->ghosts_told)
		return;
	net->ghosts_told = all;
	for (size_t i = 0; i < net->map.n; i++) {
		const struct map_server *s = &net->map.v[i];

		if (is_told(st, s) && brought(st, s->by) > n) {
			n = brought(st, s->by);
			most = s;
		}
	}
	effects_logf(st->fx, LOG_WARNING,
	    { "what",
		SPAN("there are servers that this one has never reached; the "
		     "peer that has brought most of them may be a liar") },
	    { "servers", num_text(st, all) }, { "by", sid_span(&most->by) },
	    { "brought", num_text(st, n) });
}
