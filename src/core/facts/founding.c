/*
 * All foundings of a channel are in one tree by cinc. Those that visible users
 * stand in are in a second tree, and the least of these is the current one.
 * Those that this server made and that nobody stands in are in a third tree,
 * and the greatest of these is used when the channel is founded next. They are
 * trees because a linked server chooses what is in them. In an honest network
 * each server has about one founding of a channel, and visible users stand in
 * one of them; for a moment, after a heal, in two.
 *
 * Members may stand in an incarnation whose +CHAN is not here (it was removed,
 * or it comes later). These are counted beside the foundings, so that a +CHAN
 * does not have to look at all members.
 *
 * The tree of <bsd/sys/tree.h> looks things up by an object. An object would
 * have to be made for that, so founding_find goes down the tree itself.
 */
#include "core/facts/founding.h"

#include "base/invariant.h"
#include "base/mem.h"

static int
founding_cmp(const struct founding *a, const struct founding *b)
{
	return cinc_cmp(a->cinc, b->cinc);
}

static int
member_count_cmp(const struct member_count *a, const struct member_count *b)
{
	return cinc_cmp(a->cinc, b->cinc);
}

TREE_GENERATE(founding_tree, founding, link, founding_cmp)
TREE_GENERATE(founding_set, founding, set_link, founding_cmp)
TREE_GENERATE(member_count_tree, member_count, link, member_count_cmp)

/* ---- found ------------------------------------------------------------- */

struct founding *
founding_find(const struct chan *c, struct cinc cinc)
{
	struct founding *g = RB_ROOT(&c->foundings);
	int d;

	while (g != NULL && (d = cinc_cmp(cinc, g->cinc)) != 0)
		g = d < 0 ? RB_LEFT(g, link) : RB_RIGHT(g, link);
	return g;
}

static struct member_count *
member_count_find(const struct chan *c, struct cinc cinc)
{
	struct member_count *s = RB_ROOT(&c->unfounded);
	int d;

	while (s != NULL && (d = cinc_cmp(cinc, s->cinc)) != 0)
		s = d < 0 ? RB_LEFT(s, link) : RB_RIGHT(s, link);
	return s;
}

struct founding *
founding_first(const struct chan *c)
{
	struct founding *g = RB_ROOT(&c->foundings);

	while (g != NULL && RB_LEFT(g, link) != NULL)
		g = RB_LEFT(g, link);
	return g;
}

struct founding *
founding_next(const struct founding *g)
{
	return RB_NEXT(founding_tree, NULL, (void *)(uintptr_t)g);
}

struct founding *
founding_first_live(const struct chan *c)
{
	struct founding *g = RB_ROOT(&c->live);

	while (g != NULL && RB_LEFT(g, set_link) != NULL)
		g = RB_LEFT(g, set_link);
	return g;
}

struct founding *
founding_last_idle(const struct chan *c)
{
	struct founding *g = RB_ROOT(&c->idle);

	while (g != NULL && RB_RIGHT(g, set_link) != NULL)
		g = RB_RIGHT(g, set_link);
	return g;
}

struct founding *
founding_prev_idle(const struct founding *g)
{
	return RB_PREV(founding_set, NULL, (void *)(uintptr_t)g);
}

struct stood
founding_stood(const struct chan *c, struct cinc cinc)
{
	const struct founding *g = founding_find(c, cinc);
	const struct member_count *s =
	    g != NULL ? NULL : member_count_find(c, cinc);

	return g != NULL ? g->n : s != NULL ? s->n : (struct stood){ 0 };
}

/* A +MOVE whose stamp the clock does not follow (doc/link-protocol.md, 1.5) is
 * later than any that this server can make. */
bool
founding_can_move(const struct member *m)
{
	const struct move *move = member_move(m);

	return m->user->own &&
	       (move == NULL || move->write.stamp.ms <= STAMP_SEEN_MAX);
}

uint32_t
founding_count_astray(const struct chan *c)
{
	return c->nown - (c->current != NULL ? c->current->n.own : 0);
}

/* ---- changed ----------------------------------------------------------- */

static bool
is_own(const struct facts *f, const struct founding *g)
{
	return sid_cmp(g->cinc.sid, f->self) == 0;
}

