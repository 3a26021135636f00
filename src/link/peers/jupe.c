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
 * since it lacks all that is behind the juped server. So this server remembers
 * that the peer waited, and decides once the link is there. The neighbours on
 * the other side would let the juped server go when such a link breaks, as what
 * is lost already is not lost by that. So they wait a minute for it.
 *
 * Invariants:
 *	1. No link is made with a juped peer, unless it waits and no other way
 *	   leads to it.
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

bool
jupe_may_link(const struct link_net *net, const struct peer *peer)
{
	const struct map_server *s;

	if (!peer->juped)
		return true;
	if (!peer->jupe_waits)
		return false;
	s = netmap_find(&net->map, peer->sid);
	return s == NULL || !s->reachable;
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

/* For each server of the map: it is juped; it goes. */
struct going {
	bool *juped, *gone;
	/* servers that are not juped, without those whose jupe cuts */
	size_t left;
};

/* Return how many servers that are not juped are reachable without those that
 * go. */
static size_t
count_left(const struct link_net *net, const struct going *g)
{
	return netmap_count_without(&net->map, net->self.sid, g->gone,
	    g->juped);
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
	}
	g->left = count_left(net, g);
}

static void
find_going(const struct link_step *st, struct going *g)
{
	const struct link_net *net = st->net;
	unsigned tried = 0;

	g->juped = arena_alloc(st->fx->arena, net->map.n + 1);
	g->gone = arena_alloc(st->fx->arena, net->map.n + 1);
	find_juped(st, g);
	for (size_t i = 0; i < net->map.n && tried < TRIED_MAX; i++) {
		if (!g->juped[i] || g->gone[i])
			continue;
		tried++;
		g->gone[i] = true;
		g->gone[i] = count_left(net, g) == g->left;
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

/* Return true if servers have been lost since the peer waited last. They may
 * come back through it, so it stays for a while. */
static bool
may_return(const struct link_step *st, struct peer *peer, const struct going *g)
{
	struct core_jupe jupe;

	if (!peer->jupe_waits || g->left >= peer->jupe_others ||
	    (is_juped(st, peer, &jupe) && jupe.cuts))
		return false;
	if (mono_is_never(peer->jupe_by))
		peer->jupe_by = mono_add_ms(st->ev->now, RETURN_MS);
	return mono_cmp(st->ev->now, peer->jupe_by) < 0;
}

static void
keep(const struct link_step *st, struct peer *peer, const struct going *g)
{
	peer->jupe_others = g->left;
	peer->jupe_by = MONO_NEVER;
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

	if (s != NULL && s->reachable && !g->gone[s - st->net->map.v])
		keep(st, peer, g);
	else if (!may_return(st, peer, g))
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
		any = any || is_due(st, &net->peer[i]);
	}
	if (!any)
		return;
	find_going(st, &g);
	for (size_t i = 0; i < net->npeer; i++)
		if (is_due(st, &net->peer[i]))
			carry_out(st, &net->peer[i], &g);
}
