/*
 * overlay.h - which origins are visible (link-protocol.md, 9.1 and 9.2). It
 * sets `visible` in the map and tells the core. No merge ever reads it.
 */
#ifndef LINK_OVERLAY_H
#define LINK_OVERLAY_H

#include <stdbool.h>

struct link_step;

/* Look again if the map or the covered entries have changed. Return true if the
 * core was told something new. */
bool overlay_update(const struct link_step *);

#endif
