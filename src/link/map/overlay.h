/*
 * overlay.h - which origins are visible (link-protocol.md, 9.1, 9.2 and 9.22).
 * It sets `visible` in the map and tells the core. No merge ever reads it.
 *
 *	           caught up               not reachable
 *	hidden ---------------> visible ------------------> in limbo
 *	   ^                       ^                          |  |
 *	   |                       '--------------------------'  |
 *	   |                              reachable              |
 *	   '-----------------------------------------------------'
 *	     the grace time is over, people ended it, it is void
 */
#ifndef LINK_OVERLAY_H
#define LINK_OVERLAY_H

#include <stdbool.h>

#include "base/mtime.h"
#include "core/types/ids.h"

struct link;
struct link_net;
struct link_step;
struct map_server;

/* Look again if the map, the covered entries or the configuration have changed,
 * or a limbo ends. Return true if the core was told something new. */
bool overlay_update(const struct link_step *);

/* Return when a limbo ends, by the awake clock. */
struct mono overlay_deadline(const struct link_net *);

/* Note how a link ended: a server that people stop, or cut off, has no limbo.
 */
void overlay_link_ended(struct link_net *, const struct link *);

/* Make a run visible that was so before this program took the state of this
 * server over; 0: none. Its limbo goes on, or begins with the next step. */
void overlay_restore(struct link_net *, struct map_server *, uint32_t inc);

#endif
