/*
 * rider.h - whether hidden members of a channel would let a user join.
 *
 * During a split the members of a channel may all be hidden. A user who joins
 * then founds the channel anew, and stands in the old channel when the split
 * heals, since the older incarnation wins and members are moved
 * (link-protocol.md, 9.9). So a user who is banned, or does not know the key,
 * could ride the split into the channel, and be sent its key and masks.
 */
#ifndef CORE_RIDER_H
#define CORE_RIDER_H

#include "core/state.h"

/* The most incarnations that are looked at. Only a server that lies makes more
 * foundings of a name. */
#define RIDER_FOUNDINGS 1024

/* Return true if members stand in the incarnation that are not shown, and it
 * could be the one that is shown when they return. */
bool rider_is_hidden(const struct chan *, const struct founding *);

/*
 * Return NULL if the user may join as far as hidden members matter, or the
 * numeric that says why not; its argument is the name of the channel
 * (link-protocol.md, 9.19).
 */
const struct numeric_row *rider_refusal(struct step *, const struct user *,
    const struct chan *, struct span key);

#endif
