/*
 * Two kinds of runs are retired (link-protocol.md, 11.10):
 *
 * - all runs of a server that is not reachable, if the operator asked for it,
 *   or if the server has not been reachable for forget_s, or for a thirtieth
 *   of that if no server has ever reached it (ghost.h);
 * - former runs of a server, which are void by READY, if the next run began
 *   forget_s ago, if there are more than RUNS_MAX of them, or if the operator
 *   asked for it.
 *
 * A FORGET says how many entries there were of each run. That is right only if
 * no server has more. So a FORGET is made only when, for QUIET_KEEPS x KEEP, no
 * server was missing except those that go: every other sid of the map was
 * visible and reachable, and every other origin was visible or void (11.11). By
 * then all entries in flight have arrived, and a server with more entries is in
 * the map and would be missing. Entries that still wait behind a slow link are
 * found by a census (census.h). If such a server turns up later all the same,
 * it is refused (forget.c).
 *
 * The next FORGET of a sid waits as long again. `had` has room for the newest
 * runs only, so a server that has neither FORGET would seem to have more than
 * there was. All servers must have had the time to take the first one.
 *
 * All servers see the same, so the one with the least sid makes the FORGET
 * first. Each other server waits one KEEP more than the one before it.
 */
#include "link/forgetting/retire.h"

#include <stdlib.h>

#include "base/mem.h"
#include "link/forgetting/census.h"
#include "link/forgetting/forget.h"
#include "link/map/ghost.h"
#include "link/state.h"
#include "link/words.h"

#define QUIET_KEEPS 3
#define RUNS_MAX 64	/* void runs of one server that may stay */
#define AT_ONCE_MAX 400 /* runs in one FORGET, which is one line of text */

struct retiring {
	struct sid sid;
	uint32_t asked; /* the operator asked up to this inc; 0: not */
	uint32_t inc;	/* to be forgotten up to this inc; 0: nothing */
	uint32_t after; /* forgotten so far up to this inc */
	bool whole;	/* all runs go, not only former ones */
	bool soon;	/* they go as those of a ghost (ghost.h) */
	/* awake: since when no other server is missing; or never */
	struct mono since;
	struct census census;
	/* awake: when our operator is told of the servers that do not answer;
	 * or never, if none are asked */
	struct mono tell_at;
};

/* The runs of one sid that this server knows. */
struct runs {
	struct sid sid;
	const struct map_server *server; /* NULL: not in the map */
	const struct vector_item *v;	 /* the runs in have, ascending */
	size_t n;
	uint32_t newest;
};

static struct runs
runs_of(const struct link_net *net, struct sid sid)
{
	struct runs r = { .sid = sid, .server = netmap_find(&net->map, sid) };

	r.v = vector_runs(&net->log.have, sid, &r.n);
	if (r.n > 0)
		r.newest = r.v[r.n - 1].o.inc;
	if (r.server != NULL && r.server->lsa.o.inc > r.newest)
		r.newest = r.server->lsa.o.inc;
	return r;
}

static bool
is_here(const struct runs *r)
{
	return r->server != NULL && r->server->reachable;
}

/* Return true if the server is in the map or in have and is not visible, or
 * cannot be reached: other servers may lack entries of it, or it may lack
 * theirs. */
static bool
is_missing(const struct link_net *net, const struct runs *r)
{
	if (r->server != NULL && !map_server_is_there(r->server))
		return true;
	for (size_t i = 0; i < r->n; i++)
		if ((r->server == NULL ||
			r->server->visible != r->v[i].o.inc) &&
		    !core_is_void(net->core, r->v[i].o))
			return true;
	return false;
}

static bool
is_long(const struct link_net *net, int64_t seconds)
{
	return net->set->forget_s != 0 && seconds >= net->set->forget_s;
}

/* Return the inc of the newest void run that may go, or 0. */
static uint32_t
old_runs(const struct link_step *st, const struct runs *r, uint32_t asked)
{
	const struct link_net *net = st->net;
	int64_t now_s = st->ev->wall.ms / MS_PER_S;
	uint32_t inc = 0;

	for (size_t i = 0; i + 1 < r->n; i++) {
		if (r->v[i].o.inc >= core_ready_inc(net->core, r->sid))
			break;
		if (r->v[i].o.inc <= asked ||
		    (r->n - i > RUNS_MAX &&
			!mutated(net, MUT_FORMER_RUNS_STAY)) ||
		    is_long(net, now_s - r->v[i + 1].o.inc))
			inc = r->v[i].o.inc;
	}
	return inc;
}

