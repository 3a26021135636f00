/*
 * The users with late memberships are in a queue of their uids, since a user
 * may go meanwhile. Slices wait for clients as those of a heal do
 * (core/sessions/lag.h).
 *
 * Rejected: to show no user before all its channels fit. A small sendq would
 * have no room for it, ever.
 */
#include "core/late.h"

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

	if (!late_any(c) && TAILQ_EMPTY(&c->flips))
		lag_begin(st);
	if (c->late.n == c->late.cap)
		c->late.v =
		    mem_grow(c->late.v, &c->late.cap, 16, sizeof(*c->late.v));
	c->late.v[c->late.n++] = uid;
	work_add(&c->work, &c->late_item);
}

void
late_fini(struct core *c)
{
	free(c->late.v);
	c->late = (struct late){ 0 };
}

static void
remove_first(struct core *c)
{
	if (++c->late.head == c->late.n)
		late_fini(c);
}

void
late_choose(struct step *st, const struct user *u, size_t room)
{
	size_t bytes = 0, n = 0;
	bool any = false;
	struct member *m;

	for (struct stays it = stays_of(u); (m = stays_next(&it)) != NULL;) {
		step_spend(st, COST_MEMBERSHIP);
		m->late = n > 0 && (bytes > room || n >= LATE_STAYS_MAX);
		any = any || m->late;
		if (m->late)
			continue;
		bytes += slice_stay_bytes(st, m);
		n++;
	}
	if (any)
		add(st, u->uid);
}

static void
show_member(struct step *st, struct member *m)
{
	founding_leave(st->facts, m);
	m->late = false;
	founding_enter(st->facts, m);
	facts_dirty_member(st->facts, m);
}

/* Show late memberships of the user. Return false if the slice is full. */
static bool
show_some(struct step *st, struct slice *x, const struct user *u)
{
	struct member *m;

	for (struct stays it = stays_of(u); (m = stays_next(&it)) != NULL;) {
		step_spend(st, COST_MEMBERSHIP);
		if (!m->late)
			continue;
		if (!slice_has_left(st->core, x))
			return false;
		x->bytes += slice_stay_bytes(st, m);
		(void)slice_spend_chan(st, x, m->chan);
		show_member(st, m);
	}
	return true;
}

void
late_run(struct work_item *item, void *ctx)
{
	struct step *st = ctx;
	struct core *c = st->core;
	const struct user *u;
	struct slice x;

	if (lag_holds(c))
		return;
	slice_begin(st, &x);
	while (late_any(c)) {
		u = facts_find_uid(st->facts, c->late.v[c->late.head]);
		if (u != NULL && u->visible && !show_some(st, &x, u))
			break;
		remove_first(c);
	}
	slice_show(st, &x);
	settle(st);
	if (late_any(c) && !lag_holds(c))
		work_add(&c->work, item);
}

void
late_speaks(struct step *st, const struct part *p)
{
	const struct user *u;
	const struct chan *c;
	struct member *m;
	size_t from = st->fx->n;

	if (!late_any(st->core) || p->id != PART_SAY ||
	    (u = facts_find_uid(st->facts, p->u.say.by.uid)) == NULL ||
	    (c = facts_find_chan(st->facts, p->u.say.target)) == NULL ||
	    (m = facts_find_member(c, u)) == NULL || !m->late)
		return;
	show_member(st, m);
	show_step(st);
	lag_count(st, from);
}
