/*
 * claim.h - which of the users that claim a nick holds it
 * (doc/link-protocol.md, 9.5). The claims of visible users are kept in order,
 * since a linked server can let any number of users claim one nick.
 */
#ifndef CORE_CLAIM_H
#define CORE_CLAIM_H

#include "core/facts/facts.h"

/* Return the visible user with the least claim on the nick, or NULL. */
struct user *claim_least(const struct nick *);

/* ---- for facts_write.h and the show code alone ---- */

/*
 * Count the claim of the user, and count it no more. Code that changes the
 * claim, or whether the user is visible, calls claim_leave before and
 * claim_enter after. They do nothing for a user that claims no nick.
 */
void claim_enter(struct user *);
void claim_leave(struct user *);

#endif
