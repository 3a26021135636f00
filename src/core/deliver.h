/*
 * deliver.h - delivering messages (+SAY, +NOTE) to sessions of this server.
 *
 * Who is entitled is decided by the state now; that the
 * sender might speak was checked by his home and is not asked again.
 */
#ifndef CORE_DELIVER_H
#define CORE_DELIVER_H

#include "core/state.h"

/* index: of the part in its entry, for the msgid. Of a fact: nothing. */
void deliver(struct step *, const struct part *, uint32_t index);

/* Has the server members of the channel whom a message to that status, or a
 * higher one, must reach? ST_COUNT: to all. */
bool deliver_reaches(const struct chan_server *, enum status min);

#endif
