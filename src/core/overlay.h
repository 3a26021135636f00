/*
 * overlay.h - what the map says of servers, put into the facts' shown half.
 */
#ifndef CORE_OVERLAY_H
#define CORE_OVERLAY_H

#include "core/state.h"

/* Marks users of origins that appear or vanish; begins a netsplit or netjoin
 * batch when servers do. */
void overlay_apply(struct step *, const struct overlay_view *);

#endif
