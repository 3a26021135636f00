/*
 * A snapshot lets this server jump over entries. Their messages would be lost
 * if they were here and not processed, and what was said would come after the
 * snapshot has removed its speaker. So the snapshot waits for the entries that
 * came before its END. Other links may bring more meanwhile, and the snapshot
 * does not wait for these: else a flood on one link would keep it out for ever.
 *
 * The entries that came meanwhile are processed behind the snapshot, by
 * max(done, merged) as any others. Only an origin that the snapshot jumps must
 * have no entry that waits. If there is such an entry, the snapshot waits for
 * all that are here by now.
 *
 * Rejected: to process the log to its end, and to take in at once the rest of
 * the snapshot before, in the step of the END. A step would be as long as a
 * peer decides.
 */
#include "link/snap_wait.h"

#include "core/core.h"
#include "link/snap_in.h"
#include "link/snap_out.h"
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
		if (net->link[i]->ended_in && net->link[i]->state != LINK_DEAD)
			return net->link[i];
	return NULL;
}

bool
snap_wait_any(const struct link_net *net)
{
	return find(net) != NULL;
}

void
snap_wait_processed(struct link_net *net)
{
	if (net->takes_after > 0)
		net->takes_after--;
}

/* Return true if all entries are processed that must be. */
static bool
is_due(struct link_net *net, const struct link *l)
{
	const struct log *log = &net->log;

	/* those of forgotten runs have left the log */
	if (net->takes_after > pending(log))
		net->takes_after = pending(log);
	if (net->takes_after > 0)
		return false;
	if (!snap_in_jumps_pending(net, l->in))
		return true;
	net->takes_after = pending(log);
	return false;
}

bool
snap_wait_update(const struct link_step *st)
{
	struct link_net *net = st->net;
	struct link *l = find(net);

	if (l == NULL || core_is_held(net->core) || !is_due(net, l))
		return false;
	log_hold(&net->log);
	snap_take(st, l);
	l->ended_in = false;
	log_release(&net->log);
	return true;
}
