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
 * A link that breaks is mostly back soon. So a visible origin that cannot be
 * reached is in limbo first: it stays visible for the grace time. If it is back
 * by then, it stays on, and clients see what happened meanwhile as the entries
 * come (link-protocol.md, 9.22; doc/decisions/0062). Only this server's time
 * counts for that, and only the time in which it runs.
 *
 * Rejected: to count from the last line that came of the server. How long a
 * link was silent before it ended says nothing about how soon it is back.
 */
#include "link/map/overlay.h"

#include "link/link.h"
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

/* A run that is back for less, or that this server has not caught up with, was
 * not really back. */
#define BACK_MS 2000

/* Return true if the limbo of a run that is lost begins anew. If it goes on, it
 * ends when it would have ended: servers that link and refuse each other again
 * and again do not stay visible for ever. */
static bool
is_lost_anew(const struct map_server *s, struct mono now)
{
	return mono_is_never(s->lost) ||
	       (!mono_is_never(s->back) && s->caught_up &&
		   mono_sub_ms(now, s->back) >= BACK_MS);
}

/* Note since when the visible run cannot be reached, or is back. */
static void
note_lost(const struct link_step *st, struct map_server *s)
{
	struct mono now = event_awake(st->ev);

	if (s->visible == 0)
		s->lost = s->back = MONO_NEVER;
	else if (map_server_is_there(s)) {
		if (mono_is_never(s->back))
			s->back = now;
		s->caught_up |= has_caught_up(st->net, s->lsa.o);
		return;
	} else if (is_lost_anew(s, now))
		s->lost = now;
	s->back = MONO_NEVER;
	s->caught_up = false;
}

/* Return when the limbo of a visible run that is lost ends. */
static struct mono
limbo_end(const struct link_net *net, const struct map_server *s)
{
	return mono_add_ms(s->lost, (int64_t)net->set->grace_s * MS_PER_S);
}

/* Return true if people have stopped the visible run, or cut it off. */
static bool
is_ended(const struct link_step *st, const struct map_server *s)
{
	const struct link_net *net = st->net;
	struct core_jupe jupe;

	if (s->lsa.o.inc == s->visible && s->lsa.nedge == 0)
		return true; /* its last link state (5.13) */
	/* a newer run that is stopped will not be READY */
	return s->cut_off || s->stopped >= s->visible ||
	       core_is_juped(net->core,
		   core_server_name(net->core, s->lsa.o.sid), s->lsa.o.sid,
		   st->ev->wall, &jupe);
}

/* Return true if the visible run stays visible, though it cannot be reached
 * (link-protocol.md, 9.22). */
static bool
is_in_limbo(const struct link_step *st, const struct map_server *s)
{
	struct origin o = { s->lsa.o.sid, s->visible };

	if (s->visible == 0 || map_server_is_there(s) ||
	    core_is_void(st->net->core, o))
		return false;
	if (mutated(st->net, MUT_NO_LIMBO))
		return false;
	return mono_cmp(event_awake(st->ev), limbo_end(st->net, s)) < 0 &&
	       !is_ended(st, s);
}

/*
 * Return the inc of s that shall be visible, or 0.
 *
 * The rule for users: they see a server as soon as this server knows its users
 * as well as other servers do, and until it has been out of reach for the grace
 * time (link-protocol.md, 9.1, 9.2 and 9.22).
 */
static uint32_t
visible_inc(const struct link_step *st, const struct map_server *s)
{
	const struct link_net *net = st->net;
	struct origin o = s->lsa.o;

	if (mutated(net, MUT_NO_OVERLAY_HIDE) && s->visible != 0)
		return s->visible;
	/* 1. a visible run stays while it is reachable, even if this server is
	 * a little behind */
	if (map_server_is_there(s) &&
	    (!mutated(net, MUT_LIMBO_CATCHES_UP) ||
		!map_server_is_in_limbo(s) || has_caught_up(net, o)))
		return o.inc;
	/* 2. it stays for the grace time if it is not, even if a newer run is,
	 * until that is READY */
	if (is_in_limbo(st, s))
		return s->visible;
	/* 3. a server that is not reachable is hidden */
	if (!s->reachable)
		return 0;
	/* 4. the users of a void run are gone */
	if (core_is_void(net->core, o))
		return 0;
	/* 5. the run itself must have caught up: its READY is processed */
	if (!mutated(net, MUT_READY_NOT_NEEDED) &&
	    core_ready_inc(net->core, o.sid) != o.inc)
		return mutated(net, MUT_OLD_INC_SHOWN) ? s->visible : 0;
	/* 6. this server must have caught up with the run */
	if (sid_cmp(o.sid, net->self.sid) != 0 && !has_caught_up(net, o))
		return 0;
	return o.inc;
}

/* Return true if every server of the map is visible and reachable, and every
 * origin in have that is not void is visible. */
