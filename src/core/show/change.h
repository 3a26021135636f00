/*
 * change.h - gives the changes that the show code makes to the sinks.
 * core/types/change.h says what a change and a sink are.
 */
#ifndef CORE_SHOW_CHANGE_H
#define CORE_SHOW_CHANGE_H

#include "core/state.h"

/* Give a change to all sinks, in the order in which these were added. The
 * function fills when and batch. */
void change_emit(struct step *, struct change *);
/* Tell the sinks that a user moves, or that something is said on a channel. */
void change_moved(struct step *, const struct user *, struct sid to);
void change_said(struct step *, const struct chan *);

#endif