/* Set inc, whole and soon of *d. */
static void
judge(const struct link_step *st, const struct runs *r, struct retiring *d)
{
	int64_t gone_s = 0;

	if (r->server != NULL && !mono_is_never(r->server->gone))
		gone_s = mono_sub_ms(event_awake(st->ev), r->server->gone) /
			 MS_PER_S;
	d->whole = !is_here(r) && r->newest != 0 &&
		   (d->asked >= r->newest || is_long(st->net, gone_s));
	d->soon = !d->whole && !is_here(r) && r->server != NULL &&
		  is_long(st->net, gone_s * GHOST_SOONER) &&
		  (ghost_goes_soon(st->net, r->server) ||
		      mutated(st->net, MUT_ALL_GO_SOON));
	d->whole = d->whole || d->soon;
	d->inc = d->whole ? r->newest : old_runs(st, r, d->asked);
	if (d->inc != 0 && r->n > AT_ONCE_MAX &&
	    !mutated(st->net, MUT_ALL_RUNS_AT_ONCE) &&
	    r->v[AT_ONCE_MAX - 1].o.inc < d->inc)
		d->inc = r->v[AT_ONCE_MAX - 1].o.inc;
}

static struct retiring *
find(const struct link_net *net, struct sid sid)
{
	for (size_t i = 0; i < net->nretiring; i++)
		if (sid_cmp(net->retiring[i].sid, sid) == 0)
			return &net->retiring[i];
	return NULL;
}

static struct retiring *
add(struct link_net *net, const struct retiring *d)
{
	struct retiring *at = find(net, d->sid);

	if (at == NULL) {
		net->retiring = mem_array(net->retiring, net->nretiring + 1,
		    sizeof(*net->retiring));
		at = &net->retiring[net->nretiring++];
		at->since = MONO_NEVER;
		at->after = 0;
		at->census = (struct census){ 0 };
		at->tell_at = MONO_NEVER;
	}
	at->sid = d->sid;
	at->asked = d->asked;
	at->inc = d->inc;
	at->whole = d->whole;
	at->soon = d->soon;
	return at;
}

/* Step through the sids of the map and of have, each once. Return false at the
 * end. */
static bool
next_sid(const struct link_net *net, size_t *i, struct sid *sid)
{
	const struct vector *have = &net->log.have;

	if (*i < net->map.n) {
		*sid = net->map.v[(*i)++].lsa.o.sid;
		return true;
	}
	while (*i - net->map.n < have->n) {
		size_t k = (*i)++ - net->map.n;

		*sid = have->v[k].o.sid;
		if ((k == 0 || sid_cmp(have->v[k - 1].o.sid, *sid) != 0) &&
		    netmap_find(&net->map, *sid) == NULL)
			return true;
	}
	return false;
}

/* Look which runs are to be retired. Return how many other servers are
 * missing. */
static size_t
look(const struct link_step *st)
{
	struct link_net *net = st->net;
	size_t missing = 0, kept = 0;
	struct sid sid;

	for (size_t i = 0; i < net->nretiring; i++)
		net->retiring[i].inc = 0;
	for (size_t i = 0; next_sid(net, &i, &sid);) {
		struct runs r = runs_of(net, sid);
		struct retiring *known = find(net, sid);
		struct retiring d = { .sid = sid,
			.asked = known != NULL ? known->asked : 0 };

		judge(st, &r, &d);
		if (known != NULL || d.inc != 0)
			add(net, &d);
		missing += is_missing(net, &r) && !d.whole;
	}
	for (size_t i = 0; i < net->nretiring; i++)
		if (net->retiring[i].inc != 0)
			net->retiring[kept++] = net->retiring[i];
		else
			census_clear(&net->retiring[i].census);
	net->nretiring = kept;
	return missing;
}

