/*
 * The receiver checks the whole snapshot before it takes anything. If it would
 * leave a gap, the link is refused and nothing changes.
 *
 * A snapshot carries entries, as many as the log of the sender has, so they are
 * checked and accepted in slices. No entry is processed from the beginning of
 * the check to the last one that is accepted (net->judges), and the facts come
 * behind them. So:
 *
 *   - an entry that is made here meanwhile knows nothing of the snapshot. It
 *     may stand before a carried entry in the log, as the two are concurrent;
 *   - an entry that another link brings meanwhile has what it depends on before
 *     it, as ever, and is accepted once;
 *   - have is raised entry by entry, so that no neighbour believes that this
 *     server has what is not in its log. The jump alone is at once, and the
 *     FORGETs are merged before it: what a carried entry depends on may be of a
 *     forgotten run.
 *
 * The snapshot belongs to the net from the jump on (net->taking). If its link
 * ends then, it is taken all the same: without the facts, the jump would be a
 * loss.
 *
 * Rejected: to take the facts in before the entries. Clients would see them,
 * and what they do about them would stand before the entries that it depends
 * on.
 */
#include "link/snapshots/snap_take.h"

#include "core/snap_facts.h"
#include "core/types/cost.h"
#include "link/forgetting/forget.h"
#include "link/snapshots/ask.h"
#include "link/snapshots/snap_in.h"
#include "link/state.h"
#include "link/trust/defer.h"
#include "link/trust/forged.h"
#include "link/trust/sid_collision.h"
#include "link/words.h"

#define TAKE_MIN 16 /* carried entries that a call looks at in any case */

/* ---- what does not fit (link-protocol.md, 8.6) --------------------------- */

static const char *
check_begin(struct snap_in *in)
{
	log_covered_all(&in->net->log, &in->cov);
	if (forged_in_vector(in->net, &in->v) ||
	    sid_collision_in_vector(in->net, &in->v))
		return "END names more entries of this server than it has made";
	vector_copy(&in->had, &in->net->log.have);
	vector_raise_all(&in->had, &in->f);
	return NULL;
}

/* Return NULL, or why the next carried entry does not fit. */
static const char *
check_entry(struct snap_in *in, const struct entry *e)
{
	uint64_t n = vector_get(&in->had, e->o);

	if (forget_is(in->net, e->o))
		return NULL;
	if (forged_is(in->net, e->o, e->n) ||
	    sid_collision_in_origin(in->net, e->o, e->n))
		return "it carries an entry that this server has not made";
	if (e->n > vector_get(&in->v, e->o))
		return "a carried entry is beyond END";
	if (e->n > n + 1)
		return "a carried entry is missing";
	vector_raise(&in->had, e->o, e->n);
	return NULL;
}

static const char *
check_end(struct snap_in *in)
{
	for (size_t i = 0; i < in->v.n; i++)
		if (forget_is(in->net, in->v.v[i].o))
			vector_raise(&in->had, in->v.v[i].o, in->v.v[i].n);
	return vector_le(&in->v, &in->had)
		   ? NULL
		   : "the carried entries do not reach END";
}

/* Return true if a call that has looked at n entries may look at more. */
static bool
may_go_on(const struct link_step *st, size_t n)
{
	return n < TAKE_MIN || core_may_apply(st->net->core, st->ev);
}

/* Go on with it. Return true if it is done, and set in->why. */
static bool
check_some(const struct link_step *st, struct snap_in *in)
{
	if (in->checked == 0)
		in->why = check_begin(in);
	for (size_t n = 0; may_go_on(st, n) && in->why == NULL; n++) {
		if (in->checked == in->nentry)
			break;
		core_spend(in->net->core, COST_VISIT);
		in->why = check_entry(in, in->entry[in->checked++]);
	}
	if (in->why != NULL)
		return true;
	if (in->checked < in->nentry)
		return false;
	in->why = check_end(in);
	return true;
}

/* Return true if the map names all these runs, and not too many are of one
 * server (link-protocol.md, 8.18). If not, refuse the link. */
