/*
 * The model: FORGET(sid, inc, had) is a fact. A server that has processed it
 * counts all runs of sid up to inc as complete, whatever their numbers. So it
 * can drop them from its vectors at once, and words of others about these runs
 * mean nothing to it. A server that has not processed it goes on as before. The
 * two get along, because a peer shows by its vector whether it has the FORGET,
 * which is in an entry like any other.
 *
 * Two things could go wrong when entries leave the log and words leave the
 * vectors:
 *
 * - A newcomer that takes the log from its start would lack some facts of those
 *   entries that did not become void: topics, modes, masks. So a peer that has
 *   less than `had`, and lacks the FORGET, gets a snapshot: forget_lacks().
 * - A server that was away while everything seemed whole may have entries that
 *   no other server will ever take. Its facts would differ for ever. It shows
 *   this by a number above `had` and is refused: forget_judge(). If it gets the
 *   FORGET first, it refuses the FORGET: forget_check().
 *
 * Rejected: to keep the numbers for good, since a network of twenty servers
 * that start once a day would use up all vectors in a year. To forget without
 * `had`, since a topic would differ for ever, unnoticed. To make a second entry
 * for the vectors alone, since it would need all of this, too.
 */
#include "link/forgetting/forget.h"

#include "link/state.h"
#include "link/words.h"

/* Longest chain of FORGETs that were each made by a run which the next forgets:
 * a peer with the last one has the others (link-protocol.md, 11.14). */
#define CHAIN_MAX 16

bool
forget_is(const struct link_net *net, struct origin o)
{
	return core_forget_count(net->core) != 0 &&
	       o.inc <= core_forgotten(net->core, o.sid).inc;
}

void
forget_strip(const struct link_net *net, struct vector *x)
{
	struct sid sid;

	for (size_t i = x->n; i-- > 0;)
		if (i < x->n && forget_is(net, x->v[i].o)) {
			sid = x->v[i].o.sid;
			vector_forget(x, sid,
			    core_forgotten(net->core, sid).inc);
		}
}

bool
forget_covers(const struct link_net *net, const struct vector *x)
{
	for (size_t i = 0; i < x->n; i++)
		if (x->v[i].n > vector_get(&net->log.have, x->v[i].o) &&
		    !forget_is(net, x->v[i].o))
			return false;
	return true;
}

bool
forget_is_processed(const struct link_net *net, const struct vector *x)
{
	for (size_t i = 0; i < x->n; i++)
		if (x->v[i].n > log_covered(&net->log, x->v[i].o) &&
		    !forget_is(net, x->v[i].o))
			return false;
	return true;
}

static bool
peer_has(const struct link_net *net, const struct link *l, struct dot dot)
{
	for (int i = 0; i < CHAIN_MAX && forget_is(net, dot.o); i++)
		dot = core_forgotten(net->core, dot.o.sid).dot;
	return vector_get(&l->ph, dot.o) >= dot.n;
}

bool
forget_lacks(const struct link_net *net, const struct link *l)
{
	struct forgotten f;
	struct vector had = { 0 };
	bool lacks = false;

	/* one snapshot is enough, whatever a faulty peer says afterwards */
	if (l->forgets == core_forget_count(net->core) ||
	    mutated(net, MUT_FORGET_NO_SNAPSHOT))
		return false;
	for (size_t i = 0; !lacks && core_forgotten_next(net->core, &i, &f);) {
		vector_clear(&had);
		lacks = !peer_has(net, l, f.dot) &&
			vector_parse(f.had, LINK_ORIGINS_MAX, &had) &&
			!vector_le(&had, &l->ph);
	}
	vector_fini(&had);
	return lacks;
}

bool
forget_judge(const struct link_step *st, struct link *l, struct origin o,
    uint64_t n)
{
	const struct link_net *net = st->net;
	struct vector had = { 0 };
	struct forgotten f;
	bool more;

	if (!forget_is(net, o))
		return false;
	f = core_forgotten(net->core, o.sid);
	more = f.has_had && vector_parse(f.had, LINK_ORIGINS_MAX, &had) &&
	       n > vector_get(&had, o);
	vector_fini(&had);
	if (more)
		forget_refuse(st, l,
		    "more entries of a forgotten run than its FORGET counts");
	return more;
}

bool
forget_judge_all(const struct link_step *st, struct link *l,
    const struct vector *x)
{
	for (size_t i = 0; i < x->n; i++)
		if (forget_judge(st, l, x->v[i].o, x->v[i].n))
			return true;
	return false;
}

/* ---- a FORGET that comes ------------------------------------------------- */

/* Return true if had counts all entries of these runs that are here. */
static bool
is_all(const struct link_net *net, const struct part_forget *p,
    const struct vector *had)
{
	size_t n;
	const struct vector_item *run = vector_runs(&net->log.have, p->sid, &n);

	for (size_t i = 0; i < n && run[i].o.inc <= p->inc; i++)
		if (run[i].n > vector_get(had, run[i].o))
			return false;
	return true;
}

/* Return true if had names only runs that the FORGET forgets. */
static bool
is_of(const struct part_forget *p, const struct vector *had)
{
	for (size_t i = 0; i < had->n; i++)
		if (sid_cmp(had->v[i].o.sid, p->sid) != 0 ||
		    had->v[i].o.inc > p->inc)
			return false;
	return true;
}

