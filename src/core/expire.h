/*
 * expire.h - removes the masks of this server that have expired.
 *
 * An expired mask matches nobody (expiry_holds), but it is among the facts
 * until an entry removes it: no merge reads a clock. The server that gave the
 * expiry makes that entry (link-protocol.md, 11.4), so clients see the mask go.
 */
#ifndef CORE_EXPIRE_H
#define CORE_EXPIRE_H

#include "core/state.h"

/* Return when expire_tick() has something to do, or MONO_NEVER. */
struct mono expire_due(const struct step *);

/* Make an entry that removes masks which have expired, if there are any. It is
 * called at each EV_TICK. */
void expire_tick(struct step *);

#endif
