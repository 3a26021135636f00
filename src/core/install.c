/*
 * Taking a snapshot in is a set difference by dots, which works whatever
 * entries the two servers have seen. An element is *absent* if the snapshot
 * covers its dot and does not have it: it was removed.
 *
 * No entry is processed from the beginning to the end (core_is_held), and no
 * home settles anything: what is shown in between is true of no moment. Clients
 * may give commands; their entries wait.
 *
 * The facts that come out do not depend on how the work is cut in pieces. It is
 * done in this order, so that clients see no more than they must after each
 * piece:
 *
 *   1  FORGET is merged at once, so that no vector ever names a forgotten run.
 *      Facts of such a run that the sender still has are added all the
 *      same.
 *   2  absent users go; their claims no longer count
 *   3  items are added and merged in their order, owners first. If an item
 *      comes in the place of an absent element (a user's claim or stay on a
 *      channel, a founding of the same cinc), that element goes in the same
 *      piece. So nobody is seen to leave who is back at once.
 *   4  everything else that is absent or void goes
 *
 * Rejected: to drop all that is absent before anything is added. All users
 * with a new nick would be shown by their uid in between.
 */
#include "core/install.h"

#include <stdlib.h>

#include "base/mem.h"
#include "core/client.h"
#include "core/facts/cname.h"
#include "core/facts/facts_write.h"
#include "core/facts/founding.h"
#include "core/facts/masks.h"
#include "core/facts/membership.h"
#include "core/facts/thin.h"
#include "core/facts/unknown.h"
#include "core/part/later.h"
#include "core/settle.h"
#include "core/show/show.h"
#include "core/snapshot.h"
#include "core/types/cost.h"
#include "core/voiding.h"
#include "core/chan_cleanup.h"

#define COST_ADD (10 * COST_VISIT) /* a line is decoded and merged */

struct install *
install_new(struct snap_facts *facts, const struct vector *v,
    const struct vector *cov)
{
	struct install *in = mem_zalloc(sizeof(*in));

	in->facts = facts;
	vector_copy(&in->v, v);
	vector_copy(&in->cov, cov);
	return in;
}

void
install_free(struct core *c, struct install *in)
{
	lines_reader_free(in->reader);
	snap_facts_drop(c, in->facts);
	vector_fini(&in->v);
	vector_fini(&in->cov);
	vector_fini(&in->was);
	free(in);
}

/* Return true if the snapshot covers the dot and lacks it. The vector does not
 * have a run that the snapshot forgets. */
static bool
is_absent(const struct install *in, struct dot dot)
{
	return (dot.n <= vector_get(&in->v, dot.o) ||
		   snap_facts_is_forgotten(in->facts, dot.o)) &&
	       !snap_facts_has(in->facts, dot);
}

static struct origin
key_of(struct sid sid)
{
	return (struct origin){ sid, 1 };
}

/* Return true if the element is in already; all elements of a run that was
 * forgotten before are. */
static bool
is_covered(const struct install *in, struct dot dot)
{
	return dot.n <= vector_get(&in->cov, dot.o) ||
	       dot.o.inc <= vector_get(&in->was, key_of(dot.o.sid));
}

/* ---- the phases: each function does one piece, false if none is left ----- */

/* Look at the object again: some of what goes with it was dropped first. */
static void
again(struct step *st, struct install *in, struct fact_place at)
{
	step_spend(st, COST_THIN);
	in->at = at;
}

/* Return true if some of what goes with the object was dropped. */
static bool
thin_user(const struct step *st, struct user *u)
{
	return !core_mutated(st->facts, SNAP_USERS_WHOLE) &&
	       facts_thin_user(st->facts, u);
}

static bool
thin_member(const struct step *st, struct member *m)
{
	return !core_mutated(st->facts, SNAP_STAYS_WHOLE) &&
	       facts_thin_member(st->facts, m);
}

static bool
thin_founding(const struct step *st, struct founding *g)
{
	return !core_mutated(st->facts, SNAP_CHANS_WHOLE) &&
	       facts_thin_founding(st->facts, g);
}

/* Drop a user, and spend what renames this may cost. */
static void
drop_whole_user(struct step *st, struct install *in, struct user *u)
{
	slice_spend_stays(st, &in->slice, u);
	facts_drop_user(st->facts, u);
}

static bool
drop_user(struct step *st, struct install *in)
{
	struct fact_place at = in->at;
	struct user *u = map_next(&st->facts->users, &in->at.map);

	if (u == NULL || !is_absent(in, u->dot))
		return u != NULL;
	if (thin_user(st, u))
		again(st, in, at);
	else
		drop_whole_user(st, in, u);
	return true;
}