const char *
forget_check(const struct link_net *net, const struct part_forget *p)
{
	const struct map_server *s = netmap_find(&net->map, p->sid);
	struct vector had = { 0 };
	const char *why = NULL;

	if (p->inc <= core_forgotten(net->core, p->sid).inc)
		return NULL;
	if ((s != NULL && s->reachable && s->lsa.o.inc <= p->inc) ||
	    (sid_cmp(p->sid, net->self.sid) == 0 && p->inc >= net->self.inc))
		return "a FORGET names a server that is on the network";
	if (!p->had.present)
		return NULL;
	if (!vector_parse(p->had.s, LINK_ORIGINS_MAX, &had) || !is_of(p, &had))
		why = "expected a FORGET with a vector of the runs that it "
		      "forgets";
	else if (!is_all(net, p, &had))
		why = "a FORGET counts fewer entries than there are";
	vector_fini(&had);
	return why;
}

/* Return true if had counts entries that are not here yet. The maker of the
 * FORGET had them, so they must come before it. */
static bool
has_gap(const struct link_net *net, const struct part_forget *p)
{
	struct vector had = { 0 };
	bool gap = vector_parse(p->had.s, LINK_ORIGINS_MAX, &had) &&
		   !forget_covers(net, &had);

	vector_fini(&had);
	return gap;
}

/* Return the greatest inc of that sid that this server knows of; 0: none. */
static uint32_t
last_run(const struct link_net *net, struct sid sid)
{
	const struct map_server *s = netmap_find(&net->map, sid);
	uint32_t last = core_ready_inc(net->core, sid);
	size_t n;
	const struct vector_item *run = vector_runs(&net->log.have, sid, &n);

	if (s != NULL && s->lsa.o.inc > last)
		last = s->lsa.o.inc;
	if (n > 0 && run[n - 1].o.inc > last)
		last = run[n - 1].o.inc;
	return last;
}

bool
forget_is_of_the_future(const struct link_net *net, const struct part_forget *p)
{
	uint32_t last = last_run(net, p->sid);

	return last != 0 && last < p->inc;
}

/*
 * Return true if a FORGET that came as an entry names a run that nobody can
 * know: it is newer than any that this server knows of, and had does not count
 * it. An honest maker knows the run from a link state, which is sent before
 * entries, or from entries of the run, which had counts and which come before
 * the FORGET.
 */
static bool
is_unheard(const struct link_net *net, const struct part_forget *p)
{
	struct vector had = { 0 };
	size_t n;
	const struct vector_item *run;
	bool named;

	if (!forget_is_of_the_future(net, p))
		return false;
	named = vector_parse(p->had.s, LINK_ORIGINS_MAX, &had) &&
		(run = vector_runs(&had, p->sid, &n)) != NULL && n > 0 &&
		run[n - 1].o.inc >= p->inc;
	vector_fini(&had);
	return !named;
}

bool
forget_judge_entry(const struct link_step *st, struct link *l,
    const struct entry *e)
{
	const char *why = NULL;
	struct arena *arena;
	struct part *part;
	bool gap = false;

	if (!e->has_forget)
		return false;
	arena = arena_new(4096);
	part = entry_parts(e, arena);
	for (size_t i = 0; i < e->nparts && why == NULL; i++) {
		if (part[i].id != PART_FORGET)
			continue;
		why = is_unheard(st->net, &part[i].u.forget)
			  ? FORGET_UNKNOWN_RUN
			  : forget_check(st->net, &part[i].u.forget);
		gap = gap || has_gap(st->net, &part[i].u.forget);
	}
	arena_free(arena);
	if (why != NULL)
		forget_refuse(st, l, why);
	else if (gap)
		link_refuse(st, l, "gap",
		    "a FORGET came before entries that it counts");
	return why != NULL || gap;
}

void
forget_refuse(const struct link_step *st, struct link *l, const char *why)
{
	effects_logf(st->fx, LOG_FORGOTTEN_ALIVE, { "server", link_name(l) });
	link_refuse(st, l, "forgotten", why);
}

/* ---- taking runs out ----------------------------------------------------- */

static void
sweep_links(const struct link_step *st, const struct forgotten *f)
{
	struct link_net *net = st->net;

	for (size_t i = 0; i < net->nlink; i++) {
		struct link *l = net->link[i];

		vector_forget(&l->told, f->sid, f->inc);
		vector_forget(&l->skip, f->sid, f->inc);
		/* ph shows what the peer lacks until it has the FORGET */
		if (peer_has(net, l, f->dot))
			vector_forget(&l->ph, f->sid, f->inc);
		l->checked = false; /* it may lack this FORGET */
		if (link_is_edge(l) && forget_is(net, l->o))
			forget_refuse(st, l,
			    "the run of the peer is forgotten");
	}
}

/* Return true if there was something to take out. */
static bool
sweep(const struct link_step *st, const struct forgotten *f)
{
	struct link_net *net = st->net;
	size_t origins = net->log.have.n;
	bool known = netmap_forget(&net->map, f->sid, f->inc);

	net->map_changed = net->map_changed || known;
	log_forget(&net->log, f->sid, f->inc);
	vector_forget(&net->heads, f->sid, f->inc);
	vector_forget(&net->map_heads, f->sid, f->inc);
	vector_forget(&net->first_has, f->sid, f->inc);
	sweep_links(st, f);
	if (origins == net->log.have.n && !known)
		return false;
	effects_logf(st->fx, LOG_FORGOTTEN, { "sid", sid_span(&f->sid) },
	    { "inc", num_text(st, f->inc) });
	return true;
}

void
forget_sweep(const struct link_step *st)
{
	struct link_net *net = st->net;
	struct forgotten f;
	bool any = false;

	/* the entry that is applied in part may be of a run that it forgets */
	if (net->forgets == core_forget_count(net->core) ||
	    core_is_applying(net->core))
		return;
	net->forgets = core_forget_count(net->core);
	for (size_t i = 0; core_forgotten_next(net->core, &i, &f);)
		any = sweep(st, &f) || any;
	net->covered_changed = net->covered_changed || any;
	net->retire_look = net->retire_look || any;
}
