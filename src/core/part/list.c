/*
 * LADD, LDEL, INVITE: masks and invitations of an incarnation.
 *
 * Masks are elements: two concurrent adds of one mask are two elements that
 * look like one. LDEL removes the dots that its maker saw, so an add under way
 * wins. The text of a mask is `mask SP setter`, so that its setter is known
 * after that user has gone. Readers judge the expiry (expiry_holds); a merge or
 * a timer never does, as clocks differ and facts must not.
 */
#include "core/facts/facts_write.h"
#include "core/facts/founding.h"
#include "core/part/merge.h"

static struct founding *
find(struct merge *m, const struct ch *ch)
{
	struct chan *c = facts_find_chan(m->facts, ch->name);

	return c == NULL ? NULL : founding_find(c, ch->cinc);
}

/* Insert in the order of (stamp, dot), so that a list reads alike everywhere
 * and the older of two masks that look alike is shown. */
static void
insert(struct founding *g, struct mask *x)
{
	struct mask *y;

	TAILQ_FOREACH_REVERSE(y, &g->masks, mask_list, link)
		if (y->stamp.ms < x->stamp.ms ||
		    (y->stamp.ms == x->stamp.ms && dot_cmp(y->dot, x->dot) < 0))
			break;
	if (y == NULL)
		TAILQ_INSERT_HEAD(&g->masks, x, link);
	else
		TAILQ_INSERT_AFTER(&g->masks, y, x, link);
}

void
merge_ladd(struct merge *m, const struct part_ladd *p)
{
	struct founding *g = find(m, &p->ch);
	struct mask *x;

	if (g == NULL)
		return;
	TAILQ_FOREACH(x, &g->masks, link)
		if (dot_cmp(x->dot, m->dot) == 0)
			return;
	m->hint->by = p->by;
	x = pool_take(&m->facts->mask_pool);
	x->dot = m->dot;
	x->stamp = m->stamp;
	x->list = facts_intern(m->facts, p->list);
	x->by = p->by;
	x->expiry = p->expiry;
	x->text = rcbuf_new(p->mask.s);
	insert(g, x);
	facts_dirty_chan(m->facts, g->chan, CHAN_LISTS);
}

/* Remove what the dots name: masks of any list, or invitations that were
 * used. */
void
merge_ldel(struct merge *m, const struct part_ldel *p)
{
	struct founding *g = find(m, &p->ch);
	struct mask *x, *nx;
	struct invite *i, *ni;

	if (g == NULL)
		return;
	m->hint->by = p->by;
	for (size_t k = 0; k < p->dots.n; k++) {
		TAILQ_FOREACH_SAFE(x, &g->masks, link, nx)
			if (dot_cmp(x->dot, p->dots.v[k]) == 0)
				facts_drop_mask(m->facts, g, x);
		TAILQ_FOREACH_SAFE(i, &g->invites, link, ni)
			if (dot_cmp(i->dot, p->dots.v[k]) == 0)
				facts_drop_invite(m->facts, i);
	}
}

void
merge_invite(struct merge *m, const struct part_invite *p)
{
	struct founding *g = find(m, &p->ch);
	struct user *u = facts_find_uid(m->facts, p->uid);
	struct invite *i;

	if (g == NULL || u == NULL ||
	    (facts_is_void(m->facts, m->dot.o) &&
		!core_mutated(m->facts, VOID_INVITE)))
		return;
	TAILQ_FOREACH(i, &g->invites, link)
		if (dot_cmp(i->dot, m->dot) == 0)
			return;
	i = facts_add_invite(m->facts, g, u, m->dot);
	i->stamp = m->stamp;
	i->by = p->by;
	i->expiry = p->expiry;
}
