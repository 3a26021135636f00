/*
 * The rules about visible origins, checked from outside. When a link comes up,
 * this file notes what each end has, and does not read it from the link states:
 * so it notices a wrong head, and also a head that no server looks at.
 *
 *	an origin is shown only if it is the newest of its sid, is
 *	reachable, and its READY is merged; and for the grace time after that,
 *	until the READY of a newer run is merged
 *	it is hidden before the grace time is over if people stopped it, or for
 *	jupes, and for no other reason
 *	it becomes shown only when this server has everything that any
 *	reachable end of a link had when that link came up
 *	a server becomes READY only when it has what a neighbour had
 *	a snapshot tells both ends what the receiver has now
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/state.h"
#include "kept.h"
#include "link/link.h"

void
overlay_started(struct oracle *o, unsigned node)
{
	struct seen *s = &o->seen[node];

	memset(s->visible, 0, sizeof(s->visible));
	memset(s->lost, 0, sizeof(s->lost));
	memset(s->waits, 0, sizeof(s->waits));
	memset(s->back, 0, sizeof(s->back));
	s->ready = false;
}

void
overlay_free(struct oracle *o)
{
	size_t i;

	for (i = 0; i < o->nheads; i++)
		vector_fini(&o->head[i].have);
	for (i = 0; i < o->nsent; i++)
		vector_fini(&o->sent[i].v);
	free(o->head);
	free(o->sent);
}

static unsigned
index_of(const struct oracle *o, struct sid sid)
{
	unsigned i;

	for (i = 0; i < o->net->n; i++)
		if (sid_cmp(setup_sid(i), sid) == 0)
			break;
	return i;
}

/* ---- heads ---- */

static const struct head *
find_head(const struct oracle *o, unsigned node, uint64_t instance)
{
	size_t i;

	for (i = o->nheads; i-- > 0;)
		if (o->head[i].node == node && o->head[i].instance == instance)
			return &o->head[i];
	return NULL;
}

static void
note_heads(struct oracle *o, unsigned node, const struct link_net *links)
{
	unsigned as = o->net->node[node].as;
	const struct link *l;
	struct head *h;
	size_t i;

	for (i = 0; (l = link_net_link(links, i)) != NULL; i++) {
		if (!link_is_edge(l) || find_head(o, as, l->instance))
			continue;
		if (o->nheads == o->capheads) {
			o->capheads = o->capheads == 0 ? 64 : o->capheads * 2;
			o->head =
			    mem_array(o->head, o->capheads, sizeof(*o->head));
		}
		h = &o->head[o->nheads++];
		h->node = as;
		h->instance = l->instance;
		vector_init(&h->have);
		/* In that step a home may write after the link state. */
		vector_copy(&h->have, &o->seen[node].before);
	}
}

/*
 * Return up to which number the node knew the facts of an origin when it could
 * show servers in this step. The covered vector stands still while a snapshot
 * is taken in: merged is ahead of the facts then. But a snapshot waits for what
 * came before it, and that may be processed in the step in which it is taken
 * (doc/decisions/0017, 0018). The node may show a server that it has caught up
 * with by that.
 */
static uint64_t
known(const struct seen *s, struct origin origin)
{
	uint64_t covered = vector_get(&s->covered, origin);
	uint64_t before = vector_get(&s->before, origin);

	return s->takes && before > covered ? before : covered;
}

/* Return the end of a link that had more of an origin, when it came up, than
 * the node has; or NULL. */
static const struct head *
ahead(const struct oracle *o, unsigned node, const struct netmap *map,
    struct origin origin)
{
	uint64_t has = known(&o->seen[node], origin);
	const struct map_server *s;
	const struct head *h;
	size_t i, k;

	for (i = 0; i < map->n; i++) {
		s = &map->v[i];
		for (k = 0; s->reachable && k < s->lsa.nedge; k++) {
			h = find_head(o, index_of(o, s->lsa.o.sid),
			    s->lsa.edge[k].instance);
			if (h != NULL && vector_get(&h->have, origin) > has)
				return h;
		}
	}
	return NULL;
}