/* Return how many visible servers have a lesser sid than this one. */
static int64_t
rank(const struct link_net *net)
{
	int64_t n = 0;

	for (size_t i = 0; i < net->map.n; i++)
		n += net->map.v[i].visible != 0 &&
		     sid_cmp(net->map.v[i].lsa.o.sid, net->self.sid) < 0;
	return n;
}

static struct mono
due_at(const struct link_net *net, const struct retiring *d)
{
	int64_t keeps = mutated(net, MUT_FORGET_EARLY) ? 1 : QUIET_KEEPS;

	if (d->asked == 0 && !mutated(net, MUT_ALL_FORGET))
		keeps += rank(net);

	return mono_add_ms(d->since, keeps * net->set->keep_s * MS_PER_S);
}

/* Return when a FORGET may be due, or a census is to be repeated. */
static struct mono
look_at(const struct link_net *net, const struct retiring *d)
{
	struct mono due = due_at(net, d);

	return mono_cmp(due, d->census.again) < 0 ? d->census.again : due;
}

/* Make the FORGET. It repeats the `had` of the FORGET before, since it takes
 * the place of that one, and newcomers lack the entries of both. If that is too
 * much, it keeps the newest runs (link-protocol.md, 11.9). */
static void
make(const struct link_step *st, const struct retiring *d)
{
	const struct link_net *net = st->net;
	struct forgotten before = core_forgotten(net->core, d->sid);
	struct runs r = runs_of(net, d->sid);
	struct vector had = { 0 };
	struct writer w;
	size_t i;

	if (!mutated(net, MUT_HAD_LOST))
		vector_parse(before.had, LINK_ORIGINS_MAX, &had);
	for (i = 0; i < r.n && r.v[i].o.inc <= d->inc; i++)
		vector_set(&had, r.v[i].o, r.v[i].n);
	writer_init_arena(&w, st->fx->arena, PART_LINE_MAX);
	for (i = had.n > AT_ONCE_MAX ? had.n - AT_ONCE_MAX : 0; i < had.n;
	     i++) {
		if (w.n > 0)
			writer_char(&w, ' ');
		write_vector_item(&w, &had.v[i]);
	}
	vector_fini(&had);
	core_make_forget(net->core, st->ev, d->sid, d->inc, writer_done(&w),
	    st->fx);
}

/* Set since when no other server has been missing. */
static void
wait_for(const struct link_net *net, struct mono now, size_t missing,
    struct retiring *d)
{
	struct runs r = runs_of(net, d->sid);
	uint32_t forgotten = core_forgotten(net->core, d->sid).inc;
	struct mono before = d->since;

	if (d->after != forgotten && !mutated(net, MUT_FORGET_NEXT_SOON))
		d->since = now;
	d->after = forgotten;
	if ((missing > (is_missing(net, &r) && !d->whole) &&
		!mutated(net, MUT_FORGET_MISSING)) ||
	    !core_is_ready(net->core))
		d->since = MONO_NEVER;
	else if (mono_is_never(d->since))
		d->since = now;
	/* a server that comes back may have more than it said */
	if (mono_cmp(before, d->since) != 0 && !mutated(net, MUT_CENSUS_KEPT)) {
		census_clear(&d->census);
		d->tell_at = MONO_NEVER;
	}
}

#define TELL_MS (INT64_C(3600) * MS_PER_S)

/* Tell our operator once an hour if servers do not answer. The FORGET cannot be
 * made without them: such a server may have more than all others. */
static void
tell_silent(const struct link_step *st, struct retiring *d)
{
	struct mono now = event_awake(st->ev);
	struct writer w;

	if (mono_is_never(d->tell_at))
		d->tell_at = mono_add_ms(now, TELL_MS);
	if (mono_cmp(d->tell_at, now) > 0)
		return;
	writer_init_arena(&w, st->fx->arena, LINK_LINE_MAX);
	if (census_silent(st, &d->census, &w) == 0)
		return;
	d->tell_at = mono_add_ms(now, TELL_MS);
	effects_logf(st->fx, LOG_FORGET_WAITS, { "sid", sid_span(&d->sid) },
	    { "waits", writer_done(&w) });
}

