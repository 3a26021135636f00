/*
 * claim.h - which of the users that claim a nick holds it
 * (doc/link-protocol.md, 9.5). The claims of visible users are kept in order,
 * since a linked server can let any number of users claim one nick.
 */
#ifndef CORE_CLAIM_H
#define CORE_CLAIM_H

#include <stddef.h>

#include "core/facts/facts.h"

/* Return the visible user with the least claim on the nick, or NULL. */
struct user *claim_least(const struct nick *);

/* Return the user who shall be shown by the nick: claim_least(), when the show
 * code looked last; or NULL. */
struct user *nick_holder(const struct nick *);
/* Return how many users claim the nick, hidden ones, too. */
uint32_t nick_nclaims(const struct nick *);
/* Return the user whom clients see with the nick, or NULL. */
struct user *nick_shown_by(const struct nick *);

/* ---- for facts_write.h and the show code alone ---- */

/*
 * Count the claim of the user, and count it no more. Code that changes the
 * claim, or whether the user is visible, calls claim_leave before and
 * claim_enter after. They do nothing for a user that claims no nick.
 */
void claim_enter(struct facts *, struct user *);
void claim_leave(struct facts *, struct user *);
/* Set what nick_holder() and nick_shown_by() return. */
void claim_set_holder(struct facts *, struct nick *, struct user *);
void claim_set_shown_by(struct facts *, struct nick *, struct user *);
/* Free what belongs to a nick that nobody claims any more. */
void claim_fini(struct facts *, struct nick *);

/* Return the bytes of a struct nick with a text of that length. */
static inline size_t
nick_bytes(size_t text)
{
	return offsetof(struct nick, text) + text;
}

#endif