static bool
is_whole(const struct link_net *net)
{
	for (size_t i = 0; i < net->map.n; i++)
		if (!map_server_is_there(&net->map.v[i]) &&
		    (net->map.v[i].visible == 0 ||
			!mutated(net, MUT_LIMBO_WHOLE)))
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

/* Note since when a server is not reachable. If it is, nobody has cut it off.
 */
static void
mark_gone(const struct link_step *st, struct map_server *s)
{
	if (!s->reachable && mono_is_never(s->gone))
		s->gone = event_awake(st->ev);
	if (!s->reachable)
		return;
	s->gone = MONO_NEVER;
	s->cut_off = false;
}

/* Log that the server shall be seen, or not, or that it is back. */
static void
log_server(const struct link_step *st, const struct map_server *s,
    enum log_row row)
{
	effects_logf(st->fx, row, { "sid", sid_span(&s->lsa.o.sid) },
	    { "uplink", sid_span(&s->uplink) });
}

/* Set what is visible of the server. Return true if that is something else. */
static bool
set_visible(const struct link_step *st, struct map_server *s, uint32_t inc)
{
	uint32_t was = s->visible;

	if (inc == was)
		return false;
	if (was != 0)
		log_server(st, s, LOG_SERVER_GONE);
	if (inc != 0)
		log_server(st, s, LOG_SERVER_SEEN);
	s->visible = inc;
	s->until = s->lost = s->back = MONO_NEVER;
	s->caught_up = false;
	note_lost(st, s);
	return true;
}

/* Set until when the server is in limbo. Return true if that is something else.
 */
static bool
set_limbo(const struct link_step *st, struct map_server *s)
{
	struct mono was = s->until;

	s->until = is_in_limbo(st, s) ? limbo_end(st->net, s) : MONO_NEVER;
	if (mono_cmp(s->until, was) == 0)
		return false;
	if (mono_is_never(was))
		effects_logf(st->fx, LOG_SERVER_LIMBO,
		    { "sid", sid_span(&s->lsa.o.sid) },
		    { "grace_s", num_text(st, (uint64_t)mono_sub_ms(s->until,
						  event_awake(st->ev)) /
						  MS_PER_S) });
	else if (!map_server_is_in_limbo(s))
		log_server(st, s, LOG_SERVER_BACK);
	return true;
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
			.behind = s->only_way,
			.limbo = map_server_is_in_limbo(s),
			.until = s->until };
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
	collect_heads(net);
	for (size_t i = 0; i < net->map.n; i++) {
		mark_gone(st, &net->map.v[i]);
		note_lost(st, &net->map.v[i]);
	}
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

/* Look at one server. Return true if something has changed for the core. */
static bool
look_at(const struct link_step *st, struct map_server *s)
{
	uint32_t inc;
	bool changed;

	note_lost(st, s);
	inc = visible_inc(st, s);
	/* half of its users may be here: show it when all are */
	if (inc != s->visible && core_is_installing(st->net->core))
		inc = 0;
	changed = set_visible(st, s, inc);
	changed = set_limbo(st, s) || changed;
	st->net->grace_at = mono_min(st->net->grace_at, s->until);
	return changed;
}

bool
overlay_update(const struct link_step *st)
{
	struct link_net *net = st->net;
	bool changed, due = mono_cmp(net->grace_at, event_awake(st->ev)) <= 0;

	search(st);
	changed = net->map_place != 0;
	if ((!changed && !net->covered_changed && !due) || must_wait(net))
		return false;
	net->map_place = 0;
	net->grace_at = MONO_NEVER;
	for (size_t i = 0; i < net->map.n; i++)
		changed = look_at(st, &net->map.v[i]) || changed;
	net->covered_changed = core_is_installing(net->core);
	if (!changed && !whole_changed(net))
		return false;
	net->shown_once = true;
	net->retire_look = true;
	tell(st);
	return true;
}

struct mono
overlay_deadline(const struct link_net *net)
{
	return must_wait(net) ? MONO_NEVER : net->grace_at;
}

/* ---- what ends a limbo, or begins one ------------------------------------ */

/* Return true if a link with that code ended because people want the peer, and
 * what is behind it, off the network. */
static bool
is_by_people(struct span code)
{
	return span_eq(code, SPAN("squit")) || span_eq(code, SPAN("juped")) ||
	       span_eq(code, SPAN("removed"));
}

void
overlay_link_ended(struct link_net *net, const struct link *l)
{
	struct map_server *s = netmap_find(&net->map, l->o.sid);

	if (s != NULL && span_eq(l->end.code, SPAN("stop")))
		s->stopped = l->o.inc;
	if (!l->end.was_edge || !is_by_people(l->end.code))
		return;
	for (size_t i = 0; i < net->map.n; i++) {
		s = &net->map.v[i];
		if (s->reachable && sid_cmp(s->next, l->o.sid) == 0)
			s->cut_off = true;
	}
}

void
overlay_restore(struct link_net *net, struct map_server *s, uint32_t inc)
{
	s->visible = inc;
	net->covered_changed = true;
}
