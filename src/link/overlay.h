/*
 * overlay.h - who is shown: which origins are visible (doc/link-protocol.md,
 * part 9). Sets server.visible in the map and tells the core; no merge ever
 * reads it.
 */
#ifndef LINK_OVERLAY_H
#define LINK_OVERLAY_H

#include <stdbool.h>

struct link_step;

/* After the map or what is covered changed. True if the core was told. */
bool overlay_update(const struct link_step *);

#endif
