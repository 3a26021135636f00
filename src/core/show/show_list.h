/*
 * show_list.h - the lists of a channel: from the facts to what is shown.
 */
#ifndef CORE_SHOW_LIST_H
#define CORE_SHOW_LIST_H

#include "core/state.h"

/* A mask that clients are told of; in the arena of the step. */
struct list_change {
	unsigned list;
	struct stamp stamp;
	struct dot dot;
	struct span mask;
};

/* By list, then by (stamp, dot). */
struct list_changes {
	struct list_change *v;
	size_t n, cap;
};

/* The masks that one slice shows of a channel. */
struct list_some {
	struct list_changes gone, come;
	size_t bytes; /* about so many go to each client */
};

/* So many masks are looked at in the step in which all of them may look
 * different; if there are more, the lists are postponed
 * (core/postpone_lists.h). */
#define LISTS_AT_ONCE 16

/* Return true if the mask can be a word of a line, and so is shown. */
bool show_mask_fits(const struct mask *);

/*
 * Show the lists of the channel's current incarnation, and collect what clients
 * are told of: the masks that are shown no more, and those that are shown anew.
 * `all` says that the incarnation may be another one than before; otherwise
 * only the masks that came or went are looked at. If there are very many, or
 * clients lag, make the lists of the channel postponed instead.
 */
void show_lists(struct step *, struct chan *, bool all,
    struct list_changes *gone, struct list_changes *come);

/* Put the channel into the queue of those with postponed lists or statuses,
 * unless it is there. The caller then says which of them are postponed. */
void show_postpone(struct step *, struct chan *);

/* Return true if what this step shows of lists counts as brought by a slice
 * (core/sessions/lag.h): other servers may tell of very many masks. */
bool show_lists_count(const struct step *);

/*
 * Show as many masks of a channel with postponed lists as the running piece has
 * room for, one at least, and at most about `room` bytes for each client.
 * Return true if the walk is done.
 */
bool show_lists_some(struct step *, struct chan *, struct list_walk *,
    size_t room, struct list_some *);

/* Take the lists off a channel that is not shown any more. If they are long,
 * their memory is given back in slices (core/shed.h). */
void show_lists_end(struct core *, struct chan *);

/* Forget the place of the walk. */
void list_walk_end(struct list_walk *);

#endif
