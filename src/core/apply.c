/*
 * An entry changes the facts by its merges, part after part; then clients are
 * shown the difference, and receive its messages.
 *
 * A linked server decides how large an entry is, and what each part costs. So
 * the parts are applied in slices: as many as the turn has room for. After each
 * slice clients are shown the difference, as after a slice of a snapshot. The
 * entry stays at the head of the log and counts as processed when its last part
 * is applied. Until then the facts are those of no vector: no snapshot is cut
 * or taken, and no home settles anything (core_is_partial).
 *
 * An entry of usual size is one slice, so it is shown as one change. A slice
 * ends only before a part that begins something, and not between a user and the
 * nick of that user, or a membership and its status. A liar can make entries of
 * other parts alone, so MORE_MAX bounds that.
 *
 * More may go with a user or a founding than a slice has room for. Most of it
 * goes in slices before its owner (core/facts/thin.h).
 *
 * Rejected: a bound on what one entry may cost. It would have to know how many
 * receivers each part has, and a merge cannot refuse. Fewer parts in an entry:
 * an entry is what one command did, and a JOIN of many channels has hundreds.
 */
#include "core/apply.h"

#include "base/invariant.h"
#include "core/client.h"
#include "core/chan_cleanup.h"
#include "core/deliver.h"
#include "core/facts/founding.h"
#include "core/facts/thin.h"
#include "core/facts/unknown.h"
#include "core/held.h"
#include "core/overlay.h"
#include "core/part/later.h"
#include "core/postpone.h"
#include "core/registration.h"
#include "core/sessions/response.h"
#include "core/sessions/wait.h"
#include "core/settle.h"
#include "core/show/show_chan.h"
#include "core/slice.h"
#include "core/state.h"
#include "core/types/cost.h"
#include "core/types/mode.h"
#include "core/voiding.h"

#define MORE_MAX 16 /* parts of a slice beyond its end */

/* ---- what a part costs --------------------------------------------------- */

static struct user *
user_of(const struct facts *f, const struct part *p)
{
	const struct uid *uid = p->id == PART_QUIT   ? &p->u.quit.uid
				: p->id == PART_NICK ? &p->u.nick.uid
				: p->id == PART_SET  ? &p->u.set.uid
				: p->id == PART_HOME ? &p->u.home.uid
						     : NULL;

	return uid == NULL ? NULL : facts_find_uid(f, *uid);
}

/* Return the membership that a part names by its dot, or NULL. */
static struct member *
member_of(const struct facts *f, const struct part *p)
{
	const struct dot *dot = p->id == PART_MOVE   ? &p->u.move.dot
				: p->id == PART_PART ? &p->u.part.dot
				: p->id == PART_KICK ? &p->u.kick.dot
				: p->id == PART_STAT ? &p->u.stat.dot
						     : NULL;

	return dot == NULL ? NULL : facts_find_dot(f, *dot);
}

static struct chan *
chan_of(const struct facts *f, const struct part *p)
{
	const struct ch *ch = p->id == PART_JOIN     ? &p->u.join.ch
			      : p->id == PART_CHAN   ? &p->u.chan.ch
			      : p->id == PART_UNCHAN ? &p->u.unchan.ch
			      : p->id == PART_CSET   ? &p->u.cset.ch
			      : p->id == PART_LADD   ? &p->u.ladd.ch
			      : p->id == PART_LDEL   ? &p->u.ldel.ch
						     : NULL;
	const struct member *m = member_of(f, p);

	if (m != NULL)
		return m->chan;
	return ch == NULL ? NULL : facts_find_chan(f, ch->name);
}

/* Return true if the part may let the channel be shown in another incarnation.
 */
static bool
moves_chan(const struct part *p)
{
	return p->id == PART_MOVE || p->id == PART_CHAN || p->id == PART_UNCHAN;
}

static bool
changes_host(const struct part *p)
{
	return p->id == PART_SET &&
	       (span_eq(p->u.set.field, SPAN("host")) ||
		   span_eq(p->u.set.field, SPAN("username")));
}

