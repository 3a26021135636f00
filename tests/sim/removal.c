/*
 * This file judges removals for the whole network, from outside, at the moment
 * when a server makes the entry:
 *
 *	UNCHAN	of a channel that nobody stands in (link-protocol.md, 9.11 to
 *		9.13): its maker is READY, the founding is its own or that of a
 *		server that is forgotten, and for 10 times KEEP its channel was
 *		empty and the network was whole
 *	FORGET	(11.10, 11.11): its maker is READY, for 3 times KEEP it saw
 *		every other server that it reaches, none of these has more
 *		entries of the runs that go, and these runs are former ones or
 *		of a server that it does not reach
 *
 * This file keeps what each node has seen for how long, by the clock of the
 * network. A server does not count its own pauses, so it may only wait longer.
 */
#include "base/mem.h"
#include "core/facts/founding.h"
#include "core/state.h"
#include "kept.h"
#include "link/link.h"
#include "link/map/netmap.h"
#include "link/words.h"
#include "wire/casemap.h"

#define UNCHAN_KEEPS 10
#define FORGET_KEEPS 3

static bool
shows(const struct core *core, struct origin o)
{
	const struct server *s = facts_find_server(&core->facts, o.sid);

	return s != NULL && s->visible == o.inc;
}

/* Return true if each server of the map is reachable and shown. */
static bool
sees_all(const struct core *core, const struct netmap *map)
{
	const struct map_server *s;

	for (s = map->v; s < map->v + map->n; s++)
		if (!s->reachable || !shows(core, s->lsa.o))
			return false;
	return true;
}

/* Return true if each server that is reachable is shown, except this one. */
static bool
sees_others(const struct core *core, const struct netmap *map, struct sid sid)
{
	const struct map_server *s;

	for (s = map->v; s < map->v + map->n; s++)
		if (s->reachable && sid_cmp(s->lsa.o.sid, sid) != 0 &&
		    !shows(core, s->lsa.o))
			return false;
	return true;
}

/* Return true if each run of have is shown, or void. */
static bool
sees_runs(const struct core *core, const struct vector *have)
{
	for (size_t i = 0; i < have->n; i++)
		if (!shows(core, have->v[i].o) &&
		    !core_is_void(core, have->v[i].o))
			return false;
	return true;
}

static void
note_since(int64_t *since, bool holds, int64_t now)
{
	if (!holds)
		*since = 0;
	else if (*since == 0)
		*since = now + 1; /* 0 means that it does not hold */
}

static struct empty_chan *
find_empty(struct seen *s, struct span fold)
{
	for (size_t i = 0; i < s->nempty; i++)
		if (span_eq(span_of(s->empty[i].fold), fold))
			return &s->empty[i];
	return NULL;
}

static void
note_empty(struct seen *s, const struct chan *c, int64_t now)
{
	struct empty_chan *e = find_empty(s, rcbuf_span(c->fold));

	if (e == NULL && c->nmembers > 0)
		return;
	if (e == NULL) {
		if (s->nempty == s->capempty)
			s->empty = mem_grow(s->empty, &s->capempty, 16,
			    sizeof(*s->empty));
		e = &s->empty[s->nempty++];
		*e = (struct empty_chan){ 0 };
		snprintf(e->fold, sizeof(e->fold), "%.*s",
		    SPAN_ARG(rcbuf_span(c->fold)));
	}
	note_since(&e->since, c->nmembers == 0, now);
}

void
removal_step(struct oracle *o, unsigned node)
{
	const struct node *n = o->net->node[node].node;
	const struct core *core = node_core(n);
	const struct netmap *map = link_net_map(node_links(n));
	struct seen *s = &o->seen[node];
	const struct chan *c;
	size_t i;

	note_since(&s->whole_since,
	    sees_all(core, map) &&
		sees_runs(core, &link_net_log(node_links(n))->have),
	    o->net->now);
	for (unsigned k = 0; k < o->net->n; k++)
		note_since(&s->others_since[k],
		    sees_others(core, map, setup_sid(k)), o->net->now);
	for (i = 0; (c = map_next(&core->facts.chans, &i)) != NULL;)
		note_empty(s, c, o->net->now);
}

static bool
held(const struct oracle *o, unsigned node, int64_t since, int64_t keeps)
{
	int64_t keep_s = o->net->node[node].setup->settings.keep_s;

	return since != 0 &&
	       o->net->now + 1 - since >= keeps * keep_s * MS_PER_S * NS_PER_MS;
}

/* link-protocol.md, 9.12 */
static bool
may_remove(const struct core *core, struct sid sid)
{
	const struct server *s = facts_find_server(&core->facts, sid);

	return sid_cmp(sid, core_self(core).sid) == 0 ||
	       (s != NULL && s->forget >= s->ready && !s->reachable);
}

void
removal_unchan(struct oracle *o, unsigned node, const struct part_unchan *p)
{
	const struct core *core = node_core(o->net->node[node].node);
	struct seen *s = &o->seen[node];
	char fold[80] = "";
	struct empty_chan *e;

	casemap_fold(p->ch.name, fold);
	e = find_empty(s, span_head(span_of(fold), p->ch.name.n));
	if (!core_is_ready(core) || !may_remove(core, p->ch.cinc.sid) ||
	    e == NULL || !held(o, node, e->since, UNCHAN_KEEPS) ||
	    !held(o, node, s->whole_since, UNCHAN_KEEPS))
		net_fail(o->net, "s%u removes %.*s too early", node + 1,
		    SPAN_ARG(p->ch.name));
}

/* Return true if that node has no more entries of the runs than the FORGET
 * counts. Its maker has taken these runs out of its own vector already. */
static bool
has_no_more(const struct oracle *o, unsigned node, const struct part_forget *p,
    const struct vector *had)
{
	const struct vector *has =
	    &link_net_log(node_links(o->net->node[node].node))->have;
	size_t i;

	for (i = 0; i < has->n; i++)
		if (sid_cmp(has->v[i].o.sid, p->sid) == 0 &&
		    has->v[i].o.inc <= p->inc &&
		    has->v[i].n > vector_get(had, has->v[i].o))
			return false;
	return true;
}

void
removal_forget(struct oracle *o, unsigned node, const struct part_forget *p)
{
	const struct core *core = node_core(o->net->node[node].node);
	const struct netmap *map =
	    link_net_map(node_links(o->net->node[node].node));
	const struct map_server *s = netmap_find(map, p->sid);
	struct vector had;
	unsigned k = 0;

	while (k + 1 < o->net->n && sid_cmp(setup_sid(k), p->sid) != 0)
		k++;
	if (!core_is_ready(core) ||
	    !held(o, node, o->seen[node].others_since[k], FORGET_KEEPS))
		net_fail(o->net, "s%u makes a FORGET too early", node + 1);
	if (s != NULL && s->reachable && s->lsa.o.inc <= p->inc)
		net_fail(o->net, "s%u forgets a run that it reaches", node + 1);
	vector_init(&had);
	if (!p->had.present || !vector_parse(p->had.s, LINK_ORIGINS_MAX, &had))
		net_fail(o->net, "s%u makes a FORGET that counts nothing",
		    node + 1);
	for (unsigned i = 0; i < o->net->n; i++) {
		s = netmap_find(map, setup_sid(i));
		if (i != node && net_is_up(o->net, i) && s != NULL &&
		    s->reachable && !has_no_more(o, i, p, &had))
			net_fail(o->net,
			    "s%u forgets runs of which s%u has more", node + 1,
			    i + 1);
	}
	vector_fini(&had);
}
