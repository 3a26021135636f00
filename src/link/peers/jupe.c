/*
 * A link is closed 2 s after its jupe has come. By then the jupe has gone on to
 * the servers behind the juped one, which may have no other way.
 *
 * No jupe may cut the network in two, unless its operator has said that it may
 * (`cuts`). The server that sets a jupe asks for that, but the network may have
 * changed when the jupe is carried out. So each server decides by the map which
 * juped servers can go together:
 *
 *	1. All whose jupe cuts go.
 *	2. Each other one, in the order of sids, goes if all servers that are
 *	   not juped stay reachable without it and those that went before it.
 *
 * Servers with one map decide alike: if two juped servers are on two ways to
 * one place, the same one goes at all of its neighbours. A juped server that
 * cannot go keeps its links until there is another way, and operators are told.
 *
 * If the last link of a juped server that cannot go breaks by itself, it is
 * made again: it may still be the only way. The map of that moment cannot tell,
 * since it lacks all that is behind the juped server. So the map remembers
 * which servers had no other way (only_by). Once all of these are reachable by
 * another way and the juped one is not, it has gone: the others have let it go,
 * or its links have broken. Else this server decides once the link is there.
 * The neighbours on the other side would let the juped server go when such a
 * link breaks, as what is lost already is not lost by that. So they wait a
 * minute for it.
 *
 * A server has at most one neighbour that is its only way: of two, each would
 * lead to it without the other.
 *
 * Invariants:
 *	1. No link is made with a juped peer, unless it waits, no other way
 *	   leads to it, and a server is lost that it was the only way to.
 *	2. A jupe ends a link only if the peer goes as above.
 */
#include "link/peers/jupe.h"

#include "core/part/clean.h"
#include "link/state.h"
#include "wire/utf8.h"

#define GRACE_MS 2000
#define RETURN_MS 60000 /* for servers that were lost while a peer waited */
/* Juped servers that are tried; the others wait until some of these are gone.
 * Each costs a search of the map. */
#define TRIED_MAX 8

static struct span
reason_of(const struct link_step *st, const struct core_jupe *jupe)
{
	struct span why = clean_text(st->fx->arena, jupe->reason);
	struct writer w;

	writer_init_arena(&w, st->fx->arena, LINK_REASON_MAX + 1);
	writer_str(&w, "the server is juped");
	if (why.n > 0)
		writer_str(&w, ": ");
	writer_span(&w, utf8_cut(why, LINK_REASON_MAX - w.n));
	writer_char(&w, '\0');
	return span_head(writer_done(&w), w.n - 1);
}

static bool
is_juped(const struct link_step *st, const struct peer *peer,
    struct core_jupe *jupe)
{
	return core_is_juped(st->net->core, peer->set->name, peer->sid,
	    st->ev->wall, jupe);
}

static void
note(const struct link_step *st, struct peer *peer, bool juped)
{
	if (juped && !peer->juped) {
		peer->jupe_at = mono_add_ms(st->ev->now, GRACE_MS);
		peer->jupe_waits = false;
	}
	peer->juped = juped;
}

/* Return true if a server is not reachable that the peer was the only way to.
 */
static bool
has_lost(const struct link_net *net, const struct peer *peer)
{
	const struct map_server *s;

	for (size_t i = 0; i < net->map.n; i++) {
		s = &net->map.v[i];
		if (!s->reachable && sid_cmp(s->only_by, peer->sid) == 0)
			return true;
	}
	return false;
}

static bool
is_reachable(const struct link_net *net, const struct peer *peer)
{
	const struct map_server *s = netmap_find(&net->map, peer->sid);

	return s != NULL && s->reachable;
}

/* Return true if the peer waits and cannot be reached, and all servers that it
 * was the only way to can be. */
static bool
has_gone(const struct link_net *net, const struct peer *peer)
{
	return peer->jupe_waits && peer->jupe_tried &&
	       !is_reachable(net, peer) && !has_lost(net, peer);
}

bool
jupe_may_link(const struct link_net *net, const struct peer *peer)
{
	if (!peer->juped)
		return true;
	return peer->jupe_waits && !is_reachable(net, peer) &&
	       !has_gone(net, peer);
}

/* Return why a link with the peer is refused, or NULL. Fill in the jupe. */
static const char *
why_not(const struct link_step *st, struct peer *peer, struct core_jupe *jupe)
{
	bool juped = is_juped(st, peer, jupe);

	note(st, peer, juped);
	if (!juped || (!jupe->cuts && jupe_may_link(st->net, peer)))
		return NULL;
	return reason_of(st, jupe).p;
}

const char *
jupe_forbids(const struct link_step *st, struct peer *peer)
{
	struct core_jupe jupe;

	return why_not(st, peer, &jupe);
}

const char *
jupe_refuses(const struct link_step *st, struct peer *peer)
{
	struct core_jupe jupe;
	const char *why = why_not(st, peer, &jupe);

	if (why != NULL)
		core_jupe_count(&jupe);
	else if (peer->juped)
		/* the map must first have what is behind it */
		peer->jupe_at = mono_add_ms(st->ev->now, GRACE_MS);
	return why;
}

bool
jupe_is_any(const struct link_net *net)
{
	for (size_t i = 0; i < net->npeer; i++)
		if (net->peer[i].juped)
			return true;
	return false;
}

/* ---- which servers can go ------------------------------------------------ */

/* For each server of the map: it is juped; it was tried whether it can go; it
 * goes; it stays reachable if all go whose jupe cuts; and if one more goes. */
struct going {
	bool *juped, *tried, *gone, *left, *left_then;
};

