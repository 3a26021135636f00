/*
 * CHAN, UNCHAN, CSET: incarnations of a channel.
 *
 * +CHAN is an element. It survives a restart of the server that made it, and
 * owns the modes, topic and lists of its incarnation. The current incarnation
 * depends on which users are visible, so it is computed and never stored
 * (core/show/show_chan.c): the least cinc among the memberships of visible
 * users. So the older channel wins, as users know it from TS6.
 *
 * A merge drops what belongs to an incarnation that does not exist here.
 */
#include "core/facts/facts_write.h"
#include "core/facts/founding.h"
#include "core/part/merge.h"

void
merge_chan(struct merge *m, const struct part_chan *p)
{
	struct founding *g;

	if (merge_founding(m, &p->ch) != NULL)
		return;
	g = facts_add_founding(m->facts, facts_chan(m->facts, p->ch.name),
	    p->ch.name, p->ch.cinc, m->dot);
	g->stamp = m->stamp;
}

void
merge_unchan(struct merge *m, const struct part_unchan *p)
{
	struct founding *g = merge_founding(m, &p->ch);

	if (g == NULL)
		return;
	for (size_t i = 0; i < p->dots.n; i++)
		if (dot_cmp(p->dots.v[i], g->dot) == 0) {
			facts_drop_founding(m->facts, g);
			return;
		}
}

void
merge_cset(struct merge *m, const struct part_cset *p)
{
	struct founding *g = merge_founding(m, &p->ch);
	struct reg r = { .write = { m->dot, 0, m->stamp }, .by = p->by };

	if (g == NULL)
		return;
	m->hint->by = p->by;
	m->hint->topic |= span_eq(p->field, SPAN("topic"));
	r.name = facts_intern(m->facts, p->field);
	if (facts_set_founding(m->facts, g, &r, p->value))
		facts_dirty_chan(m->facts, g->chan, CHAN_REGS);
}
