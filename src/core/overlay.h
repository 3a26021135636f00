/*
 * overlay.h - puts what the map says of servers into the shown state.
 */
#ifndef CORE_OVERLAY_H
#define CORE_OVERLAY_H

#include "core/state.h"

/* Mark the users of origins that appear or vanish, and begin a netsplit or
 * netjoin batch if servers do. */
void overlay_apply(struct step *, const struct overlay_view *);

#endif