static bool
judge_runs(const struct link_step *st, struct link *l, const struct snap_in *in,
    const struct vector *v)
{
	size_t runs = 0;

	for (size_t i = 0; i < v->n; i++) {
		struct origin o = v->v[i].o;

		if (i == 0 || sid_cmp(v->v[i - 1].o.sid, o.sid) != 0)
			runs = 0;
		if (snap_facts_is_forgotten(in->facts, o) ||
		    forget_is(st->net, o))
			continue;
		if (!defer_knows_run(st->net, l, o))
			link_refuse(st, l, "doubt",
			    "a snapshot has a run that nobody else sees");
		else if (++runs > DEFER_RUNS_MAX)
			link_refuse_bounds(st, l, "runs of one server",
			    DEFER_RUNS_MAX, "runs");
		if (l->state == LINK_DEAD)
			return false;
	}
	return true;
}

static const char *
check_forgets(const struct link_net *net, const struct snap_in *in)
{
	const struct snap_item *p;
	const char *why = NULL;
	size_t i = 0;

	while (why == NULL &&
	       (p = snap_facts_next_forget(in->facts, &i)) != NULL)
		why = forget_is_of_the_future(net, &p->part.u.forget)
			  ? FORGET_UNKNOWN_RUN
			  : forget_check(net, &p->part.u.forget);
	return why;
}

/* Count the entries that are jumped, and tell the operator. A server that is
 * not READY yet counts nothing (link-protocol.md, 8.9). */
static void
tell_jump(const struct link_step *st, struct origin o, uint64_t f)
{
	struct link_net *net = st->net;
	uint64_t have = vector_get(&net->log.done, o);
	struct writer w;

	if (!core_is_ready(net->core))
		return;
	net->counts.jumped += f - have;
	writer_init_arena(&w, st->fx->arena, 64);
	write_origin(&w, o);
	effects_logf(st->fx, LOG_JUMPED, { "origin", writer_done(&w) },
	    { "first", num_text(st, have + 1) }, { "last", num_text(st, f) });
}

bool
snap_jumps_pending(const struct link_net *net, const struct snap_in *in)
{
	const struct log *log = &net->log;

	for (size_t i = 0; i < in->f.n; i++) {
		uint64_t have = vector_get(&log->have, in->f.v[i].o);

		if (in->f.v[i].n > have &&
		    vector_get(&log->done, in->f.v[i].o) < have)
			return true;
	}
	return false;
}

static void
jump(const struct link_step *st, struct origin o, uint64_t f)
{
	struct log *log = &st->net->log;

	if (f <= vector_get(&log->have, o))
		return;
	tell_jump(st, o, f);
	log_jump(log, o, f);
}

/* Count the entries of runs that the snapshot forgets and that are not here:
 * they will never come (link-protocol.md, 11.14). */
static void
tell_forgotten(const struct link_step *st, const struct snap_in *in)
{
	struct link_net *net = st->net;
	const struct snap_item *p;
	struct vector had = { 0 };

	for (size_t i = 0;
	     (p = snap_facts_next_forget(in->facts, &i)) != NULL;) {
		vector_clear(&had);
		vector_parse(p->part.u.forget.had.s, LINK_ORIGINS_MAX, &had);
		for (size_t k = 0; k < had.n; k++)
			if (!forget_is(net, had.v[k].o) &&
			    had.v[k].n > vector_get(&net->log.have, had.v[k].o))
				tell_jump(st, had.v[k].o, had.v[k].n);
	}
	vector_fini(&had);
}

/* ---- taking it ----------------------------------------------------------- */

/* Give the facts to the core, which waits for the entries, and jump
 * (link-protocol.md, 8.7 and 8.9). */
static void
take_begin(const struct link_step *st, struct link *l, struct snap_in *in)
{
	struct link_net *net = st->net;
	struct vector none = { 0 };

	in->from = l->conn;
	net->counts.snaps_in++;
	effects_logf(st->fx, LOG_SNAPSHOT_TAKEN, { "server", link_name(l) },
	    { "facts", num_text(st, snap_facts_count(in->facts)) },
	    { "entries", num_text(st, in->nentry) });
	tell_forgotten(st, in);
	core_install(net->core, st->ev, in->facts,
	    mutated(net, MUT_SNAP_NO_DROP) ? &none : &in->v, &in->cov, st->fx);
	in->facts = NULL;
	forget_sweep(st);
	forget_strip(net, &in->v);
	forget_strip(net, &in->f);
	for (size_t i = 0; i < in->f.n; i++)
		jump(st, in->f.v[i].o, in->f.v[i].n);
	net->taking = in;
}

