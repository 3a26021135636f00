/*
 * endings.h - the masks of this server that have an expiry, in its order.
 *
 * The server that gives an expiry removes the mask after it (link-protocol.md,
 * 11.4). So a mask is here if any run of this server made it.
 */
#ifndef CORE_ENDINGS_H
#define CORE_ENDINGS_H

#include "core/facts/facts.h"

/* Return the mask that expires first, and the one after m; or NULL. */
const struct mask *endings_first(const struct facts *);
const struct mask *endings_next(const struct mask *m);

/* ---- for facts_write.h alone ---- */

/* Put the mask into the order if it belongs there, and take it out. */
void endings_add(struct facts *, struct mask *);
void endings_del(struct facts *, struct mask *);

#endif
