/*
 * An origin becomes visible when this server has caught up with it: when it has
 * all that any reachable server had of it when the youngest link of that server
 * came up (link-protocol.md, 9.1). It then stays visible while it is reachable:
 * every server is a little behind all the time, and that must not hide users.
 *
 * The heads of all reachable servers count, not only those of the origin
 * itself. When a link far away comes back, only its two ends announce new
 * heads; the servers behind it announce nothing. With the head of the origin
 * alone, users that left in the meantime would be shown for a moment.
 *
 * There is no grace time yet: an origin that is not reachable is hidden at
 * once.
 */
#include "link/map/overlay.h"

#include "link/map/doubt.h"
#include "link/state.h"

/* A search that costs more waits for a tick: 8192 looks take some 100 us. */
#define SEARCH_CHEAP 8192

static void
collect_heads(struct link_net *net)
{
	vector_clear(&net->map_heads);
	if (mutated(net, MUT_HEADS_NONE))
		return;
	for (size_t i = 0; i < net->map.n; i++) {
		const struct lsa *lsa = &net->map.v[i].lsa;

		if (!net->map.v[i].reachable)
			continue;
		if (mutated(net, MUT_HEADS_OWN_ONLY))
			vector_raise(&net->map_heads, lsa->o,
			    vector_get(&lsa->heads, lsa->o));
		else
			vector_raise_all(&net->map_heads, &lsa->heads);
	}
}

static bool
has_caught_up(const struct link_net *net, struct origin o)
{
	return log_covered(&net->log, o) >= vector_get(&net->map_heads, o);
}

/*
 * Return the inc of s that shall be visible, or 0.
 *
 * The rule for users: they see a server while it is reachable, as soon as this
 * server knows its users as well as other servers do (link-protocol.md, 9.1 and
 * 9.2).
 */
static uint32_t
visible_inc(const struct link_net *net, const struct map_server *s)
{
	struct origin o = s->lsa.o;

	if (mutated(net, MUT_NO_OVERLAY_HIDE) && s->visible != 0)
		return s->visible;
	/* 1. a server that is not reachable is hidden */
	if (!s->reachable)
		return 0;
	/* 2. a visible run stays, even if this server is a little behind */
	if (s->visible == o.inc)
		return o.inc;
	/* 3. the users of a void run are gone */
	if (core_is_void(net->core, o))
		return 0;
	/* 4. the run itself must have caught up: its READY is processed */
	if (!mutated(net, MUT_READY_NOT_NEEDED) &&
	    core_ready_inc(net->core, o.sid) != o.inc)
		return mutated(net, MUT_OLD_INC_SHOWN) ? s->visible : 0;
	/* 5. this server must have caught up with the run */
	if (sid_cmp(o.sid, net->self.sid) != 0 && !has_caught_up(net, o))
		return 0;
	return o.inc;
}

/* Return true if every server of the map is visible, and every origin in have
 * that is not void. */
static bool
is_whole(const struct link_net *net)
{
	for (size_t i = 0; i < net->map.n; i++)
		if (net->map.v[i].visible == 0)
			return false;
	for (size_t i = 0; i < net->log.have.n; i++) {
		struct origin o = net->log.have.v[i].o;
		const struct map_server *s = netmap_find(&net->map, o.sid);

		if ((s == NULL || s->visible != o.inc) &&
		    !core_is_void(net->core, o))
			return false;
	}
	return true;
}

/* Note since when a server is not reachable. */
static void
mark_gone(const struct link_step *st, struct map_server *s)
{
	if (s->reachable)
		s->gone = MONO_NEVER;
	else if (mono_is_never(s->gone))
		s->gone = event_awake(st->ev);
}

static void
log_seen(const struct link_step *st, const struct map_server *s, uint32_t inc)
{
	if ((s->visible != 0) != (inc != 0))
		effects_logf(st->fx,
		    inc != 0 ? LOG_SERVER_SEEN : LOG_SERVER_GONE,
		    { "sid", sid_span(&s->lsa.o.sid) },
		    { "uplink", sid_span(&s->uplink) });
}

