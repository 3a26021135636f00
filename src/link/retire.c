/*
 * Who goes:
 *
 * - a server that cannot be reached, with all its runs: the operator asked for
 *   it, or this server has not reached it for forget_s;
 * - the former runs of one that came back since (void by READY): the next run
 *   began forget_s ago, or there are more than RUNS_MAX of them, or the
 *   operator asked.
 *
 * A FORGET says how much there was of the runs. It is right only if nobody has
 * more, so it is made when for QUIET_KEEPS x KEEP nobody was missing but those
 * that go: every other sid of the map visible, every other origin visible or
 * void. What was in flight has arrived by then, and whoever had something else
 * is in the map and would be missing. Should somebody turn up later all the
 * same, he is refused (forget.c).
 *
 * One FORGET of a sid after the other: had has room for the newest runs only,
 * and who had neither FORGET would seem to know of more than there was. So all
 * must have had that time to take the one before.
 *
 * All servers see the same, so the least sid is first; the others follow one
 * KEEP apart, if it does not.
 */
#include "link/retire.h"

#include <stdlib.h>

#include "base/mem.h"
#include "link/forget.h"
#include "link/state.h"
#include "link/words.h"

#define QUIET_KEEPS 3
#define RUNS_MAX 64	/* void ones of a server */
#define AT_ONCE_MAX 400 /* runs in one FORGET: they are a line of text */

struct retiring {
	struct sid sid;
	uint32_t asked; /* up to this run by the operator; 0: not */
	uint32_t inc;	/* up to this run now; 0: nothing is due */
	uint32_t after; /* what was forgotten of it before */
	bool whole;	/* not only former runs */
	struct mono
	    since; /* awake: nobody else is missing; never: somebody is */
};

/* What there is of one sid. */
struct runs {
	struct sid sid;
	const struct map_server *server; /* NULL: not in the map */
	const struct vector_item *v;	 /* its runs in have, ascending */
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

/* Does somebody lack what it may have said, or it what others have? */
static bool
is_missing(const struct link_net *net, const struct runs *r)
{
	if (r->server != NULL && r->server->visible == 0)
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

/* The newest of the void runs that may go; 0: none. */
static uint32_t
old_runs(const struct link_step *st, const struct runs *r, uint32_t asked)
{
	const struct link_net *net = st->net;
	int64_t now_s = st->ev->wall.ms / MS_PER_S;
	uint32_t inc = 0;

	for (size_t i = 0; i + 1 < r->n; i++) {
		if (r->v[i].o.inc >= core_ready_inc(net->core, r->sid))
			break;
		if (r->v[i].o.inc <= asked || r->n - i > RUNS_MAX ||
		    is_long(net, now_s - r->v[i + 1].o.inc))
			inc = r->v[i].o.inc;
	}
	return inc;
}

/* Fills inc and whole. */
static void
judge(const struct link_step *st, const struct runs *r, struct retiring *d)
{
	int64_t gone_s = 0;

	if (r->server != NULL && !mono_is_never(r->server->gone))
		gone_s = mono_sub_ms(event_awake(st->ev), r->server->gone) /
			 MS_PER_S;
	d->whole = !is_here(r) && r->newest != 0 &&
		   (d->asked >= r->newest || is_long(st->net, gone_s));
	d->inc = d->whole ? r->newest : old_runs(st, r, d->asked);
	if (d->inc != 0 && r->n > AT_ONCE_MAX &&
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
	}
	at->sid = d->sid;
	at->asked = d->asked;
	at->inc = d->inc;
	at->whole = d->whole;
	return at;
}

/* Every sid of map and vectors once: from i on; false at the end. */
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

/* Who goes now; returns how many others are missing. */
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
	net->nretiring = kept;
	return missing;
}

/* How many visible servers come before this one. */
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
	int64_t keeps = QUIET_KEEPS + (d->asked != 0 ? 0 : rank(net));

	return mono_add_ms(d->since, keeps * net->set->keep_s * MS_PER_S);
}

/* What the FORGET before it said is said again, since this one takes its place
 * and newcomers lack the entries of both; the newest of it. */
static void
make(const struct link_step *st, const struct retiring *d)
{
	const struct link_net *net = st->net;
	struct forgotten before = core_forgotten(net->core, d->sid);
	struct runs r = runs_of(net, d->sid);
	struct vector had = { 0 };
	struct writer w;
	size_t i;

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

/* Has the time begun, that must pass without anybody missing? */
static void
wait_for(const struct link_net *net, struct mono now, size_t missing,
    struct retiring *d)
{
	struct runs r = runs_of(net, d->sid);
	uint32_t forgotten = core_forgotten(net->core, d->sid).inc;

	if (d->after != forgotten)
		d->since = now;
	d->after = forgotten;
	if (missing > (is_missing(net, &r) && !d->whole) ||
	    !core_is_ready(net->core))
		d->since = MONO_NEVER;
	else if (mono_is_never(d->since))
		d->since = now;
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
	net->retire_look = false;
	net->retire_at = MONO_NEVER;
	missing = look(st);
	for (size_t i = 0; i < net->nretiring; i++) {
		struct retiring *d = &net->retiring[i];

		wait_for(net, now, missing, d);
		if (mono_cmp(due_at(net, d), now) > 0)
			continue;
		make(st, d);
		made = true;
	}
	for (size_t i = 0; i < net->nretiring && !made; i++)
		net->retire_at =
		    mono_min(net->retire_at, due_at(net, &net->retiring[i]));
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

/* The newest run of it that he can have forgotten; 0: none. */
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
