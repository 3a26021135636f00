/*
 * Each server accepts what its neighbours have accepted, or it would cut off an
 * honest messenger. So a server refuses at once only what every server refuses,
 * whatever it has seen and whatever its clock shows:
 *
 * - the first entry of a run without the READY of that run: an honest server
 *   makes no other entry before it;
 * - an entry of a server that no link state has named: a server passes link
 *   states on before the entries of their server;
 * - a stamp that is a day further ahead than any that is accepted;
 * - entries of more servers that were never reachable than a network without a
 *   liar has (ghost.h).
 *
 * The rest is a matter of moments. A link state that is not believed here may
 * be believed by the peer already, and two clocks that are 5 seconds apart pass
 * a bound at different times. An honest peer is then read on within the time of
 * silence.
 */
#include "link/trust/defer.h"

#include "link/link.h"
#include "link/map/ghost.h"
#include "link/msg/msg.h"
#include "link/state.h"

struct verdict {
	enum defer what;
	const char *code, *reason;
};

static const struct verdict accepted = { DEFER_NOT, NULL, NULL };

/* Return true if any link holds a link state of the server (doubt.h). */
static bool
is_doubted(const struct link_net *net, struct sid sid)
{
	for (size_t i = 0; i < net->nlink; i++)
		for (size_t k = 0; k < net->link[i]->ndoubted; k++)
			if (sid_cmp(net->link[i]->doubted[k].o.sid, sid) == 0)
				return true;
	return false;
}

/* link-protocol.md, 6.16 and 6.21 */
static struct verdict
judge_first(const struct link_net *net, const struct link *l,
    const struct entry *e)
{
	bool of_peer = sid_cmp(l->o.sid, e->o.sid) == 0;
	size_t n = 0;

	if (e->n != 1)
		return accepted;
	if (!e->ready)
		return (struct verdict){ DEFER_REFUSED, "bounds",
			"the first entry of a run is not its READY" };
	(void)vector_runs(&net->log.have, e->o.sid, &n);
	if (n + of_peer >= DEFER_RUNS_MAX)
		return (struct verdict){ DEFER_REFUSED, "bounds",
			"there are too many runs of one server" };
	if (!ghost_has_room(net, l, e->o.sid))
		return (struct verdict){ DEFER_REFUSED, "bounds",
			"there are too many servers that this one has never "
			"reached" };
	return accepted;
}

bool
defer_knows_run(const struct link_net *net, const struct link *l,
    struct origin o)
{
	const struct map_server *s = netmap_find(&net->map, o.sid);

	if (sid_cmp(l->o.sid, o.sid) == 0)
		return o.inc <= l->o.inc;
	return s != NULL && o.inc <= s->lsa.o.inc;
}

/* link-protocol.md, 6.17 */
static struct verdict
judge_run(const struct link_net *net, const struct link *l,
    const struct entry *e)
{
	if (defer_knows_run(net, l, e->o))
		return accepted;
	if (netmap_find(&net->map, e->o.sid) != NULL ||
	    is_doubted(net, e->o.sid))
		return (struct verdict){ DEFER_WAITS, "doubt",
			"an entry of a run that nobody else sees" };
	return (struct verdict){ DEFER_REFUSED, "bounds",
		"an entry of a server that is not in the map" };
}

static int64_t
ahead(const struct link_step *st, struct stamp stamp)
{
	return stamp.ms - st->ev->wall.ms;
}

bool
defer_refuses_stamp(const struct link_step *st, struct stamp stamp)
{
	return ahead(st, stamp) > DEFER_REFUSE_MS;
}

/* link-protocol.md, 6.18 */
static struct verdict
judge_stamp(const struct link_step *st, const struct entry *e)
{
	if (ahead(st, e->stamp) <= DEFER_AHEAD_MS)
		return accepted;
	return (struct verdict){
		defer_refuses_stamp(st, e->stamp) ? DEFER_REFUSED : DEFER_WAITS,
		"clock", "the stamp of an entry is weeks ahead"
	};
}

bool
defer_waits(const struct link_step *st, const struct entry *e)
{
	return judge_stamp(st, e).what != DEFER_NOT;
}

/* Judge by all rules. If one refuses the entry, and another one lets it wait,
 * it is refused. */
static struct verdict
judge(const struct link_step *st, const struct link *l, const struct entry *e)
{
	struct verdict stamp = judge_stamp(st, e), first, run;

	first = judge_first(st->net, l, e);
	run = judge_run(st->net, l, e);
	if (first.what == DEFER_REFUSED)
		return first;
	if (run.what == DEFER_REFUSED || stamp.what == DEFER_NOT)
		return run;
	return stamp;
}

enum defer
defer_judge(const struct link_step *st, struct link *l, struct entry *e)
{
	struct verdict v = judge(st, l, e);
	int64_t silence = st->net->set->link_silence_s * MS_PER_S;

	if (v.what == DEFER_REFUSED)
		link_refuse(st, l, v.code, v.reason);
	if (v.what != DEFER_WAITS)
		return v.what;
	l->deferred = e;
	l->defer_until = mono_add_ms(event_awake(st->ev), 2 * silence);
	return v.what;
}

void
defer_refuse(const struct link_step *st, struct link *l)
{
	struct verdict v = judge(st, l, l->deferred);

	/* it can be accepted now: the peer will send it again */
	if (v.what == DEFER_NOT)
		v = (struct verdict){ DEFER_REFUSED, "doubt",
			"an entry waited for too long" };
	link_refuse(st, l, v.code, v.reason);
}

bool
defer_update(const struct link_step *st)
{
	struct link_net *net = st->net;
	bool any = false;

	for (size_t i = 0; i < net->nlink; i++) {
		struct link *l = net->link[i];
		struct entry *e = l->deferred;

		if (e == NULL || l->state == LINK_DEAD ||
		    judge(st, l, e).what == DEFER_WAITS)
			continue;
		l->deferred = NULL;
		entry_arrived(st, l, e);
		any = true;
	}
	return any;
}

struct mono
defer_deadline(const struct link_step *st)
{
	const struct link_net *net = st->net;
	struct mono at = MONO_NEVER;
	int64_t ms;

	for (size_t i = 0; i < net->nlink; i++) {
		const struct entry *e = net->link[i]->deferred;

		if (e == NULL ||
		    (ms = ahead(st, e->stamp) - DEFER_AHEAD_MS) <= 0)
			continue;
		at = mono_min(at, mono_add_ms(st->ev->now, ms));
	}
	return at;
}

void
defer_free(struct link *l)
{
	if (l->deferred != NULL)
		entry_unref(l->deferred);
	l->deferred = NULL;
}
