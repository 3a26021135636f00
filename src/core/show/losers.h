/*
 * losers.h - the losers of collisions, kept as two lists on the core: users of
 * this server that do not hold the nick they claim, and channels in which
 * members of this server are in another incarnation than the one that is shown.
 *
 * core/settle.c makes an entry for them (link-protocol.md, 9.8 to 9.10).
 */
#ifndef CORE_LOSERS_H
#define CORE_LOSERS_H

#include "core/state.h"

/*
 * Put each marked user and channel on its list, or take it off, as its shown
 * state says. The caller calls this when all of the step is shown, and before
 * facts_reap frees marked objects.
 */
void losers_note(struct step *);

/* Free the lists at the end of a core. */
void losers_fini(struct core *);

/* Return true if this server owes the user a NICK to its uid. */
bool losers_is_user(const struct user *);

/* Return true if this server owes the membership a MOVE. */
bool losers_is_member(const struct member *);

#endif
