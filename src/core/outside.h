/*
 * outside.h - tells clients that their server is kept off the network, because
 * another one runs under its name (link-protocol.md, 12.3).
 *
 * No client is disconnected for it: people must decide which of the two servers
 * stays, and the clients here can still talk to each other.
 */
#ifndef CORE_OUTSIDE_H
#define CORE_OUTSIDE_H

#include "core/state.h"

/* Note that the server is kept off the network, or is on it again, and tell all
 * users here. core_outside() calls this when that changes. */
void outside_set(struct step *, bool outside);
/* Tell a user who has just come, if the server is kept off the network. */
void outside_welcome(struct step *, struct session *);

#endif
