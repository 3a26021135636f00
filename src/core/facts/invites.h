/*
 * invites.h - the invitations of a user, in an order by which they are found.
 *
 * They are in the order of the names of their channels. Those into one
 * incarnation stand together, and the one that holds longest comes first. So
 * nobody looks at all invitations of a user: a linked server may make any
 * number of them.
 */
#ifndef CORE_INVITES_H
#define CORE_INVITES_H

#include "core/facts/facts.h"

/* Return the invitation of the user that comes next, or NULL. */
struct invite *invite_next(const struct invite *);

/* Return the invitation of the user into that incarnation that holds longest,
 * or NULL. The others into it follow. */
struct invite *invite_into(const struct user *, const struct founding *);

/* Return the first invitation of the user to a channel whose folded name comes
 * behind that text, or NULL. */
struct invite *invite_behind(const struct user *, struct span fold);

/* ---- for facts_write.h alone ---- */

/* Put the invitation to the others of its user, or take it out. */
void invites_add(struct user_more *, struct invite *);
void invites_del(struct user_more *, struct invite *);

#endif
