/*
 * Nearly every channel has one founding, and a pointer to it. If a channel has
 * several foundings, they are in trees, and their places there are objects of
 * their own. All are in one tree by cinc. Those that visible users stand in and
 * those that are permanent are in a second tree, and the least of these is the
 * current one. Other foundings of this server that nobody stands in are in a
 * third tree, and the greatest of these is used when the channel is founded
 * next. Trees are needed because a linked server chooses how many foundings
 * there are. In an honest network each server has about one founding of a
 * channel, and visible users stand in one of them; for a moment, after a heal,
 * in two.
 *
 * Members may stand in an incarnation whose +CHAN is not here (it was removed,
 * or it comes later). These are counted beside the foundings, so that a +CHAN
 * does not have to look at all members.
 *
 * The tree of <bsd/sys/tree.h> looks things up by an object. An object would
 * have to be made for that, so founding_find goes down the tree itself.
 */
#include "core/facts/founding.h"

#include <stdlib.h>

#include "base/invariant.h"
#include "base/mem.h"

enum set { SET_NONE, SET_LIVE, SET_IDLE, SET_COUNT };

struct founding_place {
	struct founding *founding;
	RB_ENTRY(founding_place) link;	   /* in trees->all */
	RB_ENTRY(founding_place) set_link; /* in one of trees->set, or none */
};

RB_HEAD(founding_tree, founding_place);
RB_HEAD(founding_set, founding_place);

struct founding_trees { /* by cinc */
	struct founding_tree all;
	struct founding_set set[SET_COUNT];
};

static int
founding_cmp(const struct founding_place *a, const struct founding_place *b)
{
	return cinc_cmp(a->founding->cinc, b->founding->cinc);
}

static int
member_count_cmp(const struct member_count *a, const struct member_count *b)
{
	return cinc_cmp(a->cinc, b->cinc);
}

TREE_GENERATE(founding_tree, founding_place, link, founding_cmp)
TREE_GENERATE(founding_set, founding_place, set_link, founding_cmp)
TREE_GENERATE(member_count_tree, member_count, link, member_count_cmp)

/* ---- found ------------------------------------------------------------- */

static struct founding *
founding_at(const struct founding_place *p)
{
	return p == NULL ? NULL : p->founding;
}

struct founding *
founding_find(const struct chan *c, struct cinc cinc)
{
	struct founding *only = c->only;
	struct founding_place *p;
	int d;

	if (c->trees == NULL)
		return only != NULL && cinc_cmp(cinc, only->cinc) == 0 ? only
								       : NULL;
	p = RB_ROOT(&c->trees->all);
	while (p != NULL && (d = cinc_cmp(cinc, p->founding->cinc)) != 0)
		p = d < 0 ? RB_LEFT(p, link) : RB_RIGHT(p, link);
	return founding_at(p);
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
	if (c->trees == NULL)
		return c->only;
	return founding_at(RB_MIN(founding_tree, &c->trees->all));
}

struct founding *
founding_next(const struct founding *g)
{
	if (g->place == NULL)
		return NULL;
	return founding_at(RB_NEXT(founding_tree, NULL, g->place));
}

/* Return true if the channel can be shown in that incarnation. */
static bool
is_live(const struct founding *g)
{
	return g->n.visible > 0 || g->permanent;
}

struct founding *
founding_first_live(const struct chan *c)
{
	if (c->trees == NULL)
		return c->only != NULL && is_live(c->only) ? c->only : NULL;
	return founding_at(RB_MIN(founding_set, &c->trees->set[SET_LIVE]));
}

struct founding *
founding_next_live(const struct founding *g)
{
	if (g->place == NULL || !is_live(g))
		return NULL;
	return founding_at(RB_NEXT(founding_set, NULL, g->place));
}

struct founding *
founding_last_idle(const struct chan *c)
{
	if (c->trees == NULL)
		return c->nidle > 0 ? c->only : NULL;
	return founding_at(RB_MAX(founding_set, &c->trees->set[SET_IDLE]));
}

struct founding *
founding_prev_idle(const struct founding *g)
{
	if (g->place == NULL)
		return NULL;
	return founding_at(RB_PREV(founding_set, NULL, g->place));
}

struct invite *
founding_first_invite(const struct founding *g)
{
	return g->lists == NULL ? NULL : TAILQ_FIRST(&g->lists->invites);
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

	return m->user->home_here &&
	       (move == NULL || move->write.stamp.ms <= STAMP_SEEN_MAX);
}

uint32_t
founding_count_astray(const struct chan *c)
{
	return c->nmovable - (c->current != NULL ? c->current->n.movable : 0);
}