/* Accept the next carried entry, if it has not come on another link. */
static void
take_entry(const struct link_step *st, struct link *l, struct snap_in *in)
{
	struct entry *e = in->entry[in->taken++];

	if (l != NULL)
		vector_raise(&l->ph, e->o, e->n);
	if (!forget_is(st->net, e->o) &&
	    e->n == vector_get(&st->net->log.have, e->o) + 1)
		net_accept(st, entry_ref(e));
}

/* All carried entries are in the log: let the core take the facts in. */
static void
take_end(const struct link_step *st, struct link *l, struct snap_in *in)
{
	struct link_net *net = st->net;

	if (!mutated(net, MUT_SNAP_NO_MERGED))
		vector_raise_all(&net->log.merged, &in->v);
	if (l != NULL && !mutated(net, MUT_SNAP_PH_RECEIVER))
		vector_raise_all(&l->ph, &in->v);
	if (l != NULL) {
		l->snaps_in++;
		l->ended_in = false;
	}
	net->covered_changed = true;
	core_install_go(net->core, st->ev, st->fx);
	ask_taken(net);
	net->taking = NULL;
	snap_in_free(in);
}

bool
snap_take_on(const struct link_step *st)
{
	struct snap_in *in = st->net->taking;
	struct link *l = net_link(st->net, in->from);

	if (l != NULL)
		ask_progress(st, l);
	for (size_t n = 0; may_go_on(st, n) && in->taken < in->nentry; n++) {
		core_spend(st->net->core, 2 * COST_VISIT);
		take_entry(st, l, in);
	}
	if (in->taken < in->nentry)
		return false;
	take_end(st, l, in);
	return true;
}

/* ---- judging it ---------------------------------------------------------- */

bool
snap_judge(const struct link_step *st, struct snap_in *in)
{
	if (in->judged == 0 && !check_some(st, in))
		return false;
	if (in->why != NULL)
		return true;
	in->loss = core_install_loses(in->net->core, in->facts, &in->v,
	    &in->cov, &in->ready, &in->judged);
	return in->loss != INSTALL_MAY_LOSE;
}

void
snap_judge_again(struct snap_in *in)
{
	in->checked = in->judged = 0;
	in->why = NULL;
}

/* Return false, and refuse the link, if the snapshot drops what nobody has
 * removed (link-protocol.md, 8.19). */
static bool
judge_loss(const struct link_step *st, struct link *l, const struct snap_in *in)
{
	bool loses = in->loss != INSTALL_LOSES_NOTHING;

	if (loses)
		link_refuse(st, l, "snapshot",
		    "the snapshot lacks users or servers that nobody has "
		    "removed");
	return !loses;
}

/* Return true if nothing speaks against taking the snapshot, or refuse the
 * link. */
static bool
may_take(const struct link_step *st, struct link *l, const struct snap_in *in)
{
	struct link_net *net = st->net;
	const char *forgets = check_forgets(net, in);

	if (forgets != NULL)
		forget_refuse(st, l, forgets);
	else if (in->why != NULL) {
		link_refuse(st, l, "snapshot", in->why);
		if (forged_in_vector(net, &in->v))
			forged_renew(st);
	} else if (in->had.n > LINK_ORIGINS_MAX)
		link_refuse_bounds(st, l, "there are too many origins",
		    LINK_ORIGINS_MAX, "origins");
	else if (core_is_full(net->core))
		net_refuse_full(st, l);
	else
		return judge_runs(st, l, in, &in->v) &&
		       judge_runs(st, l, in, &in->ready) &&
		       judge_loss(st, l, in) &&
		       !forget_judge_all(st, l, &in->v);
	return false;
}

void
snap_take(const struct link_step *st, struct link *l)
{
	struct snap_in *in = l->in;

	l->in = NULL;
	if (may_take(st, l, in))
		take_begin(st, l, in);
	else
		snap_in_free(in);
}
