/*
 * membership.h - which channels a user is on, and on which stay.
 *
 * A user is on few channels, and a look-up walks the list of them. A linked
 * server can put a user on any number of channels, so a long list gets a hash
 * table beside it.
 */
#ifndef CORE_MEMBERSHIP_H
#define CORE_MEMBERSHIP_H

#include "core/facts/facts.h"

/* Return the membership of the user in the channel, or NULL. Add to *visits how
 * many memberships were looked at. */
struct member *membership_find(const struct chan *, const struct user *,
    size_t *visits);

/* ---- for facts_write.h alone ---- */

/* Put the member into the list of its user, and take it out. */
void membership_add(const struct facts *, struct member *);
void membership_del(struct member *);

#endif