static void
check_caught_up(struct oracle *o, unsigned node, const struct netmap *map,
    struct origin origin)
{
	const struct head *h = ahead(o, node, map, origin);

	if (h != NULL)
		net_fail(o->net,
		    "s%u shows %s.%u before it has caught up: "
		    "%ju, s%u had %ju when its link came up",
		    node + 1, origin.sid.s, origin.inc,
		    (uintmax_t)known(&o->seen[node], origin), h->node + 1,
		    (uintmax_t)vector_get(&h->have, origin));
}

/* ---- reach ---- */

static bool
has_edge(const struct map_server *from, const struct map_server *to)
{
	size_t i, k;

	for (i = 0; i < from->lsa.nedge; i++)
		for (k = 0; k < to->lsa.nedge; k++)
			if (sid_cmp(from->lsa.edge[i].peer, to->lsa.o.sid) ==
				0 &&
			    sid_cmp(to->lsa.edge[k].peer, from->lsa.o.sid) ==
				0 &&
			    from->lsa.edge[i].instance ==
				to->lsa.edge[k].instance)
				return true;
	return false;
}

static void
check_reach(struct oracle *o, unsigned node, const struct netmap *map)
{
	bool reached[NET_NODES] = { false }, more;
	size_t i, k;

	for (i = 0; i < map->n; i++)
		reached[i] =
		    index_of(o, map->v[i].lsa.o.sid) == o->net->node[node].as;
	do {
		more = false;
		for (i = 0; i < map->n; i++)
			for (k = 0; k < map->n; k++)
				if (reached[i] && !reached[k] &&
				    has_edge(&map->v[i], &map->v[k]))
					more = reached[k] = true;
	} while (more);
	for (i = 0; i < map->n; i++)
		if (reached[i] != map->v[i].reachable)
			net_fail(o->net, "s%u thinks that %s can%s be reached",
			    node + 1, map->v[i].lsa.o.sid.s,
			    reached[i] ? "not" : "");
}

void
oracle_cut_off(struct oracle *o, unsigned node)
{
	o->seen[node].cut_off = true;
}

void
oracle_stopped(struct oracle *o, unsigned node)
{
	o->stopped[o->net->node[node].as] = o->net->node[node].inc;
}

/* The node may be called a little later than it wants, and may not count a
 * second before a pause (base/awake.h). */
#define LATE_NS (NS_PER_MS * 500)
#define PAUSES_NS (NS_PER_MS * 10000)

/* Return the grace time of a node, in ns. */
static int64_t
grace(const struct oracle *o, unsigned node)
{
	return (int64_t)o->net->node[node].setup->settings.grace_s * MS_PER_S *
	       NS_PER_MS;
}

static void
note(int64_t *since, bool holds, int64_t now)
{
	if (!holds)
		*since = 0;
	else if (*since == 0)
		*since = now + 1;
}

static bool
is_juped(const struct oracle *o, unsigned node, unsigned k)
{
	const struct net_node *nn = &o->net->node[node];
	struct wall now = { NET_EPOCH_MS + o->net->now / NS_PER_MS +
			    nn->skew_ms };
	struct core_jupe jupe;

	return core_is_juped(node_core(nn->node),
	    o->net->node[k].setup->settings.name, setup_sid(k), now, &jupe);
}

/* Check that a run which was shown is hidden for a reason, and count it. */
static void
check_hidden(struct oracle *o, unsigned node, struct origin was)
{
	const struct core *core = node_core(o->net->node[node].node);
	const struct seen *s = &o->seen[node];
	unsigned k = index_of(o, was.sid);
	int64_t lost = s->lost[k], now = o->net->now + 1;

	if (core_is_void(core, was)) {
		o->reached[REACH_LIMBO_VOID] += lost != 0 && lost != now;
		return;
	}
	/* that run, or a later one before it was READY (9.23) */
	if (o->stopped[k] >= was.inc) {
		o->reached[REACH_LIMBO_STOPPED] +=
		    now - lost < grace(o, node) && lost != 0;
		return;
	}
	if (s->cut_off || is_juped(o, node, k))
		return;
	if (lost == 0 || now - lost < grace(o, node))
		net_fail(o->net, "s%u hides %s.%u in its grace time", node + 1,
		    was.sid.s, was.inc);
	o->reached[REACH_LIMBO_OVER] += grace(o, node) > 0;
}

