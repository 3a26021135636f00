/*
 * A peer is given up if it says nothing, or if it is alive but of no use: it
 * does not send SYNC, takes nothing, or does not end a snapshot.
 *
 * All times are measured by the awake clock: while this server does not run,
 * the lines of a peer lie unread, and the peer does not keep it waiting.
 */
#include "link/timeout.h"

#include "link/snapshots/snap_in.h"
#include "link/state.h"
#include "link/trust/defer.h"

#define SYNC_MS 30000 /* from HELLO to SYNC */

/* Return when the first of the times of this link is over. */
static struct mono
until(const struct link_net *net, const struct link *l)
{
	struct mono at = MONO_NEVER;

	/* a link that is held may say what it likes: nothing of it is read */
	if (!l->held)
		at = mono_add_ms(l->heard, net->set->link_silence_s * MS_PER_S);
	if (l->state == LINK_SYNCING)
		at = mono_min(at, l->sync_by);
	if (l->unsent > 0)
		at = mono_min(at, mono_add_ms(l->taken, LINK_SLOW_MS));
	if (l->in != NULL && !l->ended_in)
		at = mono_min(at, snap_in_until(l->in));
	if (l->deferred != NULL)
		at = mono_min(at, l->defer_until);
	return at;
}

/* Refuse the link. If several times are over, the order of these checks only
 * decides which reason is told. */
static void
give_up(const struct link_step *st, struct link *l)
{
	struct mono now = event_awake(st->ev);

	if (!l->held && mono_sub_ms(now, l->heard) >=
			    st->net->set->link_silence_s * MS_PER_S)
		link_refuse(st, l, "silence", "nothing came from the peer");
	else if (l->state == LINK_SYNCING && mono_cmp(l->sync_by, now) <= 0)
		link_refuse(st, l, "silence",
		    "the peer did not send SYNC in time");
	else if (l->deferred != NULL && mono_cmp(l->defer_until, now) <= 0)
		defer_refuse(st, l);
	else if (l->in != NULL && !l->ended_in &&
		 mono_cmp(snap_in_until(l->in), now) <= 0)
		link_refuse(st, l, "snapshot",
		    "the snapshot did not end in time");
	else
		link_refuse(st, l, "slow",
		    "the peer takes nothing of what is sent");
}

void
timeout_begin(const struct link_step *st, struct link *l)
{
	l->sync_by = mono_add_ms(event_awake(st->ev), SYNC_MS);
}

void
timeout_check(const struct link_step *st)
{
	struct link_net *net = st->net;
	struct mono now = event_awake(st->ev);

	for (size_t i = 0; i < net->nlink; i++) {
		struct link *l = net->link[i];

		if (l->state != LINK_DEAD && mono_cmp(until(net, l), now) <= 0)
			give_up(st, l);
	}
}

struct mono
timeout_deadline(const struct link_net *net)
{
	struct mono at = MONO_NEVER;

	for (size_t i = 0; i < net->nlink; i++)
		at = mono_min(at, until(net, net->link[i]));
	return at;
}
