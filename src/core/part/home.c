/*
 * HOME: which run of which server has a user, and since which tenure.
 *
 * The register goes by (tenure, stamp, sid). It belongs to users whose +USER
 * has a +HOME in the same entry, and to no others: whether READY of another
 * server ends a user must not depend on whether READY or a later +HOME comes
 * first (doc/decisions/0023).
 *
 * A +HOME also says how far the home before it came: `base` is the number of
 * the last command that the new home knows of. A membership that the former
 * home made beyond it counts nowhere. It is dropped here if it came before the
 * +HOME, and in core/part/member.c if it comes after it (link-protocol.md,
 * 11.24).
 */
#include "core/facts/facts_write.h"
#include "core/facts/membership.h"
#include "core/facts/thin.h"
#include "core/part/merge.h"

/* Return true if a former home made the membership, and the new one does not
 * know of it. */
static bool
is_beyond(const struct merge *m, const struct member *x,
    const struct part_home *p)
{
	struct made made = member_made(x);

	return made.tenure < p->tenure && made.c > p->base &&
	       !core_mutated(m->facts, BASE_KEEPS);
}

static void
drop_beyond(struct merge *m, struct user *u, const struct part_home *p)
{
	struct member *x;

	for (struct stays it = stays_of(u); (x = stays_next(&it)) != NULL;)
		if (is_beyond(m, x, p))
			facts_drop_member(m->facts, x);
}

/* All of them are dropped here, unless they are more than one piece has. */
bool
merge_thin_home(struct merge *m, const struct part_home *p)
{
	struct user *u = merge_user_meant(m, p->uid);
	size_t left = THIN_MAX;
	struct member *x;

	if (u == NULL || user_home_reg(u) == NULL)
		return false;
	for (struct stays it = stays_of(u); (x = stays_next(&it)) != NULL;)
		if (is_beyond(m, x, p) && !facts_drop_stay(m->facts, x, &left))
			return true;
	return false;
}

static void
set(struct merge *m, struct user *u, const struct part_home *p,
    const struct write *w)
{
	struct origin o = p->home;
	struct home *h = user_home_reg(u);

	if (o.inc == 0)
		o.sid = w->dot.o.sid;
	h->write = *w;
	h->base = p->base;
	rcbuf_unref(h->gate);
	h->gate = p->gate.n > 0 ? rcbuf_new(p->gate) : NULL;
	facts_move_user(m->facts, u, o);
}

void
merge_home(struct merge *m, const struct part_home *p)
{
	struct user *u = merge_user_meant(m, p->uid);
	struct write w = { m->dot, p->tenure, m->stamp };
	struct home *h;

	if (u != NULL && user_home_reg(u) == NULL &&
	    core_mutated(m->facts, HOME_ANY) && u->nmembers == 0)
		facts_add_home(m->facts, u);
	if (u == NULL || (h = user_home_reg(u)) == NULL)
		return;
	drop_beyond(m, u, p);
	/* the memberships of a snapshot that has a HOME were judged by it */
	if (!m->is_snapshot && h->judged < p->tenure)
		h->judged = p->tenure;
	if (write_is_later(&w, &h->write) || core_mutated(m->facts, HOME_LAST))
		set(m, u, p, &w);
}
