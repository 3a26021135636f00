/*
 * say.h - delivering messages (+SAY, +NOTE) to sessions of this server.
 *
 * Who is entitled is decided by the state now; that the
 * sender might speak was checked by his home and is not asked again.
 */
#ifndef CORE_SAY_H
#define CORE_SAY_H

#include "core/state.h"

/* index: of the part in its entry, for the msgid. Of a fact: nothing. */
void say_deliver(struct step *, const struct part *, uint32_t index);

/* The servers but this one that a message to that target must reach: sids
 * are put into set, each once; returns how many. set has room for all. */
size_t say_servers_chan(const struct core *, const struct chan *,
    uint32_t min_status, struct sid *set, size_t n);

#endif
