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
 * Called at each EV_TICK.
 */
void chan_cleanup_tick(struct step *);

/*
 * Remove the idle foundings of names of which this server has another
 * founding. Called after each step, when settle.h has made no entry. Makes at
 * most one entry; the next step comes when that entry is applied.
 */
void chan_cleanup_surplus(struct step *);

#endif