static void
tell(const struct link_step *st)
{
	struct link_net *net = st->net;
	struct overlay_view view = { .n = net->map.n };
	struct server_view *v;

	v = arena_alloc(st->fx->arena, view.n * sizeof(*v) + 1);
	for (size_t i = 0; i < view.n; i++) {
		const struct map_server *s = &net->map.v[i];

		v[i] = (struct server_view){ .sid = s->lsa.o.sid,
			.visible = s->visible,
			.reachable = s->reachable,
			.uplink = s->uplink,
			.hops = s->hops,
			.next = s->next,
			.behind = s->only_way };
	}
	view.v = v;
	view.whole = is_whole(net);
	net->shown_whole = view.whole;
	net->shown_origins = net->log.have.n;
	core_overlay(net->core, st->ev, &view, st->fx);
}

/* A network that is whole stays so until what is visible changes or a new
 * origin comes, so there is no need to look at every entry. */
static bool
whole_changed(struct link_net *net)
{
	if (net->shown_whole && net->shown_origins == net->log.have.n)
		return false;
	return is_whole(net) != net->shown_whole;
}

/* Return about how many things a search looks at. */
static size_t
cost_of_search(const struct netmap *map)
{
	size_t n = 0;

	for (size_t i = 0; i < map->n; i++)
		n += 1 + map->v[i].lsa.nedge + map->v[i].lsa.heads.n;
	return n;
}

/*
 * A linked server can send many link states in a turn. If the map is large, it
 * is searched once for all of them, at the next tick, which this server asks
 * for at once. A change of an own edge does not wait.
 */
static bool
waits_for_tick(const struct link_step *st)
{
	const struct link_net *net = st->net;

	return net->shown_once && st->ev->kind != EV_TICK &&
	       net->lseq == net->lseq_searched &&
	       cost_of_search(&net->map) > SEARCH_CHEAP;
}

/* Search the map if it has changed. */
static void
search(const struct link_step *st)
{
	struct link_net *net = st->net;

	if ((!net->map_changed && net->shown_once) || waits_for_tick(st))
		return;
	net->counts.searches++;
	net->lseq_searched = net->lseq;
	do
		netmap_search(&net->map, net->self.sid);
	while (doubt_update(st));
	netmap_find_only_ways(&net->map, net->self.sid);
	net->map_changed = false;
	for (size_t i = 0; i < net->map.n; i++)
		mark_gone(st, &net->map.v[i]);
	collect_heads(net);
	if (net->map_place == 0)
		net->map_place = log_end(&net->log) + 1;
}

/*
 * Return true if entries that were here when the map changed are not processed
 * yet. Clients are told of them first, as if each entry had been processed when
 * it came. Later changes of the map do not prolong this. Void users go before
 * others of their server come.
 */
static bool
must_wait(const struct link_net *net)
{
	const struct log *log = &net->log;

	if (core_is_voiding(net->core))
		return true;
	return log->next + 1 < net->map_place && !log_is_drained(log);
}

bool
overlay_update(const struct link_step *st)
{
	struct link_net *net = st->net;
	bool changed;
	bool installing = core_is_installing(net->core);

	search(st);
	changed = net->map_place != 0;
	if ((!changed && !net->covered_changed) || must_wait(net))
		return false;
	net->map_place = 0;
	for (size_t i = 0; i < net->map.n; i++) {
		struct map_server *s = &net->map.v[i];
		uint32_t inc = visible_inc(net, s);

		/* half of its users may be here: show it when all are */
		if (inc != s->visible && installing)
			inc = 0;
		if (inc == s->visible)
			continue;
		log_seen(st, s, inc);
		s->visible = inc;
		changed = true;
	}
	net->covered_changed = installing;
	if (!changed && !whole_changed(net))
		return false;
	net->shown_once = true;
	net->retire_look = true;
	tell(st);
	return true;
}