static void
replace_claim(struct step *st, const struct install *in, struct uid uid)
{
	struct user *u = facts_find_uid(st->facts, uid);

	if (u != NULL && u->claimed != NULL &&
	    is_absent(in, user_claim(u).write.dot))
		facts_unclaim(st->facts, u);
}

static bool
replace_stay(struct step *st, const struct install *in,
    const struct part_join *p)
{
	struct user *u = facts_find_uid(st->facts, p->uid);
	struct chan *c = facts_find_chan(st->facts, p->ch.name);
	struct member *m;

	if (u == NULL || c == NULL || (m = facts_find_member(c, u)) == NULL ||
	    !is_absent(in, m->dot))
		return true;
	if (thin_member(st, m))
		return false;
	facts_drop_member(st->facts, m);
	return true;
}

static bool
replace_founding(struct step *st, const struct install *in, const struct ch *ch)
{
	struct chan *c = facts_find_chan(st->facts, ch->name);
	struct founding *g = c == NULL ? NULL : founding_find(c, ch->cinc);

	if (g == NULL || !is_absent(in, g->dot))
		return true;
	if (thin_founding(st, g))
		return false;
	facts_drop_founding(st->facts, g);
	return true;
}

/*
 * The sender of the snapshot has merged this HOME, and what it has not merged
 * of our facts comes to it after the HOME: there it drops the memberships that
 * a former home made (link-protocol.md, 11.24). So they are dropped here, too.
 * Return false if there are more.
 */
static bool
drop_former_stays(struct step *st, const struct install *in,
    const struct part_home *p)
{
	struct user *u = facts_find_uid(st->facts, p->uid);
	size_t left = THIN_MAX;
	struct member *m;

	if (u == NULL || core_mutated(st->facts, SNAP_LATE))
		return true;
	for (struct stays it = stays_of(u); (m = stays_next(&it)) != NULL;) {
		step_spend(st, COST_VISIT);
		if (member_made(m).tenure < p->tenure &&
		    !snap_facts_has(in->facts, m->dot) &&
		    !facts_drop_stay(st->facts, m, &left))
			return false;
	}
	return true;
}

/* Drop the absent element in whose place this one comes. Return false if only
 * some of what goes with it was dropped. */
static bool
replace(struct step *st, const struct install *in, const struct snap_item *item)
{
	const struct part *p = &item->part;

	if (p->id == PART_NICK)
		replace_claim(st, in, p->u.nick.uid);
	else if (p->id == PART_JOIN)
		return replace_stay(st, in, &p->u.join);
	else if (p->id == PART_CHAN)
		return replace_founding(st, in, &p->u.chan.ch);
	else if (p->id == PART_HOME)
		return drop_former_stays(st, in, &p->u.home);
	return true;
}

/* Return the merge of a line. */
static struct merge
merge_of(struct step *st, const struct snap_item *item, struct hint *ignored)
{
	return (struct merge){ .facts = st->facts,
		.hint = ignored,
		.dot = item->dot,
		.stamp = item->stamp,
		.tenure = item->tenure,
		.made = item->made,
		.meant = item->meant,
		.is_snapshot = true };
}

bool
install_merge(struct step *st, const struct snap_item *item, bool has_home)
{
	struct hint ignored = { 0 };
	struct merge m = merge_of(st, item, &ignored);

	m.has_home = has_home;
	if (merge_thin(&m, &item->part))
		return false;
	merge_any(&m, &item->part);
	core_observe(st->core, item->stamp);
	return true;
}

static bool
merge_item(struct step *st, const struct install *in,
    const struct snap_item *item)
{
	return install_merge(st, item,
	    item->part.id == PART_USER &&
		snap_facts_has_home(in->facts, item->part.u.user.uid));
}

void
install_begin(struct step *st, struct install *in)
{
	const struct server *s;
	const struct snap_item *p;

	for (size_t i = 0; (s = map_next(&st->facts->servers, &i)) != NULL;)
		if (s->forget != 0)
			vector_set(&in->was, key_of(s->sid), s->forget);
	for (size_t i = 0; (p = snap_facts_next_forget(in->facts, &i)) != NULL;)
		(void)merge_item(st, in, p);
}

/* Merge the line, unless the element is in already. Return false as
 * merge_item(). */
static bool
is_merged(struct step *st, const struct install *in,
    const struct snap_item *item)
{
	return (snap_item_is_element(item) && is_covered(in, item->dot)) ||
	       merge_item(st, in, item);
}

/* Get the next line to add, if there is none. Return false after the last. */
static bool
has_line(struct install *in)
{
	if (in->reader == NULL)
		in->reader = snap_facts_read(in->facts);
	if (!in->has_line)
		in->has_line = lines_next(in->reader, &in->line);
	return in->has_line;
}