/* Return true if a run is shown for longer than its grace time. */
static bool
is_overdue(const struct oracle *o, unsigned node, int64_t since)
{
	int64_t most = grace(o, node) + LATE_NS;

	if (o->net->node[node].frozen_ns > 0)
		most += PAUSES_NS;
	return since != 0 && net_ran(o->net, node) + 1 - since > most;
}

/* A run that is back for 2 s is really back, by the time of the node, which may
 * notice it later. */
#define BACK_NS (NS_PER_MS * 4000)

/* Note since when a run that is shown cannot be reached. If it is back for a
 * moment, or has not been caught up with, that is no end of its limbo. */
static void
note_lost(struct oracle *o, unsigned node, const struct map_server *ms,
    bool there)
{
	struct seen *s = &o->seen[node];
	unsigned k = index_of(o, ms->lsa.o.sid);
	int64_t now = o->net->now;
	const struct netmap *map =
	    link_net_map(node_links(o->net->node[node].node));

	note(&s->back[k], there, now);
	if (!there && s->visible[k] != 0 && s->lost[k] == 0)
		s->lost[k] = now + 1;
	if (s->visible[k] == 0 ||
	    (there &&
		now + 1 - s->back[k] - o->net->node[node].frozen_ns >=
		    BACK_NS &&
		ahead(o, node, map, ms->lsa.o) == NULL))
		s->lost[k] = 0;
	if (there)
		s->waits[k] = 0;
}

/* Check what is shown of one server. */
static void
check_shown(struct oracle *o, unsigned node, const struct map_server *ms,
    uint32_t inc)
{
	const struct net_node *nn = &o->net->node[node];
	const struct core *core = node_core(nn->node);
	bool there = inc == ms->lsa.o.inc && ms->reachable, drained;
	struct seen *s = &o->seen[node];
	unsigned k = index_of(o, ms->lsa.o.sid);

	drained = log_is_drained(link_net_log(node_links(nn->node))) &&
		  !core_is_voiding(core);
	o->reached[REACH_LIMBO_BACK] +=
	    there && s->waits[k] != 0 && s->visible[k] == inc;
	note_lost(o, node, ms, there && s->visible[k] == inc);
	note(&s->waits[k],
	    !there && s->lost[k] != 0 && (drained || s->waits[k] != 0),
	    net_ran(o->net, node));
	if (s->visible[k] != 0 && inc != s->visible[k])
		check_hidden(o, node,
		    (struct origin){ ms->lsa.o.sid, s->visible[k] });
	/* it stays until the entries that came before are processed */
	if (inc != 0 && !there &&
	    (inc != s->visible[k] ||
		(drained && is_overdue(o, node, s->waits[k]))))
		net_fail(o->net,
		    "s%u shows %s.%u, which is old or "
		    "out of reach",
		    node + 1, ms->lsa.o.sid.s, inc);
	if (inc != 0 && core_ready_inc(core, ms->lsa.o.sid) < inc)
		net_fail(o->net, "s%u shows %s.%u before its READY", node + 1,
		    ms->lsa.o.sid.s, inc);
}

static void
check_visible(struct oracle *o, unsigned node, const struct core *core,
    const struct netmap *map)
{
	struct seen *s = &o->seen[node];
	const struct map_server *ms;
	const struct server *cs;
	uint32_t inc;
	unsigned k;
	size_t i;

	for (i = 0; i < map->n; i++) {
		ms = &map->v[i];
		k = index_of(o, ms->lsa.o.sid);
		cs = facts_find_server(&core->facts, ms->lsa.o.sid);
		inc = cs == NULL ? 0 : cs->visible;
		if (k == o->net->node[node].as)
			continue;
		check_shown(o, node, ms, inc);
		if (inc == s->visible[k])
			continue;
		s->visible[k] = inc;
		s->lost[k] = s->back[k] = s->waits[k] = 0;
		if (inc != 0)
			check_caught_up(o, node, map, ms->lsa.o);
	}
}

