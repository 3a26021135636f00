/*
 * The walk goes over the users, then over the memberships of other users, then
 * over invitations and elements of later verbs. Only merges make objects, and
 * no entry is processed meanwhile, so nothing void is made behind the walk. If
 * something else becomes void in the same entry, the walk begins again.
 *
 * Rejected: lists of what each run made. They would cost every object two
 * pointers, for a walk that is short: an object that is passed over costs some
 * nanoseconds, and a membership some hundred.
 */
#include "core/voiding.h"

#include "core/client.h"
#include "core/facts/facts_write.h"
#include "core/overlay.h"
#include "core/sessions/lag.h"
#include "core/settle.h"
#include "core/slice.h"
#include "core/chan_cleanup.h"
#include "core/types/cost.h"
#include "core/facts/thin.h"
#include "core/facts/unknown.h"

/* Return true if an element of the user that o made is void and must be
 * dropped. */
static bool
is_of(const struct facts *f, const struct user *u, struct origin o)
{
	return (sid_is_none(f->voids.sid) ||
		   sid_cmp(o.sid, f->voids.sid) == 0) &&
	       facts_is_void_of(f, u, o);
}

/* ---- the phases: each function looks at one object, false after the last - */

static bool
drop_user(struct step *st, struct slice *x)
{
	struct facts *f = st->facts;
	struct fact_place at = f->voids.at;
	struct user *u = map_next(&f->users, &f->voids.at.map);

	if (u == NULL || !is_of(f, u, u->dot.o))
		return u != NULL;
	if (!core_mutated(f, VOID_NO_THIN) && facts_thin_user(f, u)) {
		step_spend(st, COST_THIN);
		f->voids.at = at;
		return true;
	}
	slice_spend(st, x, u);
	facts_drop_user(f, u);
	return true;
}

static bool
drop_member(struct step *st, struct slice *x)
{
	struct facts *f = st->facts;
	struct fact_place at = f->voids.at;
	struct member *m;

	if (!facts_next_member(f, &f->voids.at.members, &m))
		return false;
	/* the members of a channel lie far apart in memory */
	step_spend(st, COST_VISIT);
	if (m == NULL || !is_of(f, m->user, m->dot.o))
		return true;
	if (!core_mutated(f, VOID_NO_THIN) && facts_thin_member(f, m)) {
		step_spend(st, COST_THIN);
		f->voids.at = at;
		return true;
	}
	step_spend(st, COST_VISIT + m->chan->nlocal * COST_SEND);
	slice_spend_goes(st, x, m->chan, member_cinc(m));
	facts_drop_member(f, m);
	return true;
}

static bool
drop_invite(struct step *st, struct slice *x)
{
	struct facts *f = st->facts;
	struct invite *i = map_next(&f->invites, &f->voids.at.map);

	(void)x;
	if (i != NULL && is_of(f, i->user, i->dot.o) &&
	    !core_mutated(f, VOID_KEEPS_INVITES)) {
		step_spend(st, COST_VISIT);
		facts_drop_invite(f, i);
	}
	return i != NULL;
}

/* Drop the next element of a later verb that goes with its run. */
static bool
drop_unknown(struct step *st, struct slice *x)
{
	struct facts *f = st->facts;
	struct unknown *u = NULL;

	(void)x;
	if (f->unknown_mortals > 0)
		u = unknown_next_element(f, &f->voids.at.map);
	if (u != NULL && u->mortal && facts_is_void(f, u->write.dot.o)) {
		step_spend(st, COST_PART);
		unknown_drop(f, u);
	}
	return u != NULL;
}

/* A mutation drops void masks, which do not belong to their maker
 * (link-protocol.md, 11). */
static bool
drop_mask(struct step *st, struct slice *x)
{
	struct facts *f = st->facts;
	struct mask *m = NULL;

	(void)x;
	if (core_mutated(f, VOID_MASKS))
		m = map_next(&f->masks, &f->voids.at.map);
	if (m != NULL && facts_is_void(f, m->dot.o))
		facts_drop_mask(f, m);
	return m != NULL;
}

static bool (*const phase[])(struct step *, struct slice *) = {
	drop_user,
	drop_member,
	drop_invite,
	drop_unknown,
	drop_mask,
};

#define PHASES (sizeof(phase) / sizeof(phase[0]))

static bool
piece(struct step *st, struct slice *x)
{
	struct voids *v = &st->facts->voids;

	if (!v->any)
		return false;
	step_spend(st, COST_MEMBERSHIP);
	if (phase[v->phase](st, x))
		return true;
	v->at = (struct fact_place){ 0 };
	v->any = ++v->phase < PHASES;
	return v->any;
}

bool
voiding_piece(struct step *st)
{
	struct slice x = { 0 };

	return piece(st, &x);
}

void
voiding_finish(struct step *st)
{
	struct slice x = { 0 };

	while (piece(st, &x))
		;
}

/* ---- in slices ----------------------------------------------------------- */

/* If clients see a server whose users are void, these go as in a netsplit: the
 * server may have been in limbo until it started again. */
static void
name_split(struct step *st)
{
	struct sid sid = st->facts->voids.sid;
	const struct server *s =
	    sid_is_none(sid) ? NULL : facts_find_server(st->facts, sid);

	if (s == NULL || s->visible == 0 ||
	    sid_cmp(sid, st->core->self.sid) == 0)
		return;
	st->netsplit = overlay_batch(st, "netsplit", s);
	st->hint.text = span_tail(st->netsplit, sizeof("netsplit ") - 1);
}

static void
slice(struct step *st, struct slice *x)
{
	name_split(st);
	slice_begin(st, x);
	while (piece(st, x) && slice_has_left(st->core, x))
		;
	if (st->facts->voids.any)
		work_add(&st->core->work, &st->core->void_item);
}

void
voiding_begin(struct step *st)
{
	struct slice x = { 0 };
	int64_t begun = work_begin(&st->core->work);

	slice(st, &x);
	work_end(&st->core->work, begun);
}

void
voiding_run(struct work_item *item, void *ctx)
{
	struct step *st = ctx;
	struct slice x = { 0 };

	(void)item;
	if (lag_holds(st->core))
		return;
	st->hint.text = st->facts->voids.why;
	slice(st, &x);
	client_end_gone(st);
	slice_show(st, &x);
	st->netsplit = st->hint.text = SPAN_NONE;
	settle(st);
	chan_cleanup_surplus(st);
}