/* Return how many statuses are looked at to find the one that is written. A
 * linked server can give a membership any number of them. */
static size_t
count_stats(const struct facts *f, const struct part *p)
{
	const struct member *m = member_of(f, p);
	uint32_t n = 0;

	if (m != NULL)
		(void)member_stats(m, &n);
	return n;
}

/* Spend what it costs to remove elements of later verbs, by which members may
 * be seen from now on. */
static void
spend_removal(struct step *st, struct slice *x, const struct part *p)
{
	struct span rest = kind_dots(&p->u.unknown.kind, p->line);
	const struct member *m;
	struct dot dot;

	while (kind_next_dot(&rest, &dot)) {
		step_spend(st, COST_VISIT);
		m = unknown_hidden_by(st->facts, dot);
		if (m != NULL)
			(void)slice_spend_chan(st, x, m->chan);
	}
}

/* Spend what it costs to merge the part and to show what it changes. If the
 * channel is shown in another incarnation, some members are looked at. */
static void
spend_part(struct step *st, struct slice *x, const struct part *p)
{
	const struct user *u = user_of(st->facts, p);
	struct chan *c = chan_of(st->facts, p);

	step_spend(st, COST_PART);
	if (u != NULL && p->id == PART_QUIT &&
	    facts_has_many_stays(st->facts, u))
		step_spend(st, COST_VISIT); /* thin() spends the rest */
	else if (u != NULL && (p->id == PART_QUIT || p->id == PART_HOME))
		slice_spend(st, x, u);
	else if (u != NULL && changes_host(p))
		slice_spend_host(st, x, u);
	else if (u != NULL)
		slice_spend_user(st, x, u);
	if (c != NULL && slice_spend_chan(st, x, c) && moves_chan(p))
		step_spend(st, STATUSES_AT_ONCE * (size_t)COST_MEMBERSHIP);
	slice_spend_names(st, x, p, c, member_of(st->facts, p));
	if (p->id == PART_LDEL)
		step_spend(st, p->u.ldel.dots.n * COST_VISIT);
	if (p->id == PART_UNKNOWN && p->u.unknown.kind.type == KIND_REMOVAL)
		spend_removal(st, x, p);
	if (later_is(p, &later_builtin[LATER_CNAME]))
		slice_spend_cname(st, x, p);
	if (p->id == PART_STAT)
		step_spend(st, count_stats(st->facts, p) * COST_MEMBERSHIP);
}

/* If very much goes with what the part drops, drop some of it and return
 * true. */
static bool
thin(struct step *st, const struct part *p)
{
	struct facts *f = st->facts;
	struct user *u = p->id == PART_QUIT ? user_of(f, p) : NULL;
	struct chan *c = p->id == PART_UNCHAN ? chan_of(f, p) : NULL;
	struct founding *g =
	    c == NULL ? NULL : founding_find(c, p->u.unchan.ch.cinc);
	struct member *m =
	    p->id == PART_PART || p->id == PART_KICK ? member_of(f, p) : NULL;

	if (u != NULL && facts_means_another(f, u, st->o, st->stamp, 0))
		return false;
	/* the user leaves some channels before the QUIT, and says why */
	if (u != NULL && !core_mutated(st->facts, THIN_SILENT))
		st->hint.text = p->u.quit.reason.s;
	if (u != NULL)
		return facts_thin_user(f, u);
	if (g != NULL)
		return facts_thin_founding(f, g);
	return m != NULL && facts_thin_member(f, m);
}

/* Return true if the part says more of what the part before it began. */
static bool
says_more(const struct part *p)
{
	return p->id == PART_NICK || p->id == PART_SET || p->id == PART_HOME ||
	       p->id == PART_STAT || p->id == PART_CSET ||
	       later_is(p, &later_builtin[LATER_UNSEEN]);
}

/* ---- merges -------------------------------------------------------------- */

/* Return true if an entry that adds a user gives the user a home that moves: a
 * HOME comes after the USER. */
