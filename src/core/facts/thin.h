/*
 * thin.h - drops beforehand what goes with its owner.
 *
 * A user may be on any number of channels, and a founding may have any number
 * of masks. If all of these went with their owner in one step, a linked server
 * could make that step as long as it likes. So a caller that works in slices
 * drops most of them in pieces, and the owner with the last piece.
 */
#ifndef CORE_THIN_H
#define CORE_THIN_H

#include "core/facts/facts.h"

/* The most things of one sort that are left to the last piece. */
#define THIN_MAX 256

/* Return true if more than THIN_MAX things go with the user: memberships, facts
 * of later verbs that belong to these, and clients that see a channel renamed
 * as another one ends. */
bool facts_has_many_stays(const struct facts *, const struct user *);

/* If more than THIN_MAX memberships with their facts, invitations or facts of
 * later verbs go with the owner, drop THIN_MAX of them and return true. */
bool facts_thin_user(struct facts *, struct user *);
/* The same for the masks, invitations and facts of later verbs of a
 * founding. */
bool facts_thin_founding(struct facts *, struct founding *);
/* The same for the facts of later verbs of a membership. */
bool facts_thin_member(struct facts *, struct member *);

/*
 * Drop a membership with its facts of later verbs, and subtract all of these
 * from *left, which is how many things the piece may still drop. The members
 * here who see the user leave count, too. Return false if the piece has no room
 * for the facts; then drop those that it has room for.
 */
bool facts_drop_stay(struct facts *, struct member *, size_t *left);

#endif
