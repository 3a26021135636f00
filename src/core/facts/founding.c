/*
 * All foundings of a channel are in one tree by cinc; those that visible users
 * stand in are in a second one, and the least of that is the current one. Both
 * are trees because a linked server chooses what is in them. In an honest
 * network a channel has one founding for each server that founded it, and
 * visible users stand in one of them; for a moment, after a heal, in two.
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

static int
founding_cmp(const struct founding *a, const struct founding *b)
{
	return cinc_cmp(a->cinc, b->cinc);
}

static int
standing_cmp(const struct standing *a, const struct standing *b)
{
	return cinc_cmp(a->cinc, b->cinc);
}

/* RB_GENERATE_STATIC marks functions with a macro that this libbsd lacks. */
#define UNUSED __attribute__((unused)) static

RB_GENERATE_INTERNAL(founding_tree, founding, link, founding_cmp, UNUSED)
RB_GENERATE_INTERNAL(founding_live_tree, founding, live_link, founding_cmp,
    UNUSED)
RB_GENERATE_INTERNAL(standing_tree, standing, link, standing_cmp, UNUSED)

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

static struct standing *
standing_find(const struct chan *c, struct cinc cinc)
{
	struct standing *s = RB_ROOT(&c->unfounded);
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

	while (g != NULL && RB_LEFT(g, live_link) != NULL)
		g = RB_LEFT(g, live_link);
	return g;
}

uint32_t
founding_count_visible(const struct chan *c, struct cinc cinc)
{
	const struct founding *g = founding_find(c, cinc);
	const struct standing *s = g != NULL ? NULL : standing_find(c, cinc);

	return g != NULL ? g->nvisible : s != NULL ? s->nvisible : 0;
}

/* A +MOVE whose stamp the clock does not follow (doc/link-protocol.md, 1.5) is
 * later than any that this server can make. */
bool
founding_can_move(const struct member *m)
{
	return m->user->own && m->move_write.stamp.ms <= STAMP_SEEN_MAX;
}

uint32_t
founding_count_astray(const struct chan *c)
{
	return c->nown - (c->current != NULL ? c->current->nown : 0);
}

/* ---- changed ----------------------------------------------------------- */

static void
set_visible(struct founding *g, uint32_t n)
{
	if (g->nvisible == 0 && n > 0)
		RB_INSERT(founding_live_tree, &g->chan->live, g);
	if (g->nvisible > 0 && n == 0)
		RB_REMOVE(founding_live_tree, &g->chan->live, g);
	g->nvisible = n;
}

static void
drop_standing(struct facts *f, struct chan *c, struct standing *s)
{
	RB_REMOVE(standing_tree, &c->unfounded, s);
	pool_give(&f->standing_pool, s);
}

static struct standing *
add_standing(struct facts *f, struct chan *c, struct cinc cinc)
{
	struct standing *s = pool_take(&f->standing_pool);

	s->cinc = cinc;
	RB_INSERT(standing_tree, &c->unfounded, s);
	return s;
}

void
founding_add(struct facts *f, struct founding *g)
{
	struct standing *s = standing_find(g->chan, g->cinc);

	RB_INSERT(founding_tree, &g->chan->foundings, g);
	if (s == NULL)
		return;
	set_visible(g, s->nvisible);
	g->nown = s->nown;
	drop_standing(f, g->chan, s);
}

void
founding_del(struct facts *f, struct founding *g)
{
	struct standing *s;

	if (g->nvisible > 0) {
		s = add_standing(f, g->chan, g->cinc);
		s->nvisible = g->nvisible;
		s->nown = g->nown;
	}
	set_visible(g, 0);
	g->nown = 0;
	RB_REMOVE(founding_tree, &g->chan->foundings, g);
}

void
founding_enter(struct facts *f, const struct member *m)
{
	struct cinc cinc = member_cinc(m);
	struct founding *g = founding_find(m->chan, cinc);
	uint32_t own = founding_can_move(m);
	struct standing *s;

	if (!m->user->visible)
		return;
	m->chan->nown += own;
	if (g != NULL) {
		set_visible(g, g->nvisible + 1);
		g->nown += own;
		return;
	}
	s = standing_find(m->chan, cinc);
	if (s == NULL)
		s = add_standing(f, m->chan, cinc);
	s->nvisible++;
	s->nown += own;
}

void
founding_leave(struct facts *f, const struct member *m)
{
	struct cinc cinc = member_cinc(m);
	struct founding *g = founding_find(m->chan, cinc);
	uint32_t own = founding_can_move(m);
	struct standing *s;

	if (!m->user->visible)
		return;
	m->chan->nown -= own;
	if (g != NULL) {
		invariant(g->nvisible > 0 && g->nown >= own);
		set_visible(g, g->nvisible - 1);
		g->nown -= own;
		return;
	}
	s = standing_find(m->chan, cinc);
	invariant(s != NULL && s->nown >= own);
	s->nown -= own;
	if (--s->nvisible == 0)
		drop_standing(f, m->chan, s);
}
