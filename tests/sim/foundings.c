/*
 * How many foundings of one name there are (doc/decisions/0014). Honest servers
 * have one each, and one more each while the network is in parts, whatever
 * their clients do.
 */
#include "base/mem.h"
#include "core/facts/founding.h"
#include "core/state.h"
#include "kept.h"
#include "wire/casemap.h"

static struct unchans *
find(const struct oracle *o, struct span name)
{
	for (size_t i = 0; i < o->nunchans; i++)
		if (casemap_eq(span_of(o->unchans[i].name), name))
			return &o->unchans[i];
	return NULL;
}

uint64_t
foundings_removed(const struct oracle *o, struct span name)
{
	const struct unchans *u = find(o, name);

	return u == NULL ? 0 : u->n;
}

static void
note_removed(struct oracle *o, struct span name)
{
	struct unchans *u = find(o, name);

	if (u == NULL) {
		o->unchans =
		    mem_array(o->unchans, o->nunchans + 1, sizeof(*o->unchans));
		u = &o->unchans[o->nunchans++];
		*u = (struct unchans){ 0 };
		snprintf(u->name, sizeof(u->name), "%.*s", SPAN_ARG(name));
	}
	u->n++;
}

/* Return true if the channel has a permanent founding that is older. */
static bool
has_older_permanent(const struct chan *c, struct cinc cinc)
{
	const struct founding *g = c == NULL ? NULL : founding_first(c);

	while (g != NULL && cinc_cmp(g->cinc, cinc) < 0) {
		if (g->permanent)
			return true;
		g = founding_next(g);
	}
	return false;
}

void
foundings_unchan(struct oracle *o, unsigned node, const struct entry *e,
    const struct part_unchan *p)
{
	const struct core *core = node_core(o->net->node[node].node);
	const struct chan *c = facts_find_chan(&core->facts, p->ch.name);

	note_removed(o, p->ch.name);
	if (entry_cause(e).sess.k != 0)
		o->reached[REACH_FOUND_INSTEAD]++;
	else if (c != NULL && c->nfounded > 0)
		o->reached[REACH_SURPLUS]++;
	else if (has_older_permanent(c, p->ch.cinc))
		o->reached[REACH_REDUNDANT]++;
	else {
		o->reached[REACH_UNCHAN]++;
		if (origin_cmp(e->o, core_self(core)) == 0)
			removal_unchan(o, node, p);
	}
}

/* Return true if nobody stands in a permanent founding of that server, and
 * another one of its name is older. */
static bool
is_redundant(const struct chan *c, const struct founding *g, struct sid sid)
{
	return g->permanent && g->n.all == 0 &&
	       sid_cmp(g->cinc.sid, sid) == 0 &&
	       has_older_permanent(c, g->cinc);
}

#define SOON_S 60

/* A server looks for foundings to remove once in KEEP. */
static bool
cleans_soon(const struct core *core)
{
	return core_settings(core)->keep_s <= SOON_S;
}

bool
oracle_cleans(const struct net *net, unsigned node)
{
	const struct core *core = node_core(net->node[node].node);
	const struct founding *g;
	const struct chan *c;

	if (!core_is_whole(core) || !cleans_soon(core))
		return false;
	for (size_t k = 0; (c = map_next(&core->facts.chans, &k)) != NULL;)
		for (g = founding_first(c); g != NULL; g = founding_next(g))
			if (is_redundant(c, g, setup_sid(node)))
				return true;
	return false;
}

/* Count the foundings of that server beside the one that its users join: the
 * permanent one, which stays behind an older one that has members, and those
 * that are redundant and will be removed later. */
static unsigned
count_kept(const struct core *core, const struct chan *c, struct sid sid)
{
	const struct founding *g;
	unsigned n = 0;

	for (g = founding_first(c); g != NULL; g = founding_next(g))
		if (g->permanent && sid_cmp(g->cinc.sid, sid) == 0)
			n += !is_redundant(c, g, sid) || !cleans_soon(core);
	return n;
}

/* How many foundings of the channel there are, of that server or of all. */
static unsigned
count_foundings(const struct chan *c, const struct sid *sid)
{
	const struct founding *g;
	unsigned n = 0;

	for (g = founding_first(c); g != NULL; g = founding_next(g))
		n += sid == NULL || sid_cmp(g->cinc.sid, *sid) == 0;
	return n;
}

/*
 * Clients cannot make servers grow by founding: each run of a server leaves at
 * most two foundings of a name, one from before a split and one from it, and
 * members may stand in some more (doc/decisions/0014).
 */
void
foundings_step(struct oracle *o, unsigned node)
{
	const struct core *core = node_core(o->net->node[node].node);
	unsigned max = o->net->n, n, i;
	const struct chan *c;
	size_t k;

	for (i = 0; i < o->net->n; i++)
		max += 2 * o->net->node[i].life;
	for (k = 0; (c = map_next(&core->facts.chans, &k)) != NULL;)
		if ((n = count_foundings(c, NULL)) > max)
			net_fail(o->net, "s%u: %u foundings of %.*s", node + 1,
			    n, SPAN_ARG(rcbuf_span(c->fold)));
}

/* A user whose home is no more stands where it stood: nobody moves it. */
static bool
has_hidden(const struct chan *c)
{
	const struct member *m;

	TAILQ_FOREACH(m, &c->members, chan_link)
		if (!m->shown)
			return true;
	return false;
}

/* When the network is whole, a server has no founding that it does not need:
 * of each name one, and a permanent one, and all members stand in one. */
void
foundings_rest(struct oracle *o)
{
	const struct core *core = node_core(o->net->node[0].node);
	const struct chan *c;
	struct sid sid;
	unsigned i;
	size_t k;

	for (k = 0; (c = map_next(&core->facts.chans, &k)) != NULL;)
		for (i = 0; i < o->net->n; i++) {
			sid = setup_sid(i);
			if (count_foundings(c, &sid) >
				1 + count_kept(core, c, sid) &&
			    !has_hidden(c))
				net_fail(o->net,
				    "at rest: %u foundings of %.*s by s%u",
				    count_foundings(c, &sid),
				    SPAN_ARG(rcbuf_span(c->fold)), i + 1);
		}
}
