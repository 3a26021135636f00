/*
 * overlay.h - puts what the map says of servers into the shown state.
 *
 * server.visible is the incarnation that the map wants to be shown.
 * user.visible is what has been shown so far. A change of the map sets the
 * first at once; the users follow in slices, as far as the budget of a turn
 * allows (base/work.h), so that a split or heal of a large network does not
 * hold up the loop (doc/decisions/0012). Each slice is a step of its own, with
 * a batch of its own.
 */
#ifndef CORE_OVERLAY_H
#define CORE_OVERLAY_H

#include "core/state.h"

/* Take a change of the map: set what is wanted of its servers. */
void overlay_apply(struct step *, const struct overlay_view *);

/* Show and hide as many users as the running piece has room for, but one at
 * least; queue the rest, if there is any. */
void overlay_slice(struct step *);
/* Do that as the item of the queue of work. */
void overlay_run(struct work_item *, void *ctx);

/* Show the user in this step, if the overlay wants that and a later slice would
 * do it: the user has acted. */
void overlay_hurry(struct step *, struct user *);

/* Return whether users of the server are still to be shown or hidden. */
bool overlay_is_behind(const struct server *);

#endif
