/*
 * A snapshot lets this server jump over entries. If entries that came before
 * its END were still to be processed, their messages could be lost, or be shown
 * after the snapshot has removed the users who said them. So the snapshot waits
 * until these entries are processed. Other links may bring more entries
 * meanwhile. The snapshot does not wait for those, or a flood on one link would
 * keep it out for ever.
 *
 * The entries that come meanwhile are processed after the snapshot, by
 * max(done, merged) as any others. There is one exception: if an entry of an
 * origin that the snapshot jumps waits in the log, the snapshot waits for all
 * entries that are here by now.
 *
 * Then the snapshot is checked, and its entries are accepted, in slices
 * (snap_take.h). No entry is processed meanwhile (net->judges), so that the
 * facts stay the same.
 *
 * Rejected: to process the whole log, and to take in the rest of an earlier
 * snapshot, in the step of the END. A peer could make that step as long as it
 * likes.
 */
#include "link/snapshots/snap_wait.h"

#include "core/core.h"
#include "link/snapshots/snap_out.h"
#include "link/snapshots/snap_take.h"
#include "link/state.h"

static size_t
pending(const struct log *log)
{
	return (size_t)(log_end(log) - log->next);
}

void
snap_wait_begin(const struct link_step *st, struct link *l)
{
	snap_cut_abort(st->net);
	l->ended_in = true;
	st->net->takes_after = pending(&st->net->log);
}

static struct link *
find(const struct link_net *net)
{
	for (size_t i = 0; i < net->nlink; i++)
		if (net->link[i]->in != NULL && net->link[i]->ended_in &&
		    net->link[i]->state != LINK_DEAD)
			return net->link[i];
	return NULL;
}

bool
snap_wait_any(const struct link_net *net)
{
	return net->taking != NULL || find(net) != NULL;
}

void
snap_wait_processed(struct link_net *net)
{
	if (net->takes_after > 0)
		net->takes_after--;
}

/* Return true if all entries that the snapshot waits for are processed. */
static bool
is_due(struct link_net *net, const struct link *l)
{
	const struct log *log = &net->log;

	if (net->takes_after > 0 && !mutated(net, MUT_SNAP_NO_WAIT))
		return false;
	if (!snap_jumps_pending(net, l->in) ||
	    mutated(net, MUT_SNAP_JUMPS_PENDING))
		return true;
	net->takes_after = pending(log);
	return false;
}

/* Return true if the turn has room to look at some users or entries. */
static bool
may_judge(const struct link_step *st)
{
	return st->ev->kind == EV_TICK || core_has_units(st->net->core);
}

/* Go on to take a snapshot. Return true if its facts are with the core. */
static bool
take_on(const struct link_step *st)
{
	st->net->judges = !may_judge(st) || !snap_take_on(st);
	return !st->net->judges;
}

bool
snap_wait_update(const struct link_step *st)
{
	struct link_net *net = st->net;
	struct link *l = find(net);

	if (net->taking != NULL)
		return take_on(st);
	net->judges = false;
	if (l == NULL)
		return false;
	if (core_is_partial(net->core) || !is_due(net, l)) {
		snap_judge_again(l->in);
		return false;
	}
	net->judges = true;
	if (!may_judge(st) || !snap_judge(st, l->in))
		return false;
	net->judges = false;
	snap_take(st, l);
	if (net->taking != NULL)
		return take_on(st);
	l->ended_in = false;
	return true;
}
