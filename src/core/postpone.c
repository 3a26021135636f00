/*
 * The users with postponed memberships are in a queue of their uids, since a
 * user may go meanwhile. Slices wait for clients as those of a heal do
 * (core/sessions/lag.h).
 *
 * Rejected: to show no user before all its channels fit. A small sendq would
 * have no room for it, ever.
 */
#include "core/postpone.h"

#include <stdlib.h>

#include "base/mem.h"
#include "core/facts/facts_write.h"
#include "core/facts/founding.h"
#include "core/facts/membership.h"
#include "core/sessions/lag.h"
#include "core/settle.h"
#include "core/show/show.h"
#include "core/slice.h"
#include "core/types/cost.h"

static void
add(struct step *st, struct uid uid)
{
	struct core *c = st->core;

	lag_begin(st);
	if (c->postponed.n == c->postponed.cap)
		c->postponed.v = mem_grow(c->postponed.v, &c->postponed.cap, 16,
		    sizeof(*c->postponed.v));
	c->postponed.v[c->postponed.n++] = uid;
	work_add(&c->work, &c->postpone_item);
}

void
postpone_fini(struct core *c)
{
	free(c->postponed.v);
	c->postponed = (struct postponed){ 0 };
}

static void
remove_first(struct core *c)
{
	if (++c->postponed.head == c->postponed.n)
		postpone_fini(c);
}

void
postpone_choose(struct step *st, struct user *u, size_t room)
{
	size_t bytes = 0, n = 0;
	bool any = false;
	struct member *m;

	for (struct stays it = stays_of(u); (m = stays_next(&it)) != NULL;) {
		step_spend(st, COST_MEMBERSHIP);
		m->postponed = n > 0 && (bytes > room || n >= POSTPONE_ABOVE);
		any = any || m->postponed;
		if (m->postponed)
			continue;
		bytes += slice_stay_bytes(st, m);
		n++;
	}
	u->chosen = true;
	if (any)
		add(st, u->uid);
}

static void
set_postponed(struct step *st, struct member *m, bool postponed)
{
	founding_leave(st->facts, m);
	m->postponed = postponed;
	founding_enter(st->facts, m);
	facts_dirty_member(st->facts, m);
}

/* Show postponed memberships of the user. Return false if the slice is full; it
 * is not before one is shown (*any), as those that are shown already may be so
 * many that to pass over them is more work than a slice has. */
static bool
show_some(struct step *st, struct slice *x, const struct user *u, bool *any)
{
	struct member *m;

	for (struct stays it = stays_of(u); (m = stays_next(&it)) != NULL;) {
		step_spend(st, COST_MEMBERSHIP);
		if (!m->postponed)
			continue;
		if (*any && !slice_has_left(st->core, x))
			return false;
		*any = true;
		x->bytes += slice_stay_bytes(st, m);
		(void)slice_spend_chan(st, x, m->chan);
		slice_spend_comes(st, x, m->chan, member_cinc(m));
		set_postponed(st, m, false);
	}
	return true;
}

bool
postpone_thin(struct step *st, struct slice *x, struct user *u)
{
	struct member *m;
	unsigned n = 0;

	if (u->nshown <= POSTPONE_ABOVE ||
	    core_mutated(st->facts, HIDE_AT_ONCE))
		return false;
	u->thinned = true;
	for (struct stays it = stays_of(u); (m = stays_next(&it)) != NULL;) {
		step_spend(st, COST_MEMBERSHIP);
		if (!m->shown)
			continue;
		if (n++ > 0 &&
		    (n > POSTPONE_ABOVE || !slice_has_left(st->core, x)))
			break;
		x->bytes += slice_stay_bytes(st, m);
		(void)slice_spend_chan(st, x, m->chan);
		slice_spend_goes(st, x, m->chan, member_cinc(m));
		set_postponed(st, m, true);
	}
	return true;
}

void
postpone_return(struct step *st, struct user *u)
{
	if (u->thinned)
		add(st, u->uid);
	u->thinned = false;
}

void
postpone_run(struct work_item *item, void *ctx)
{
	struct step *st = ctx;
	struct core *c = st->core;
	const struct user *u;
	struct slice x;
	bool any = false;

	if (lag_holds(c))
		return;
	slice_begin(st, &x);
	while (postpone_any(c)) {
		u = facts_find_uid(st->facts,
		    c->postponed.v[c->postponed.head]);
		if (u != NULL && u->visible && !u->thinned &&
		    !show_some(st, &x, u, &any))
			break;
		remove_first(c);
	}
	slice_show(st, &x);
	settle(st);
	if (postpone_any(c) && !lag_holds(c))
		work_add(&c->work, item);
}

void
postpone_speaks(struct step *st, const struct part *p)
{
	const struct user *u;
	const struct chan *c;
	struct member *m;
	size_t from = st->fx->n;

	if (!postpone_any(st->core) || p->id != PART_SAY ||
	    (u = facts_find_uid(st->facts, p->u.say.by.uid)) == NULL ||
	    (c = facts_find_chan(st->facts, p->u.say.target)) == NULL ||
	    (m = facts_find_member(c, u)) == NULL || !m->postponed)
		return;
	set_postponed(st, m, false);
	show_step(st);
	lag_count(st, from);
}
