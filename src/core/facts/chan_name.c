/*
 * All names that clients type go through chan_name_find(), and all names that
 * commands write into parts through chan_name_fact(), so that a channel can be
 * shown under another name than that among the facts.
 */
#include "core/facts/chan_name.h"

#include "core/facts/founding.h"

struct chan *
chan_name_find(const struct facts *f, struct span name)
{
	const struct cname_place *p = cname_place(f, name);
	struct chan *c;

	if (p != NULL && p->holder != NULL)
		return p->holder;
	c = facts_find_chan(f, name);
	return c == NULL || c->renamed ? NULL : c;
}

/* Return the channel that has that fact name and is shown under another name,
 * or NULL. */
static struct chan *
former(const struct facts *f, struct span name)
{
	struct chan *c = facts_find_chan(f, name);

	return c != NULL && c->renamed ? c : NULL;
}

struct chan *
chan_name_lead(const struct facts *f, struct span name)
{
	struct chan *c = chan_name_find(f, name);

	return c != NULL ? c : former(f, name);
}

/* Incarnations of one name that are looked at, the oldest ones. Only a linked
 * server that lies gives more of them one name. */
#define LOOKS 16

/* Return true if the incarnation, with its hidden members, is the one that will
 * be shown of its channel when they are back. */
static bool
is_older(const struct founding *g)
{
	const struct founding *shown = g->chan->current;

	return g->n.all > 0 && g->n.visible == 0 &&
	       (shown == NULL || cinc_cmp(g->cinc, shown->cinc) < 0);
}

/* Return a +CNAME that gives the name to an incarnation whose members are all
 * hidden, and that is older than what is shown of its channel; or NULL. After a
 * heal the channel may have the name. */
static const struct cname *
hidden(const struct facts *f, struct span name)
{
	struct cname_place *p = cname_place(f, name);
	struct cname *x = p == NULL ? NULL : cname_first(p);
	const struct founding *g;

	for (unsigned i = 0; x != NULL && i < LOOKS; i++) {
		g = x->founding;
		if (is_older(g))
			return x;
		x = cname_next(x);
	}
	return NULL;
}

struct chan_goal
chan_name_goal(const struct facts *f, struct span name)
{
	struct chan_goal g = { .name = name, .ch = chan_name_find(f, name) };

	if (g.ch != NULL && (chan_is_shown(g.ch) || g.ch->nmembers > 0))
		return g;
	if (g.ch == NULL && (g.ch = former(f, name)) != NULL) {
		g.is_other = true;
		return g;
	}
	g.given = hidden(f, name);
	if (g.given != NULL)
		g.ch = g.given->founding->chan;
	g.is_other =
	    g.given != NULL && chan_is_shown(g.ch) && g.ch->current != NULL;
	return g;
}

struct span
chan_goal_fact(const struct chan_goal *g)
{
	return g->given == NULL ? g->name
				: rcbuf_span(g->given->founding->name);
}

static bool
is_in_use(const struct founding *g)
{
	return g->n.all > 0 || g->permanent;
}

bool
chan_name_is_taken(const struct facts *f, const struct chan *c,
    struct span name)
{
	const struct chan *own = facts_find_chan(f, name);
	struct cname_place *p = cname_place(f, name);
	struct cname *x = p == NULL ? NULL : cname_first(p);

	if (own == c)
		return false;
	if (own != NULL && (own->nmembers > 0 || chan_is_shown(own)))
		return true;
	if (p != NULL && p->holder != NULL && p->holder != c)
		return true;
	for (unsigned i = 0; x != NULL && i < LOOKS; i++) {
		if (x->founding->chan != c && is_in_use(x->founding))
			return true;
		x = cname_next(x);
	}
	return false;
}

struct span
chan_name_fact(const struct chan *c)
{
	const struct founding *g =
	    c->current != NULL ? c->current : founding_first(c);

	return rcbuf_span(g != NULL ? g->name : c->fold);
}
