/*
 * Nicks and channels go to the lesser stamp. So a server whose clock was behind
 * would take every nick and channel that it shares with the network: all its
 * users would have been there first. Neighbours cannot judge that, since an
 * early stamp looks like that of a user who has been there for long. The server
 * itself sees it: its clock is set, so the wall clock moves ahead of the
 * monotonic clock (doc/decisions/0009).
 *
 * These stamps are early:
 *
 * 1. None, if the clock moves ahead by at most CLOCKS_APART_MS: linked
 *    clocks may be as far apart.
 * 2. None, if they are as late as the new time all the same: the hlc was ahead
 *    of the wall clock.
 * 3. Those that were made since a link was last up. While a link is up, the
 *    neighbour has the same time, and has the stamps already.
 * 4. All, if the clock moves ahead by more than SHARED_MAX_MS. No network that
 *    has the right time runs as far behind, so the neighbour had a wrong clock,
 *    too: two machines without a battery for their clocks start together.
 *
 * If the clock is set back again, the stamps were right: it was ahead for a
 * moment. So what was noted is judged by the time of the HELLO.
 */
#include "link/trust/early.h"

#include "link/state.h"

#define SHARED_MAX_MS (INT64_C(24) * 3600 * MS_PER_S)

static bool
is_linked(const struct link_net *net)
{
	for (size_t i = 0; i < net->nlink; i++)
		if (net->link[i]->state == LINK_UP)
			return true;
	return false;
}

/* Return true if no stamps are early, or the clock was set back since. */
static bool
is_none(const struct early *e)
{
	return e->to.ms == 0 || e->offset_ms - e->before_ms <= CLOCKS_APART_MS;
}

void
early_watch(struct link_net *net, const struct event *ev)
{
	struct early *e = &net->early;
	struct stamp made = core_clock(net->core), from;
	int64_t offset = ev->wall.ms - ev->now.ns / NS_PER_MS;
	int64_t before = e->offset_ms, by = offset - before;
	bool none = is_none(e);

	e->offset_ms = offset;
	if (ev->kind == EV_SEED)
		return;
	if (is_linked(net))
		e->proved = made;
	if (by > ev->wall.ms - made.ms)
		by = ev->wall.ms - made.ms;
	if (by <= CLOCKS_APART_MS)
		return;
	from = by > SHARED_MAX_MS ? (struct stamp){ 0 } : e->proved;
	if (from.ms >= made.ms)
		return;
	if (none || from.ms < e->from.ms)
		e->from = from;
	if (none || before < e->before_ms)
		e->before_ms = before;
	e->to = made;
}

bool
early_refuses(const struct link_step *st)
{
	const struct early *e = &st->net->early;

	if (is_none(e) || !core_has_early(st->net->core, e->from, e->to))
		return false;
	effects_renew(st->fx, 0,
	    SPAN("This server begins anew: its clock was wrong"));
	return true;
}