/* Return the channel that the line may show in another incarnation, if it is
 * among the facts already. */
static struct chan *
chan_of(const struct facts *f, const struct part *p)
{
	const struct ch *ch = p->id == PART_JOIN   ? &p->u.join.ch
			      : p->id == PART_CHAN ? &p->u.chan.ch
			      : p->id == PART_CSET ? &p->u.cset.ch
						   : NULL;

	return ch == NULL ? NULL : facts_find_chan(f, ch->name);
}

/* Spend what renames the line may cost. */
static void
spend_names(struct step *st, struct install *in, const struct part *p)
{
	if (later_is(p, &later_builtin[LATER_CNAME]))
		slice_spend_cname(st, &in->slice, p);
	else if (cname_any(st->facts))
		slice_spend_names(st, &in->slice, p, chan_of(st->facts, p),
		    NULL);
}

static bool
add(struct step *st, struct install *in)
{
	struct snap_item item;

	if (!has_line(in))
		return false;
	snap_facts_item(in->line, st->arena, &item);
	step_spend(st, COST_ADD);
	spend_names(st, in, &item.part);
	if (item.part.id != PART_FORGET &&
	    (!replace(st, in, &item) || !is_merged(st, in, &item))) {
		step_spend(st, COST_THIN);
		return true;
	}
	in->has_line = false;
	in->joined = item.part.id == PART_JOIN;
	return true;
}

/* Return true if the next line keeps the membership of the line before unseen.
 * Clients must not be shown that membership in between (doc/decisions/0054). */
static bool
hides_next(struct install *in)
{
	return in->phase == INSTALL_ADD && in->joined && has_line(in) &&
	       span_starts(span_tail(in->line, span_find(in->line, ' ')),
		   SPAN(" +UNSEEN "));
}

static bool
is_void(const struct step *st, const struct user *u, struct origin o)
{
	return facts_is_void_of(st->facts, u, o) &&
	       !core_mutated(st->facts, NO_VOID);
}

static bool
drop_claim(struct step *st, struct install *in)
{
	struct fact_place at = in->at;
	struct user *u = map_next(&st->facts->users, &in->at.map);
	struct home *h;

	if (u == NULL)
		return false;
	if (is_void(st, u, u->dot.o)) {
		if (thin_user(st, u)) {
			again(st, in, at);
			return true;
		}
		drop_whole_user(st, in, u);
	} else if (u->claimed != NULL && is_absent(in, user_claim(u).write.dot))
		facts_unclaim(st->facts, u);
	if ((h = user_home_reg(u)) != NULL)
		h->judged = h->write.tenure;
	return true;
}

static bool
drop_member(struct step *st, struct install *in)
{
	struct fact_place at = in->at;
	struct member *m;

	if (!facts_next_member(st->facts, &in->at.members, &m))
		return false;
	if (m == NULL ||
	    (!is_absent(in, m->dot) && !is_void(st, m->user, m->dot.o)))
		return true;
	if (thin_member(st, m)) {
		again(st, in, at);
		return true;
	}
	slice_spend_goes(st, &in->slice, m->chan, member_cinc(m));
	facts_drop_member(st->facts, m);
	return true;
}

static bool
drop_foundings(struct step *st, struct install *in)
{
	struct fact_place at = in->at;
	struct chan *c = map_next(&st->facts->chans, &in->at.map);
	struct founding *g, *next;

	if (c == NULL)
		return false;
	for (g = founding_first(c); g != NULL; g = next) {
		next = founding_next(g);
		step_spend(st, COST_VISIT);
		if (!is_absent(in, g->dot))
			continue;
		if (thin_founding(st, g)) {
			again(st, in, at);
			return true;
		}
		slice_spend_current(st, &in->slice, c, g->cinc);
		facts_drop_founding(st->facts, g);
	}
	return true;
}

static bool
drop_mask(struct step *st, struct install *in)
{
	struct mask *m = map_next(&st->facts->masks, &in->at.map);

	if (m != NULL && is_absent(in, m->dot))
		facts_drop_mask(st->facts, m);
	return m != NULL;
}

static bool
drop_invite(struct step *st, struct install *in)
{
	struct invite *i = map_next(&st->facts->invites, &in->at.map);

	if (i != NULL &&
	    (is_absent(in, i->dot) || is_void(st, i->user, i->dot.o)))
		facts_drop_invite(st->facts, i);
	return i != NULL;
}

