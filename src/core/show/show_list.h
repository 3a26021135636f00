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

/* Return true if the mask can be a word of a line, and so is shown. */
bool show_mask_fits(const struct mask *);

/*
 * Show the lists of the channel's current incarnation, and collect what clients
 * are told of: the masks that are shown no more, and those that are shown anew.
 * `all` says that the incarnation may be another one than before; otherwise
 * only the masks that came or went are looked at.
 */
void show_lists(struct step *, struct chan *, bool all,
    struct list_changes *gone, struct list_changes *come);

#endif