/* Return true if no server that is there stands in the way of the FORGET. */
static bool
all_agree(const struct link_step *st, struct retiring *d)
{
	const struct census like = {
		.sid = d->sid, .inc = d->inc, .soon = d->soon
	};

	tell_silent(st, d);
	return census_agrees(st, &d->census, &like);
}

bool
retire_update(const struct link_step *st)
{
	struct link_net *net = st->net;
	struct mono now = event_awake(st->ev);
	size_t missing;
	bool made = false;

	if (!net->retire_look && mono_cmp(net->retire_at, now) > 0)
		return false;
	/* its own last FORGET may not be processed */
	if (!log_is_drained(&net->log))
		return false;
	net->retire_look = false;
	net->retire_at = MONO_NEVER;
	missing = look(st);
	for (size_t i = 0; i < net->nretiring; i++) {
		struct retiring *d = &net->retiring[i];

		wait_for(net, now, missing, d);
		if (mono_cmp(due_at(net, d), now) > 0 ||
		    (!all_agree(st, d) && !mutated(net, MUT_NO_CENSUS)))
			continue;
		make(st, d);
		made = true;
	}
	for (size_t i = 0; i < net->nretiring && !made; i++)
		net->retire_at =
		    mono_min(net->retire_at, look_at(net, &net->retiring[i]));
	if (net->log.have.n > net->map.n || missing > 0)
		net->retire_at = mono_min(net->retire_at,
		    mono_add_ms(now, net->set->keep_s * MS_PER_S));
	return made;
}

struct mono
retire_deadline(const struct link_net *net)
{
	return net->retire_at;
}

/* ---- for the operator ---------------------------------------------------- */

/* Return the inc of the newest run that an operator may let go, or 0. */
static uint32_t
goes_up_to(const struct link_net *net, const struct runs *r)
{
	uint32_t inc = 0;

	if (!is_here(r))
		return r->newest;
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].o.inc < core_ready_inc(net->core, r->sid))
			inc = r->v[i].o.inc;
	return inc;
}

bool
retire_ask(struct link_net *net, struct mono now, struct sid sid,
    struct writer *why)
{
	struct runs r = runs_of(net, sid);
	struct retiring d = { .sid = sid };

	if (r.newest == 0) {
		writer_str(why, "no server with that sid is known");
		return false;
	}
	d.asked = d.inc = goes_up_to(net, &r);
	if (d.inc == 0) {
		writer_str(why,
		    "the server is on the network and has no former runs; "
		    "stop it first");
		return false;
	}
	add(net, &d);
	net->retire_look = true;
	net->retire_at = now;
	writer_str(why, is_here(&r) ? "its former runs will be forgotten"
				    : "the server will be forgotten");
	writer_str(why, " when no other server has been missing for ");
	writer_u64(why, (uint64_t)QUIET_KEEPS * net->set->keep_s);
	writer_str(why, " s");
	return true;
}

bool
retire_is_due(const struct link_net *net, struct mono now, struct sid sid,
    int64_t *wait_ms)
{
	const struct retiring *d = find(net, sid);

	if (d == NULL)
		return false;
	*wait_ms =
	    mono_is_never(d->since) ? -1 : mono_sub_ms(due_at(net, d), now);
	if (*wait_ms < 0 && !mono_is_never(d->since))
		*wait_ms = 0;
	return true;
}

bool
retire_asked_next(const struct link_net *net, size_t *i, struct sid *sid,
    uint32_t *inc)
{
	while (*i < net->nretiring) {
		const struct retiring *d = &net->retiring[(*i)++];

		if (d->asked == 0)
			continue;
		*sid = d->sid;
		*inc = d->asked;
		return true;
	}
	return false;
}

void
retire_ask_again(struct link_net *net, struct sid sid, uint32_t inc)
{
	const struct retiring d = { .sid = sid, .asked = inc, .inc = inc };

	add(net, &d)->after = core_forgotten(net->core, sid).inc;
	net->retire_look = true;
}

/* ---- for censuses, and the end --------------------------------------- */

struct census *
retire_census(const struct link_net *net, size_t i)
{
	return i < net->nretiring ? &net->retiring[i].census : NULL;
}

void
retire_fini(struct link_net *net)
{
	for (size_t i = 0; i < net->nretiring; i++)
		census_clear(&net->retiring[i].census);
	free(net->retiring);
}
