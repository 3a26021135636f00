/*
 * standing.h - how many members of a channel stand in which incarnation, those
 * of visible users alone: from it, and from what was founded, follows which
 * incarnation is current (core/show/show_chan.c). Kept as members come, move
 * and go, because who joins must not have to look at all the others.
 */
#ifndef CORE_STANDING_H
#define CORE_STANDING_H

#include "core/facts/facts.h"

/* A membership of a visible user that is new, or has a cinc, or a visible user,
 * from now on; and one that will not. */
void standing_add(const struct member *);
void standing_del(const struct member *);

/* Members in that incarnation. */
uint32_t standing_count(const struct chan *, struct cinc);

#endif
