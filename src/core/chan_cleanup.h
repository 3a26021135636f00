/*
 * chan_cleanup.h - removes foundings that nobody needs any more: decides when
 * this server makes an UNCHAN (doc/link-protocol.md, 9.11 to 9.13, 9.17 and
 * 9.18; doc/decisions/0014).
 *
 * No timer drops a fact. This makes entries, at the server that founded the
 * channel.
 */
#ifndef CORE_CHAN_CLEANUP_H
#define CORE_CHAN_CLEANUP_H

#include "core/state.h"

/*
 * Look at all channels once in KEEP, and remove the foundings of those that
 * have had no member for 10 x KEEP while the network was whole all that time.
 * Permanent foundings stay, but for those that an older one makes needless.
 * chan_cleanup_tick is called at each EV_TICK. chan_cleanup_run is an item of
 * the queue of work, and looks at the channels in pieces. It waits while an
 * own entry is not applied.
 */
void chan_cleanup_tick(struct step *);
void chan_cleanup_run(struct work_item *, void *ctx);
/* Return true if channels are to be looked at, and nothing is waited for. */
bool chan_cleanup_may_go_on(const struct core *);

/*
 * Remove the idle foundings of names of which this server has another
 * founding. Called after each step, when settle.h has made no entry. Makes at
 * most one entry; the next step comes when that entry is applied.
 */
void chan_cleanup_surplus(struct step *);

#endif