static void
check_ready(struct oracle *o, unsigned node, const struct core *core,
    const struct link_net *links)
{
	const struct vector *have = &link_net_log(links)->have;
	const struct link *l;
	const struct head *h;
	bool any = false;
	size_t i;

	if (o->seen[node].ready || !core_is_ready(core))
		return;
	o->seen[node].ready = true;
	for (i = 0; (l = link_net_link(links, i)) != NULL; i++) {
		if (l->state != LINK_UP)
			continue;
		any = true;
		h = find_head(o, index_of(o, l->o.sid), l->instance);
		if (h == NULL || oracle_covers(o, node, &h->have, have))
			return;
	}
	if (any)
		net_fail(o->net,
		    "s%u is READY and has less than its "
		    "neighbours had",
		    node + 1);
}

/* ---- snapshots ---- */

static struct sent *
find_sent(struct oracle *o, unsigned from, unsigned to, uint64_t instance,
    uint64_t count)
{
	struct sent *s;
	size_t i;

	for (i = o->nsent; i-- > 0;) {
		s = &o->sent[i];
		if (s->from == from && s->to == to && s->instance == instance &&
		    s->count == count)
			return s;
	}
	return NULL;
}

/* Note the vector of a snapshot if it was cut just now. Return true if so. */
static bool
note_snapshot(struct oracle *o, unsigned node, const struct link *l)
{
	unsigned as = o->net->node[node].as, peer = index_of(o, l->o.sid);
	struct sent *s;

	if (l->snaps_out == 0 ||
	    find_sent(o, as, peer, l->instance, l->snaps_out) != NULL)
		return false;
	o->sent = mem_array(o->sent, o->nsent + 1, sizeof(*o->sent));
	s = &o->sent[o->nsent++];
	*s = (struct sent){ as, peer, l->instance, l->snaps_out, false, { 0 },
		o->net->now };
	vector_init(&s->v);
	vector_copy(&s->v, &l->snap_v);
	return true;
}

static void
count_slow(struct oracle *o, unsigned node, const struct link *l)
{
	struct sent *s = find_sent(o, o->net->node[node].as,
	    index_of(o, l->o.sid), l->instance, l->snaps_out);
	int64_t keep = o->net->node[node].setup->settings.keep_s;

	if (l->out == NULL || s == NULL || s->at == 0 ||
	    o->net->now - s->at <= keep * MS_PER_S * NS_PER_MS)
		return;
	o->reached[REACH_SLOW_SNAPSHOT]++;
	s->at = 0;
}

static void
check_snapshots(struct oracle *o, unsigned node, const struct link_net *links)
{
	const struct link *l;
	struct sent *s;
	unsigned peer;
	size_t i;
	bool cut;

	for (i = 0; (l = link_net_link(links, i)) != NULL; i++) {
		cut = note_snapshot(o, node, l);
		count_slow(o, node, l);
		peer = index_of(o, l->o.sid);
		s = find_sent(o, peer, o->net->node[node].as, l->instance,
		    l->snaps_in);
		if (l->snaps_in == 0 || s == NULL || s->taken)
			continue;
		s->taken = true;
		if (!oracle_covers(o, node, &s->v, &l->ph))
			net_fail(o->net,
			    "s%u took a snapshot of s%u and "
			    "does not know what s%u has",
			    node + 1, peer + 1, peer + 1);
		if (!oracle_covers(o, node, &s->v,
			&link_net_log(links)->merged))
			net_fail(o->net,
			    "s%u took a snapshot of s%u, and its facts "
			    "do not count as merged",
			    node + 1, peer + 1);
		if (cut && vector_le(&link_net_log(links)->floor, &s->v))
			net_fail(o->net,
			    "s%u answers a snapshot of s%u with "
			    "another",
			    node + 1, peer + 1);
	}
}

void
overlay_step(struct oracle *o, unsigned node)
{
	const struct net_node *nn = &o->net->node[node];
	const struct core *core = node_core(nn->node);
	const struct link_net *links = node_links(nn->node);

	note_heads(o, node, links);
	check_reach(o, node, link_net_map(links));
	check_visible(o, node, core, link_net_map(links));
	check_ready(o, node, core, links);
	check_snapshots(o, node, links);
}
