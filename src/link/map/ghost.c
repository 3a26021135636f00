/*
 * A server is reachable as soon as its link state and those of its neighbours
 * are here, and link states go before entries. So entries of a true server that
 * was never reachable are rare: that server must have gone while its link
 * states were under way. An invented server looks the same to all servers. So
 * the neighbour of the liar is the first that reaches the bound and refuses.
 */
#include "link/map/ghost.h"

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

/* Return true if the server was never reachable. */
static bool
is_ghost(const struct map_server *s)
{
	return !s->was_reachable;
}

static size_t
runs_of(const struct link_net *net, const struct map_server *s)
{
	size_t n;

	return vector_runs(&net->log.have, s->lsa.o.sid, &n) == NULL ? 0 : n;
}

/* A neighbour passes on what all servers behind it were allowed to bring. So it
 * may bring as much as all of them together, and is not refused for their
 * lies. */
static size_t
room_of(const struct link_net *net, const struct link *l)
{
	const struct map_server *s = netmap_find(&net->map, l->o.sid);
	size_t behind =
	    s == NULL || s->behind == 0 || mutated(net, MUT_GHOSTS_ONE_ROOM)
		? 1
		: s->behind;

	return behind * GHOST_RUNS_MAX;
}

bool
ghost_has_room(const struct link_net *net, const struct link *l, struct sid sid)
{
	const struct map_server *s = netmap_find(&net->map, sid), *other;
	size_t n;

	if (s == NULL || !is_ghost(s))
		return true;
	n = runs_of(net, s);
	for (size_t i = 0; i < net->map.n; i++) {
		other = &net->map.v[i];
		if (other != s && is_ghost(other) &&
		    sid_cmp(other->by, l->o.sid) == 0)
			n += runs_of(net, other);
	}
	return n < room_of(net, l);
}

void
ghost_came(const struct link_net *net, const struct link *l, struct sid sid)
{
	struct map_server *s = netmap_find(&net->map, sid);

	if (s != NULL)
		s->by = l->o.sid;
}

static bool
is_configured(const struct link_net *net, struct sid sid)
{
	for (size_t i = 0; i < net->npeer; i++)
		if (sid_cmp(net->peer[i].sid, sid) == 0)
			return true;
	return false;
}

/*
 * An earlier run of this server may have reached the server, and this run does
 * not know it. It cannot have reached a run that began after this one. Each inc
 * is a time of the clock in seconds, and clocks are at most 5 seconds apart.
 */
static bool
is_from_before(const struct link_net *net, const struct map_server *s)
{
	size_t n;
	const struct vector_item *v =
	    vector_runs(&net->log.have, s->lsa.o.sid, &n);
	uint32_t first = v != NULL ? v[0].o.inc : s->lsa.o.inc;

	return !mutated(net, MUT_GHOSTS_KNOWN_LATE) &&
	       first <= net->self.inc + CLOCKS_APART_MS / MS_PER_S;
}

bool
ghost_may_be_known(const struct link_net *net, struct sid sid)
{
	const struct map_server *s = netmap_find(&net->map, sid);

	return s == NULL || !is_ghost(s) ||
	       (is_configured(net, sid) &&
		   !mutated(net, MUT_GHOSTS_CONFIGURED)) ||
	       is_from_before(net, s);
}

bool
ghost_goes_soon(const struct link_net *net, const struct map_server *s)
{
	return !s->seen_by_other && !ghost_may_be_known(net, s->lsa.o.sid);
}

static bool
is_told(const struct link_step *st, const struct map_server *s)
{
	return is_ghost(s) && runs_of(st->net, s) > 0 &&
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
	effects_logf(st->fx, LOG_GHOSTS, { "servers", num_text(st, all) },
	    { "by", sid_span(&most->by) }, { "brought", num_text(st, n) });
}