static bool
gives_home(const struct part *part, size_t n, struct uid uid)
{
	for (size_t i = 0; i < n; i++)
		if (part[i].id == PART_HOME &&
		    uid_cmp(part[i].u.home.uid, uid) == 0)
			return true;
	return false;
}

struct made
apply_made(const struct part *part, const struct cause *cause)
{
	struct made made;

	if (part_made(part, &made))
		return made;
	if (part->id != PART_JOIN ||
	    uid_cmp(part->u.join.uid, cause->sess.uid) != 0)
		return (struct made){ 0 };
	return (struct made){ cause->tenure, cause->c };
}

/* Set what a merge needs to know besides the part. */
static void
merge_begin(struct merge *m, const struct step *st, const struct part *part,
    size_t n)
{
	m->tenure = part_tenure(part);
	m->made = apply_made(part, &st->cause);
	m->meant = part_meant(part);
	m->has_home = false;
	if (part->id == PART_USER)
		m->has_home = gives_home(part + 1, n - 1, part->u.user.uid);
}

/* Return the merge of the next part. */
static struct merge
next_merge(struct step *st, const struct applying *a)
{
	struct merge m = { .facts = st->facts,
		.dot = dot_make(a->e->o, a->e->n, a->next),
		.stamp = a->e->stamp,
		.hint = &st->hint };

	merge_begin(&m, st, &a->part[a->next], a->e->nparts - a->next);
	return m;
}

/* Return true if the slice may have the next part; *nmore parts of it are
 * beyond its end, the first one included. Void things must not meet the next
 * part. */
static bool
goes_on(const struct step *st, const struct applying *a, int64_t floor,
    unsigned *nmore)
{
	if (a->next == a->e->nparts ||
	    (st->facts->voids.any && !core_mutated(st->facts, VOID_MEETS)))
		return false;
	if (st->core->work.left > floor || core_mutated(st->facts, ENTRY_WHOLE))
		return true;
	return (*nmore)++ == 0 ||
	       (says_more(&a->part[a->next]) &&
		   !core_mutated(st->facts, SLICE_SPLITS) &&
		   (*nmore <= MORE_MAX ||
		       core_mutated(st->facts, MORE_ENDLESS)));
}

static void
home_moved(struct step *st, const struct part *p)
{
	struct user *u = p->id == PART_HOME ? user_of(st->facts, p) : NULL;

	if (u != NULL)
		overlay_moved(st, u);
}

/* Merge as many parts as the turn has room for, one at least. */
static void
merge_slice(struct step *st, struct applying *a, int64_t floor)
{
	const struct part *p;
	struct merge m;
	struct slice x;
	unsigned nmore = 0;

	slice_begin(st, &x);
	while (goes_on(st, a, floor, &nmore)) {
		p = &a->part[a->next];
		spend_part(st, &x, p);
		m = next_merge(st, a);
		if (!core_mutated(st->facts, NO_THIN) &&
		    (thin(st, p) || merge_thin(&m, p))) {
			step_spend(st, COST_THIN);
			if (st->core->work.left <= floor)
				break;
			continue;
		}
		merge_any(&m, p);
		home_moved(st, p);
		a->next++;
	}
	a->merged = a->next == a->e->nparts;
}

/* Tell clients what the slice has changed. A client that registers by the entry
 * is told nothing before its welcome, so it waits for the last slice. */
static void
show_slice(struct step *st, const struct applying *a, bool own)
{
	client_end_gone(st);
	if (own && a->merged)
		registration_attach(st);
	overlay_show(st, facts_find_uid(st->facts, st->cause.sess.uid));
	if (own && a->merged)
		registration_welcome(st);
}

static void
facts_slice(struct step *st, struct applying *a, int64_t floor, bool own)
{
	int64_t before = st->core->work.left, after;

	merge_slice(st, a, floor);
	if (st->facts->voids.any)
		voiding_begin(st);
	after = st->core->work.left;
	st->core->work.left = before;
	show_slice(st, a, own);
	if (after < st->core->work.left)
		st->core->work.left = after;
	if (a->merged)
		a->next = 0;
}

