/*
 * unchan.h - forgetting channels nobody is on: when UNCHAN is written
 * (doc/link-protocol.md, 9.11 to 9.13).
 *
 * No timer drops a fact; this one makes an entry, +UNCHAN, by the server that
 * founded, not before 10 x KEEP without any membership among its facts, and
 * only if all that time the network was whole.
 */
#ifndef CORE_UNCHAN_H
#define CORE_UNCHAN_H

#include "core/state.h"

/* At each EV_TICK; looks at all channels once in KEEP. */
void unchan_tick(struct step *);

#endif
