/*
 * One entry removes as many masks as one tick may look at. The next one is made
 * when it is applied: until then the masks are still there.
 *
 * A mask that is made again by another server stays there. The masks of a
 * server that is gone for good stay, too, and match nobody; they go when
 * somebody sets them again, and with their channel.
 */
#include "core/expire.h"

#include "core/facts/endings.h"
#include "core/types/cost.h"

#define MASKS_MAX 256 /* of an entry */
#define DOTS_MAX 64   /* of a part */

static bool
may_make(const struct core *c)
{
	return c->ready && c->applied_n == c->last_n;
}

struct mono
expire_due(const struct step *st)
{
	const struct mask *m = endings_first(st->facts);

	if (m == NULL || !may_make(st->core))
		return MONO_NEVER;
	if (!expiry_holds(m->expiry, st->wall))
		return st->now;
	return mono_add_ms(st->now, m->expiry.ms - st->wall.ms);
}

struct draft { /* an entry that is being made */
	struct step *st;
	struct part *part;
	size_t nparts;
	struct dot *dot; /* of all parts, one after the other */
	size_t ndots;
};

/* Add the mask to the last part, or to a new one. */
static void
draft_add(struct draft *d, const struct mask *m)
{
	const struct founding *g = m->founding;
	struct part_ldel *last =
	    d->nparts == 0 ? NULL : &d->part[d->nparts - 1].u.ldel;

	if (last == NULL || last->dots.n == DOTS_MAX ||
	    cinc_cmp(last->ch.cinc, g->cinc) != 0) {
		d->part[d->nparts] = (struct part){ .id = PART_LDEL };
		last = &d->part[d->nparts++].u.ldel;
		*last = (struct part_ldel){ { rcbuf_span(g->name), g->cinc },
			by_server(d->st->core->self.sid),
			{ &d->dot[d->ndots], 0 } };
	}
	d->dot[d->ndots++] = m->dot;
	last->dots.n++;
}

void
expire_tick(struct step *st)
{
	const struct mask *m = endings_first(st->facts);
	struct draft d = { .st = st };

	if (m == NULL || expiry_holds(m->expiry, st->wall) ||
	    !may_make(st->core))
		return;
	d.part = arena_alloc(st->arena, MASKS_MAX * sizeof(*d.part));
	d.dot = arena_alloc(st->arena, MASKS_MAX * sizeof(*d.dot));
	while (m != NULL && !expiry_holds(m->expiry, st->wall) &&
	       d.ndots < MASKS_MAX) {
		step_spend(st, COST_VISIT);
		draft_add(&d, m);
		m = endings_next(m);
	}
	core_make(st, (struct stamp){ 0 }, d.part, d.nparts,
	    &(struct dest){ .all = true }, NULL);
}