/* ---- messages ------------------------------------------------------------ */

/* Deliver as many messages as the turn has room for, one at least. D names the
 * receivers; an own entry is for receivers here, too, and for the echo to its
 * sender. An invitation is a fact, so its entry reaches every server, and the
 * members of its channel are told there. */
static void
deliver_slice(struct step *st, struct applying *a, int64_t floor, bool own)
{
	bool here = own || entry_is_for(a->e, st->core->self.sid), any = false;
	const struct part *p;
	size_t n;

	if (facts_is_void(st->facts, a->e->o) &&
	    !core_mutated(st->facts, VOID_SPEAKS))
		a->next = a->e->nparts;
	for (; a->next < a->e->nparts; a->next += n) {
		p = &a->part[a->next];
		n = 1;
		if (part_is_fact(p) && p->id != PART_INVITE)
			continue;
		if (any && st->core->work.left <= floor &&
		    !core_mutated(st->facts, MESSAGES_WHOLE))
			return;
		any = true;
		step_spend(st, COST_PART);
		postpone_speaks(st, p);
		if (here || p->id == PART_INVITE)
			n = deliver(st, p, a->e->nparts - a->next,
			    (uint32_t)a->next);
		else if (!core_mutated(st->facts, KILL_BY_DEST))
			deliver_to_home(st, p, (uint32_t)a->next);
	}
}

/* ---- the entry ----------------------------------------------------------- */

static void
set_step(struct step *st, const struct entry *e)
{
	st->stamp = e->stamp;
	st->cause = entry_cause(e);
	st->o = e->o;
	st->n = e->n;
	st->hint.by = by_server(e->o.sid);
}

/* Go on in a later step: the parts, and the response to the client whose entry
 * it is, must outlive this one. */
static void
suspend(struct step *st, struct applying *a)
{
	if (st->answering != NULL && st->answering->response != NULL &&
	    !core_mutated(st->facts, ANSWER_IN_PARTS))
		response_wait(st, st->answering);
	if (a->arena == NULL) {
		a->arena = arena_new(4096);
		a->part = entry_parts(a->e, a->arena);
	}
	st->core->applying = *a;
}

void
apply_fini(struct core *c)
{
	if (c->applying.arena != NULL)
		arena_free(c->applying.arena);
	c->applying = (struct applying){ 0 };
}

bool
core_is_applying(const struct core *c)
{
	return c->applying.e != NULL;
}

static struct applying
begin(struct step *st, const struct entry *e, bool facts_known)
{
	core_observe(st->core, e->stamp);
	step_spend(st, COST_ENTRY + entry_size(e) / 4);
	return (struct applying){ .e = e,
		.part = entry_parts(e, st->arena),
		.next = facts_known ? e->nparts : 0 };
}

static void
end(struct step *st, const struct applying *a, bool own)
{
	if (own) {
		st->core->applied_n = a->e->n;
		registration_orphans(st, a->part, a->e->nparts);
		wait_applied(st, a->e, a->part);
		held_applied(st, a->e->n);
		registration_arrived(st);
	}
	apply_fini(st->core);
	settle(st);
	chan_cleanup_surplus(st);
}

bool
apply_entry(struct step *st, const struct entry *e, bool facts_known,
    int64_t floor)
{
	struct core *c = st->core;
	struct applying a = c->applying;
	bool own = origin_cmp(e->o, c->self) == 0;

	invariant(a.e == NULL || a.e == e);
	set_step(st, e);
	if (a.e == NULL)
		a = begin(st, e, facts_known);
	if (own)
		wait_answering(st, e->n);
	if (!a.merged)
		facts_slice(st, &a, floor, own);
	if (a.merged)
		deliver_slice(st, &a, floor, own);
	if (!a.merged || a.next < e->nparts) {
		suspend(st, &a);
		return false;
	}
	c->applying = a;
	end(st, &a, own);
	return true;
}
