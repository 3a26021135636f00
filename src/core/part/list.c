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

void
merge_ladd(struct merge *m, const struct part_ladd *p)
{
	struct founding *g = merge_founding(m, &p->ch);

	if (g == NULL || map_find(&m->facts->masks, dot_span(&m->dot)) != NULL)
		return;
	m->hint->by = p->by;
	facts_add_mask(m->facts, g,
	    &(struct mask){ .dot = m->dot,
		.stamp = m->stamp,
		.list = facts_intern(m->facts, p->list),
		.by = p->by,
		.expiry = p->expiry,
		.text = rcbuf_new(p->mask.s) });
}

/* Remove what the dots name: masks of any list, or invitations that were
 * used. */
void
merge_ldel(struct merge *m, const struct part_ldel *p)
{
	struct founding *g = merge_founding(m, &p->ch);
	struct mask *x;
	struct invite *i;

	if (g == NULL)
		return;
	m->hint->by = p->by;
	for (size_t k = 0; k < p->dots.n; k++) {
		x = map_find(&m->facts->masks, dot_span(&p->dots.v[k]));
		if (x != NULL && x->founding == g)
			facts_drop_mask(m->facts, x);
		i = map_find(&m->facts->invites, dot_span(&p->dots.v[k]));
		if (i != NULL && i->founding == g)
			facts_drop_invite(m->facts, i);
	}
}

void
merge_invite(struct merge *m, const struct part_invite *p)
{
	struct founding *g = merge_founding(m, &p->ch);
	struct user *u = merge_user_meant(m, p->uid);
	struct invite *i;

	if (g == NULL || u == NULL ||
	    (facts_is_void_of(m->facts, u, m->dot.o) &&
		!core_mutated(m->facts, VOID_INVITE)) ||
	    map_find(&m->facts->invites, dot_span(&m->dot)) != NULL)
		return;
	i = facts_add_invite(m->facts, g, u, m->dot, p->expiry);
	i->stamp = m->stamp;
	i->by = p->by;
}
