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

#endif