static struct founding_set *
find_set(const struct facts *f, struct founding *g)
{
	if (g->n.visible > 0)
		return &g->chan->live;
	return g->n.all == 0 && is_own(f, g) ? &g->chan->idle : NULL;
}

/* Put the channel on facts->surplus or take it off. */
static void
note_surplus(struct facts *f, struct chan *c)
{
	bool is = c->nfounded >= 2 && c->nidle > 0;
	struct chan *last;

	if (is == (c->surplus_at != 0))
		return;
	if (is) {
		if (f->nsurplus == f->capsurplus)
			f->surplus = mem_grow(f->surplus, &f->capsurplus, 8,
			    sizeof(*f->surplus));
		f->surplus[f->nsurplus++] = c;
		c->surplus_at = f->nsurplus;
		return;
	}
	last = f->surplus[--f->nsurplus];
	f->surplus[c->surplus_at - 1] = last;
	last->surplus_at = c->surplus_at;
	c->surplus_at = 0;
}

static void
change_set(struct founding *g, struct founding_set *from,
    struct founding_set *to)
{
	if (from == to)
		return;
	if (from != NULL)
		RB_REMOVE(founding_set, from, g);
	if (to != NULL)
		RB_INSERT(founding_set, to, g);
	g->chan->nidle -= from == &g->chan->idle;
	g->chan->nidle += to == &g->chan->idle;
}

static void
drop_count(struct facts *f, struct chan *c, struct member_count *s)
{
	RB_REMOVE(member_count_tree, &c->unfounded, s);
	pool_give(&f->member_count_pool, s);
}

static struct member_count *
add_count(struct facts *f, struct chan *c, struct cinc cinc)
{
	struct member_count *s = pool_take(&f->member_count_pool);

	s->cinc = cinc;
	RB_INSERT(member_count_tree, &c->unfounded, s);
	return s;
}

static void
set_stood(struct facts *f, struct chan *c, struct cinc cinc, struct stood n)
{
	struct founding *g = founding_find(c, cinc);
	struct founding_set *from;
	struct member_count *s;

	if (g != NULL) {
		from = find_set(f, g);
		g->n = n;
		change_set(g, from, find_set(f, g));
		note_surplus(f, c);
		return;
	}
	s = member_count_find(c, cinc);
	if (s == NULL)
		s = add_count(f, c, cinc);
	s->n = n;
	if (s->n.all == 0)
		drop_count(f, c, s);
}

void
founding_add(struct facts *f, struct founding *g)
{
	struct member_count *s = member_count_find(g->chan, g->cinc);

	RB_INSERT(founding_tree, &g->chan->foundings, g);
	g->chan->nfounded += is_own(f, g);
	if (s != NULL) {
		g->n = s->n;
		drop_count(f, g->chan, s);
	}
	change_set(g, NULL, find_set(f, g));
	note_surplus(f, g->chan);
}

void
founding_del(struct facts *f, struct founding *g)
{
	if (g->n.all > 0)
		add_count(f, g->chan, g->cinc)->n = g->n;
	change_set(g, find_set(f, g), NULL);
	RB_REMOVE(founding_tree, &g->chan->foundings, g);
	g->chan->nfounded -= is_own(f, g);
	note_surplus(f, g->chan);
}

void
founding_enter(struct facts *f, const struct member *m)
{
	struct cinc cinc = member_cinc(m);
	struct stood n = founding_stood(m->chan, cinc);
	uint32_t visible = m->user->visible;
	uint32_t own = visible && founding_can_move(m);

	n.all++;
	n.visible += visible;
	n.own += own;
	m->chan->nown += own;
	set_stood(f, m->chan, cinc, n);
}

void
founding_leave(struct facts *f, const struct member *m)
{
	struct cinc cinc = member_cinc(m);
	struct stood n = founding_stood(m->chan, cinc);
	uint32_t visible = m->user->visible;
	uint32_t own = visible && founding_can_move(m);

	invariant(n.all > 0 && n.visible >= visible && n.own >= own);
	n.all--;
	n.visible -= visible;
	n.own -= own;
	m->chan->nown -= own;
	set_stood(f, m->chan, cinc, n);
}
