/*
 * unchan.h - forgets channels that nobody is on (doc/link-protocol.md, part
 * 11).
 *
 * No timer drops a fact. This one makes an entry, +UNCHAN, at the server that
 * founded the channel, after 10 x KEEP without any membership among its facts,
 * and only if the network was whole all that time.
 */
#ifndef CORE_UNCHAN_H
#define CORE_UNCHAN_H

#include "core/state.h"

/* Call it at each EV_TICK; it looks at all channels once in KEEP. */
void unchan_tick(struct step *);

#endif