/* Drop an element of a later verb. A membership may be seen from now on. */
static void
drop_element(struct step *st, struct unknown *x)
{
	const struct member *m = unknown_hidden_by(st->facts, x->write.dot);

	step_spend(st, COST_PART);
	if (m != NULL)
		step_spend(st, COST_LINE + m->chan->nlocal * COST_SEND);
	unknown_drop(st->facts, x);
}

static bool
drop_unknown(struct step *st, struct install *in)
{
	struct unknown *x = unknown_next_element(st->facts, &in->at.map);

	if (x != NULL &&
	    (is_absent(in, x->write.dot) ||
		(x->mortal && facts_is_void(st->facts, x->write.dot.o))))
		drop_element(st, x);
	return x != NULL;
}

static bool (*const piece[INSTALL_DONE])(struct step *, struct install *) = {
	[INSTALL_USERS] = drop_user,
	[INSTALL_ADD] = add,
	[INSTALL_CLAIMS] = drop_claim,
	[INSTALL_MEMBERS] = drop_member,
	[INSTALL_CHANS] = drop_foundings,
	[INSTALL_MASKS] = drop_mask,
	[INSTALL_INVITES] = drop_invite,
	[INSTALL_UNKNOWNS] = drop_unknown,
};

bool
install_piece(struct step *st, struct install *in)
{
	/* what a READY or FORGET of it made void must not meet the next one */
	if (voiding_piece(st))
		return true;
	step_spend(st, COST_VISIT);
	if (piece[in->phase](st, in))
		return true;
	in->phase++;
	in->at = (struct fact_place){ 0 };
	return in->phase != INSTALL_DONE;
}

/* ---- in slices ----------------------------------------------------------- */

void
install_end(struct step *st)
{
	client_end_gone(st);
	show_step(st);
	settle(st);
	chan_cleanup_surplus(st);
}

void
install_run(struct work_item *item, void *ctx)
{
	struct step *st = ctx;
	struct core *c = st->core;
	struct install *in = TAILQ_FIRST(&c->installs);
	bool more;

	slice_begin(st, &in->slice);
	do
		more = install_piece(st, in);
	while (more && (work_has_left(&c->work) || hides_next(in)));
	if (!more) {
		TAILQ_REMOVE(&c->installs, in, link);
		install_free(c, in);
	}
	if (TAILQ_EMPTY(&c->installs)) {
		install_end(st);
		return;
	}
	client_end_gone(st);
	show_step(st);
	work_add(&c->work, item);
}

/* ---- what a snapshot must have ------------------------------------------- */

/* Return true if the snapshot has a READY of a run of that sid from inc on. */
static bool
has_ready(const struct vector *ready, struct sid sid, uint64_t inc)
{
	size_t n;
	const struct vector_item *run = vector_runs(ready, sid, &n);

	return run != NULL && run[n - 1].o.inc >= inc;
}

/* Return true if only an entry of its own server could have removed the user,
 * and the snapshot knows of none that is not here. */
static bool
must_be_in(const struct core *c, const struct user *u, const struct vector *v,
    const struct vector *cov)
{
	struct origin o = u->dot.o;
	uint64_t n = vector_get(v, o);

	/* a home that is not known here may have removed a user with a HOME */
	return u->dot.n <= n && n <= vector_get(cov, o) &&
	       user_home_reg(u) == NULL && !facts_is_void(&c->facts, o);
}

static bool
loses_ready(const struct core *c, const struct vector *v,
    const struct vector *ready)
{
	const struct server *s;

	for (size_t i = 0; (s = map_next(&c->facts.servers, &i)) != NULL;)
		if (s->ready > s->forget &&
		    s->ready_dot.n <= vector_get(v, s->ready_dot.o) &&
		    !has_ready(ready, s->sid, s->ready))
			return true;
	return false;
}

#define LOSES_STEP 1024 /* users that a call looks at */

enum install_loss
core_install_loses(struct core *c, const struct snap_facts *facts,
    const struct vector *v, const struct vector *cov,
    const struct vector *ready, size_t *at)
{
	const struct user *u;

	if (*at == 0 && loses_ready(c, v, ready))
		return INSTALL_LOSES;
	for (unsigned n = 0; n < LOSES_STEP; n++) {
		core_spend(c, COST_VISIT);
		u = map_next(&c->facts.users, at);
		if (u == NULL)
			return INSTALL_LOSES_NOTHING;
		if (must_be_in(c, u, v, cov) &&
		    !snap_facts_has(facts, u->dot) &&
		    !has_ready(ready, u->dot.o.sid, u->dot.o.inc + 1ull) &&
		    !snap_facts_is_forgotten(facts, u->dot.o))
			return INSTALL_LOSES;
	}
	return INSTALL_MAY_LOSE;
}
