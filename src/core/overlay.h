/*
 * overlay.h - puts what the map says of servers into the shown state.
 *
 * server.visible is the incarnation that the map wants to be shown.
 * user.visible is what has been shown so far. A change of the map sets the
 * first at once; the users follow in slices, as far as the budget of a turn
 * allows (base/work.h), so that a split or heal of a large network does not
 * hold up the loop (doc/decisions/0012), and as clients read what it brings
 * them (doc/decisions/0021). Each slice is a step of its own, with a batch of
 * its own.
 */
#ifndef CORE_OVERLAY_H
#define CORE_OVERLAY_H

#include "core/state.h"

/* Take a change of the map: set what is wanted of its servers. */
void overlay_apply(struct step *, const struct overlay_view *);

/* Show and hide as many users as the running piece has room for, but one at
 * least; queue the rest, if there is any. Do nothing while clients have to read
 * what they were given before (core/sessions/lag.h). */
void overlay_slice(struct step *);
/* Do that as the item of the queue of work. */
void overlay_run(struct work_item *, void *ctx);

/* Show the differences of a step in which that user has acted; NULL: nobody. If
 * the overlay wants the user to be shown in a later slice, do it now. Count the
 * bytes that this brings, and those of the first slice of void users. */
void overlay_show(struct step *, struct user *);

/* Prepare to show or hide a user whose home has moved in this step, if the
 * overlay wants that now: one who is on very many channels comes or goes in
 * slices. */
void overlay_moved(struct step *, struct user *);

/* Return the type of a batch with its parameters, "netsplit a b" or "netjoin a
 * b", in the step's arena. b is that server, and a the last one on the way to
 * it; or this server, if no way to it was ever known. */
struct span overlay_batch(struct step *, const char *type,
    const struct server *);

/* Return whether users of the server are still to be shown or hidden. */
bool overlay_is_behind(const struct server *);

#endif
