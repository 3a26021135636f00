/*
 * membership.h - which channels a user is on, and on which stay.
 *
 * A user is on few channels, so a look-up walks a ring of memberships. A linked
 * server can put a user on any number of channels; a long ring becomes a hash
 * table.
 */
#ifndef CORE_MEMBERSHIP_H
#define CORE_MEMBERSHIP_H

#include "core/facts/facts.h"

/* A walk over the memberships of a user, oldest first. The current one may be
 * dropped meanwhile; no other one may come or go. */
struct stays {
	const struct map *table; /* NULL: the ring */
	size_t at;
	struct member *next;
	const struct member *last;
};

/*
 * Begin a walk:
 *
 *	for (struct stays it = stays_of(u); (m = stays_next(&it)) != NULL;)
 */
struct stays stays_of(const struct user *);
/* Go on in a later step behind that place (stays.at) of a walk over very many
 * memberships. The walk is at its end if the user has few by then. */
struct stays stays_from(const struct user *, size_t at);
/* Return the next membership, or NULL at the end. */
struct member *stays_next(struct stays *);

/* Return the membership of the user in the channel, or NULL. Add to *visits how
 * many memberships were looked at. */
struct member *membership_find(const struct chan *, const struct user *,
    size_t *visits);

/* ---- for facts_write.h alone ---- */

/* Add the member to those of its user, or take it out. */
void membership_add(const struct facts *, struct member *);
void membership_del(struct member *);
/* Free the table of a user who has no memberships any more, if there is one. */
void membership_fini(struct user *);

#endif
