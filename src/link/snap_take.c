/*
 * The receiver checks the whole snapshot before it takes anything. If it would
 * leave a gap, the link is refused and nothing changes.
 */
#include "link/snap_take.h"

#include "core/snap_facts.h"
#include "link/ask.h"
#include "link/defer.h"
#include "link/forget.h"
#include "link/forged.h"
#include "link/sid_collision.h"
#include "link/snap_in.h"
#include "link/state.h"
#include "link/words.h"

/* Return NULL, or why the snapshot does not fit (link-protocol.md, 8.6).
 * *origins is how many origins have would have. */
static const char *
check(const struct link_net *net, const struct snap_in *in, size_t *origins)
{
	struct vector have = { 0 };
	const char *why = NULL;

	if (forged_in_vector(net, &in->v) ||
	    sid_collision_in_vector(net, &in->v))
		return "END names more entries of this server than it has made";
	vector_copy(&have, &net->log.have);
	vector_raise_all(&have, &in->f);
	for (size_t i = 0; i < in->nentry && why == NULL; i++) {
		const struct entry *e = in->entry[i];
		uint64_t n = vector_get(&have, e->o);

		if (forget_is(net, e->o))
			continue;
		if (forged_is(net, e->o, e->n) ||
		    sid_collision_in_origin(net, e->o, e->n))
			why =
			    "it carries an entry that this server has not made";
		else if (e->n > vector_get(&in->v, e->o))
			why = "a carried entry is beyond END";
		else if (e->n > n + 1)
			why = "a carried entry is missing";
		else
			vector_raise(&have, e->o, e->n);
	}
	for (size_t i = 0; i < in->v.n; i++)
		if (forget_is(net, in->v.v[i].o))
			vector_raise(&have, in->v.v[i].o, in->v.v[i].n);
	if (why == NULL && !vector_le(&in->v, &have))
		why = "the carried entries do not reach END";
	*origins = have.n;
	vector_fini(&have);
	return why;
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
	    { "from", num_text(st, have + 1) }, { "to", num_text(st, f) });
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

static void
take(const struct link_step *st, struct link *l, struct snap_in *in)
{
	struct link_net *net = st->net;
	struct vector cov = { 0 }, none = { 0 };

	log_covered_all(&net->log, &cov);
	tell_forgotten(st, in);
	core_install(net->core, st->ev, in->facts,
	    mutated(net, MUT_SNAP_NO_DROP) ? &none : &in->v, &cov, st->fx);
	in->facts = NULL;
	vector_fini(&cov);
	forget_sweep(st);
	forget_strip(net, &in->v);
	forget_strip(net, &in->f);
	for (size_t i = 0; i < in->f.n; i++)
		jump(st, in->f.v[i].o, in->f.v[i].n);
	if (!mutated(net, MUT_SNAP_NO_MERGED))
		vector_raise_all(&net->log.merged, &in->v);
	for (size_t i = 0; i < in->nentry; i++) {
		struct entry *e = in->entry[i];

		vector_raise(&l->ph, e->o, e->n);
		if (forget_is(net, e->o))
			continue;
		if (e->n == vector_get(&net->log.have, e->o) + 1)
			net_accept(st, entry_ref(e));
	}
	if (!mutated(net, MUT_SNAP_PH_RECEIVER))
		vector_raise_all(&l->ph, &in->v);
	net->covered_changed = true;
}

bool
snap_judge(struct snap_in *in)
{
	struct vector cov = { 0 };

	log_covered_all(&in->net->log, &cov);
	in->loss = core_install_loses(in->net->core, in->facts, &in->v, &cov,
	    &in->ready, &in->judged);
	vector_fini(&cov);
	return in->loss != INSTALL_MAY_LOSE;
}

void
snap_judge_again(struct snap_in *in)
{
	in->judged = 0;
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

void
snap_take(const struct link_step *st, struct link *l)
{
	struct snap_in *in = l->in;
	size_t origins = 0;
	const char *why = check(st->net, in, &origins);
	const char *forgets = check_forgets(st->net, in);

	l->in = NULL;
	if (forgets != NULL)
		forget_refuse(st, l, forgets);
	else if (why != NULL) {
		link_refuse(st, l, "snapshot", why);
		if (forged_in_vector(st->net, &in->v))
			forged_renew(st);
	} else if (origins > LINK_ORIGINS_MAX)
		link_refuse_bounds(st, l, "there are too many origins",
		    LINK_ORIGINS_MAX, "origins");
	else if (core_is_full(st->net->core))
		net_refuse_full(st, l);
	else if (!judge_runs(st, l, in, &in->v) ||
		 !judge_runs(st, l, in, &in->ready) || !judge_loss(st, l, in)) {
		/* the link is refused */
	} else if (!forget_judge_all(st, l, &in->v)) {
		ask_taken(st->net);
		l->snaps_in++;
		st->net->counts.snaps_in++;
		effects_logf(st->fx, LOG_SNAPSHOT_TAKEN,
		    { "server", link_name(l) },
		    { "facts", num_text(st, snap_facts_count(in->facts)) },
		    { "entries", num_text(st, in->nentry) });
		take(st, l, in);
	}
	snap_in_free(in);
}
