/*
 * postpone.h - a user on very many channels is shown in several slices.
 *
 * One user who comes back may be on many channels that a client shares. A JOIN
 * for each, and the modes and topic of each, would be more than the client's
 * sendq may hold. So the user is shown on some of the channels first. The other
 * memberships are *postponed* (member.postponed): they count as those of a
 * hidden user until their slice comes, and clients see the user join later.
 *
 * A user who speaks on a channel is shown on it first.
 *
 * A user who is on very many channels is hidden in slices, too: clients see the
 * user leave all but POSTPONE_ABOVE of them, and then quit. Only a server that
 * lies can have such a user.
 */
#ifndef CORE_POSTPONE_H
#define CORE_POSTPONE_H

#include "core/part/part.h"
#include "core/slice.h"
#include "core/state.h"

/* Choose which memberships of a user, who is about to be shown, are postponed:
 * those that a slice has no room for, if the user is alone in it. A slice may
 * bring `room` bytes to one session. */
void postpone_choose(struct step *, struct user *, size_t room);

/*
 * Prepare to hide a user who is shown on very many channels: let clients see
 * the user leave some of them, as many as the slice has room for, which must be
 * empty. Return false if the user is on few enough to be hidden at once.
 */
bool postpone_thin(struct step *, struct slice *, struct user *);

/* Show a user again on the channels that postpone_thin() has hidden: the user
 * shall stay after all. */
void postpone_return(struct step *, struct user *);

/* Show postponed memberships, as many as a slice has room for. */
void postpone_run(struct work_item *, void *step);

/* Show the membership by which the user speaks in this part, if it is
 * postponed. */
void postpone_speaks(struct step *, const struct part *);

/* Return true if any membership may be postponed. */
static inline bool
postpone_any(const struct core *c)
{
	return c->postponed.head < c->postponed.n;
}

void postpone_fini(struct core *);

#endif
