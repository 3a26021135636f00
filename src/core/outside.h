/*
 * outside.h - clients are told that their server is kept off the network,
 * because another one runs under its name (link-protocol.md, 12.3).
 *
 * Nobody is closed for it: people must decide which of the two servers stays,
 * and what clients say to each other here still arrives.
 */
#ifndef CORE_OUTSIDE_H
#define CORE_OUTSIDE_H

#include "core/state.h"

/* The server is outside, or is so no more: tell all users here, once. */
void outside_set(struct step *, bool outside);
/* Tell a user who has just come, if the server is outside. */
void outside_welcome(struct step *, struct session *);

#endif
