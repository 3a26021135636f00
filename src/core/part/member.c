/*
 * JOIN, MOVE, PART, KICK, STAT: who is on a channel, and as what.
 *
 * A membership is an element; its dot is that of the +JOIN. PART and KICK
 * remove the dot they saw, so a rejoin under way survives a KICK of the stay
 * before. +MOVE puts a membership into an older incarnation and keeps its dot;
 * with a new dot, users who had just been kicked came back everywhere. A status
 * is a register by (dot, cinc, name); with the dot alone, ops of a younger
 * channel became ops of the older one.
 */
#include "core/facts/facts_write.h"
#include "core/part/merge.h"
#include "core/facts/founding.h"
#include "core/facts/thin.h"

/*
 * The rule users know: of two stays of a user on one channel the last one
 * counts (link-protocol.md, 11.1).
 */
static bool
is_later_stay(const struct merge *m, const struct member *old)
{
	struct made made = member_made(old);

	/* 1. The stay that the later home made. */
	if (m->made.tenure != made.tenure && user_home_reg(old->user) != NULL &&
	    !core_mutated(m->facts, STAY_BY_DOT))
		return m->made.tenure > made.tenure;

	/* 2. The greater dot. */
	return dot_cmp(m->dot, old->dot) >= 0;
}

/* The former home of the user made the membership, and the present one did not
 * know of it (link-protocol.md, 11.24). */
static bool
is_of_former_home(const struct merge *m, const struct user *u)
{
	const struct home *h = user_home_reg(u);

	if (h == NULL)
		return false;
	return (m->made.tenure < h->judged &&
		   !core_mutated(m->facts, LATE_JOIN)) ||
	       (m->made.tenure < h->write.tenure && m->made.c > h->base);
}

/* Return true if the JOIN comes too late, or names a user who is gone. */
static bool
is_idle(const struct merge *m, const struct user *u)
{
	return u == NULL || facts_is_void_of(m->facts, u, m->dot.o) ||
	       (core_mutated(m->facts, MERGE_OVERLAY) && !u->shown) ||
	       is_of_former_home(m, u) ||
	       facts_find_dot(m->facts, m->dot) != NULL;
}

bool
merge_thin_join(struct merge *m, const struct part_join *p)
{
	struct user *u = merge_user_meant(m, p->uid);
	struct chan *c = facts_find_chan(m->facts, p->ch.name);
	struct member *old;

	if (c == NULL || is_idle(m, u) ||
	    (old = facts_find_member(c, u)) == NULL || !is_later_stay(m, old))
		return false;
	return facts_thin_member(m->facts, old);
}

void
merge_join(struct merge *m, const struct part_join *p)
{
	struct user *u = merge_user_meant(m, p->uid);
	struct chan *c;
	struct member *old;

	if (is_idle(m, u))
		return;
	c = facts_chan(m->facts, p->ch.name);
	/* a user is on a channel once: the later stay replaces the former */
	if ((old = facts_find_member(c, u)) != NULL) {
		if (!is_later_stay(m, old))
			return;
		facts_drop_member(m->facts, old);
	}
	old = facts_add_member(m->facts, c, u, m->dot, p->ch.cinc);
	facts_set_stamp(old, m->stamp);
	facts_set_made(old, m->made);
}

void
merge_move(struct merge *m, const struct part_move *p)
{
	struct member *x = facts_find_dot(m->facts, p->dot);
	const struct move *move = x == NULL ? NULL : member_move(x);
	struct write w = { m->dot, 0, m->stamp };
	struct move *to;

	if (x == NULL || (move != NULL && !write_is_later(&w, &move->write)))
		return;
	founding_leave(m->facts, x);
	to = facts_get_move(m->facts, x);
	to->write = w;
	to->cinc = p->ch.cinc;
	founding_enter(m->facts, x);
	facts_dirty_member(m->facts, x);
}

static void
drop(struct merge *m, struct dot dot, struct span text)
{
	struct member *x = facts_find_dot(m->facts, dot);

	if (x == NULL || (core_mutated(m->facts, KICK_LOST) && m->hint->kick &&
			     member_move(x) != NULL))
		return;
	m->hint->text = text;
	facts_drop_member(m->facts, x);
}

void
merge_part(struct merge *m, const struct part_part *p)
{
	drop(m, p->dot, p->reason.s);
}

void
merge_kick(struct merge *m, const struct part_kick *p)
{
	m->hint->kick = true;
	m->hint->by = p->by;
	drop(m, p->dot, p->reason.s);
}

void
merge_stat(struct merge *m, const struct part_stat *p)
{
	struct member *x = facts_find_dot(m->facts, p->dot);
	struct write w = { m->dot, 0, m->stamp };
	struct write before;
	struct status_reg *s;

	if (x == NULL)
		return;
	m->hint->by = p->by;
	s = facts_get_stat(m->facts, x,
	    core_mutated(m->facts, STATUS_CURRENT) && x->chan->current != NULL
		? x->chan->current->cinc
		: p->ch.cinc,
	    facts_intern(m->facts, p->name));
	before = (struct write){ s->dot, 0, s->stamp };
	if (s->dot.n > 0 && !write_is_later(&w, &before) &&
	    !core_mutated(m->facts, STATUS_ARRIVAL))
		return;
	s->dot = w.dot;
	s->stamp = w.stamp;
	s->on = p->on;
	s->by = by_id(p->by);
	facts_dirty_member(m->facts, x);
}