static void
reach(const struct link_net *net, const struct going *g, bool *reached)
{
	netmap_reach_without(&net->map, net->self.sid, g->gone, reached);
}

/* Find out which servers are juped; let those go whose jupe cuts. */
static void
find_juped(const struct link_step *st, struct going *g)
{
	const struct link_net *net = st->net;
	const struct map_server *s;
	struct core_jupe jupe;

	for (size_t i = 0; i < net->map.n; i++) {
		s = &net->map.v[i];
		g->juped[i] = s->reachable && s->hops > 0 &&
			      core_is_juped(net->core,
				  core_server_name(net->core, s->lsa.o.sid),
				  s->lsa.o.sid, st->ev->wall, &jupe);
		g->gone[i] = g->juped[i] && jupe.cuts;
		g->tried[i] = false;
	}
	reach(net, g, g->left);
}

/* Return true if the server would be lost if one more went. */
static bool
is_cut_off(const struct going *g, size_t i)
{
	return g->left[i] && !g->juped[i] && !g->left_then[i];
}

/* Let the juped server go if no server that is not juped is lost by that. */
static void
try_one(const struct link_net *net, struct going *g, size_t i)
{
	g->tried[i] = g->gone[i] = true;
	reach(net, g, g->left_then);
	for (size_t k = 0; k < net->map.n && g->gone[i]; k++)
		g->gone[i] = !is_cut_off(g, k);
}

/* The juped server was tried last, and cannot go. If it is a neighbour, note
 * which servers it is the only way to. */
static void
note_only_way(struct link_net *net, const struct going *g, size_t i)
{
	struct map_server *v = net->map.v;
	struct sid sid = v[i].lsa.o.sid;

	for (size_t k = 0; k < net->map.n; k++) {
		if (v[i].hops == 1 && is_cut_off(g, k))
			v[k].only_by = sid;
		else if (sid_cmp(v[k].only_by, sid) == 0)
			v[k].only_by = (struct sid){ "" };
	}
}

static bool *
array(const struct link_step *st)
{
	return arena_alloc(st->fx->arena, st->net->map.n + 1);
}

static void
find_going(const struct link_step *st, struct going *g)
{
	struct link_net *net = st->net;
	unsigned tried = 0;

	*g = (struct going){ array(st), array(st), array(st), array(st),
		array(st) };
	find_juped(st, g);
	for (size_t i = 0; i < net->map.n && tried < TRIED_MAX; i++) {
		if (!g->juped[i] || g->gone[i])
			continue;
		tried++;
		try_one(net, g, i);
		if (!g->gone[i])
			note_only_way(net, g, i);
	}
}

/* ---- links that end ------------------------------------------------------ */

static bool
has_link(const struct link_net *net, const struct peer *peer)
{
	for (size_t i = 0; i < net->nlink; i++)
		if (net->link[i]->peer == peer &&
		    net->link[i]->state != LINK_DEAD)
			return true;
	return false;
}

static void
close_links(const struct link_step *st, struct peer *peer)
{
	struct link_net *net = st->net;
	struct core_jupe jupe;

	if (!is_juped(st, peer, &jupe))
		return;
	peer->jupe_waits = false;
	for (size_t i = 0; i < net->nlink; i++)
		if (net->link[i]->peer == peer)
			link_refuse_for(st, net->link[i], "juped",
			    reason_of(st, &jupe));
}

/* Return true if servers have been lost that the peer was the only way to. They
 * may come back through it, so it stays for a while. */
static bool
may_return(const struct link_step *st, struct peer *peer)
{
	struct core_jupe jupe;

	if (!peer->jupe_waits || !has_lost(st->net, peer) ||
	    (is_juped(st, peer, &jupe) && jupe.cuts))
		return false;
	if (mono_is_never(peer->jupe_by))
		peer->jupe_by = mono_add_ms(st->ev->now, RETURN_MS);
	return mono_cmp(st->ev->now, peer->jupe_by) < 0;
}

static void
keep(const struct link_step *st, struct peer *peer, bool tried)
{
	peer->jupe_by = MONO_NEVER;
	peer->jupe_tried = tried;
	if (peer->jupe_waits)
		return;
	peer->jupe_waits = true;
	effects_logf(st->fx, LOG_JUPE_WAITS, { "server", peer->set->name },
	    { "sid", sid_span(&peer->sid) });
}

/* Close the links of a peer whose jupe has waited long enough, or tell
 * operators why not. */
static void
carry_out(const struct link_step *st, struct peer *peer, const struct going *g)
{
	const struct map_server *s = netmap_find(&st->net->map, peer->sid);
	size_t i = s == NULL ? 0 : (size_t)(s - st->net->map.v);

	if (s != NULL && s->reachable && !g->gone[i])
		keep(st, peer, g->tried[i]);
	else if (!may_return(st, peer))
		close_links(st, peer);
}

static bool
is_due(const struct link_step *st, const struct peer *peer)
{
	return peer->juped && mono_cmp(peer->jupe_at, st->ev->now) <= 0 &&
	       has_link(st->net, peer);
}

void
jupe_update(const struct link_step *st)
{
	struct link_net *net = st->net;
	struct core_jupe jupe;
	struct going g;
	bool any = false;

	for (size_t i = 0; i < net->npeer; i++) {
		note(st, &net->peer[i], is_juped(st, &net->peer[i], &jupe));
		if (has_gone(net, &net->peer[i]))
			net->peer[i].jupe_waits = false;
		any = any || is_due(st, &net->peer[i]);
	}
	if (!any)
		return;
	find_going(st, &g);
	for (size_t i = 0; i < net->npeer; i++)
		if (is_due(st, &net->peer[i]))
			carry_out(st, &net->peer[i], &g);
}
