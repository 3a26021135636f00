/*
 * postpone_lists.h - shows the statuses of members, and the masks, of a channel
 * in several slices.
 *
 * If another incarnation of a channel is shown, its members have other
 * statuses, all masks of the one before go, and all of the other come. These
 * may be more than the sendq of a client holds, and more than one step may look
 * at. Then the statuses of the channel (chan.statuses_postponed), or its lists
 * (chan.lists_postponed), are *postponed*: members, modes and topic are those
 * of the incarnation at once. The statuses follow in slices, as clients read
 * them, and the masks after these. So it is with the masks that other servers
 * add or remove while clients lag.
 *
 * Until the last slice, clients are told, and are answered, what is shown so
 * far. The facts decide what a member may do. They also decide about bans,
 * exceptions and the limit of a list.
 */
#ifndef CORE_POSTPONE_LISTS_H
#define CORE_POSTPONE_LISTS_H

#include "core/state.h"

/* Show some statuses and masks of channels with postponed ones; ctx is the
 * step. Do nothing while clients have to read what they were given before
 * (core/sessions/lag.h). */
void postpone_lists_run(struct work_item *, void *ctx);

/* Return true if the statuses or lists of any channel may be postponed. */
static inline bool
postpone_lists_any(const struct core *c)
{
	return c->postponed_lists.n > 0;
}

/* Free the queue, at the end of a core. */
void postpone_lists_fini(struct core *);

#endif