/* ---- changed ----------------------------------------------------------- */

static bool
is_founded_here(const struct facts *f, const struct founding *g)
{
	return sid_cmp(g->cinc.sid, f->self) == 0;
}

static enum set
find_set(const struct facts *f, const struct founding *g)
{
	if (is_live(g))
		return SET_LIVE;
	return g->n.all == 0 && is_founded_here(f, g) ? SET_IDLE : SET_NONE;
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
change_set(struct founding *g, enum set from, enum set to)
{
	struct founding_trees *t = g->chan->trees;

	if (from == to)
		return;
	g->chan->nidle -= from == SET_IDLE;
	g->chan->nidle += to == SET_IDLE;
	if (t != NULL && from != SET_NONE)
		RB_REMOVE(founding_set, &t->set[from], g->place);
	if (t != NULL && to != SET_NONE)
		RB_INSERT(founding_set, &t->set[to], g->place);
}

/* Put a founding into the trees of its channel, and into that set. */
static void
make_place(struct founding *g, enum set set)
{
	struct founding_trees *t = g->chan->trees;

	g->place = mem_zalloc(sizeof(*g->place));
	g->place->founding = g;
	RB_INSERT(founding_tree, &t->all, g->place);
	if (set != SET_NONE)
		RB_INSERT(founding_set, &t->set[set], g->place);
}

/* Give the channel trees, with its only founding. */
static void
make_trees(const struct facts *f, struct chan *c)
{
	struct founding *g = c->only;

	c->trees = mem_zalloc(sizeof(*c->trees));
	c->only = NULL;
	make_place(g, find_set(f, g));
}

/* Free the trees of the channel if they have one founding. */
static void
end_trees(struct chan *c)
{
	struct founding_place *p = RB_ROOT(&c->trees->all);

	if (RB_LEFT(p, link) != NULL || RB_RIGHT(p, link) != NULL)
		return;
	c->only = p->founding;
	c->only->place = NULL;
	free(p);
	free(c->trees);
	c->trees = NULL;
}

struct founding_lists *
founding_get_lists(struct founding *g)
{
	if (g->lists == NULL) {
		g->lists = mem_zalloc(sizeof(*g->lists));
		TAILQ_INIT(&g->lists->invites);
	}
	return g->lists;
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
	struct member_count *s;
	enum set from;

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
	struct chan *c = g->chan;
	struct member_count *s = member_count_find(c, g->cinc);

	if (c->only != NULL)
		make_trees(f, c);
	if (c->trees != NULL)
		make_place(g, SET_NONE);
	else
		c->only = g;
	c->nfounded += is_founded_here(f, g);
	if (s != NULL) {
		g->n = s->n;
		drop_count(f, c, s);
	}
	change_set(g, SET_NONE, find_set(f, g));
	note_surplus(f, c);
}

void
founding_del(struct facts *f, struct founding *g)
{
	struct chan *c = g->chan;

	if (g->n.all > 0)
		add_count(f, c, g->cinc)->n = g->n;
	change_set(g, find_set(f, g), SET_NONE);
	if (c->trees != NULL) {
		RB_REMOVE(founding_tree, &c->trees->all, g->place);
		free(g->place);
		g->place = NULL;
		end_trees(c);
	} else
		c->only = NULL;
	c->nfounded -= is_founded_here(f, g);
	note_surplus(f, c);
}

void
founding_set_permanent(struct facts *f, struct founding *g, bool on)
{
	enum set from = find_set(f, g);

	g->permanent = on;
	change_set(g, from, find_set(f, g));
	note_surplus(f, g->chan);
}

void
founding_enter(struct facts *f, const struct member *m)
{
	struct cinc cinc = member_cinc(m);
	struct stood n = founding_stood(m->chan, cinc);
	uint32_t visible = member_is_visible(m);
	uint32_t movable = visible && founding_can_move(m);

	n.all++;
	n.visible += visible;
	n.movable += movable;
	m->chan->nmovable += movable;
	set_stood(f, m->chan, cinc, n);
}

void
founding_leave(struct facts *f, const struct member *m)
{
	struct cinc cinc = member_cinc(m);
	struct stood n = founding_stood(m->chan, cinc);
	uint32_t visible = member_is_visible(m);
	uint32_t movable = visible && founding_can_move(m);

	invariant(n.all > 0 && n.visible >= visible && n.movable >= movable);
	n.all--;
	n.visible -= visible;
	n.movable -= movable;
	m->chan->nmovable -= movable;
	set_stood(f, m->chan, cinc, n);
}
