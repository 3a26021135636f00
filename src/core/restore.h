/*
 * restore.h - what the store has kept, compared with what the network has
 * (doc/decisions/0044).
 *
 * The things of the store come by EV_LOADED at the start. When this server has
 * made READY, it looks at each of them. A thing that the network has, or has
 * removed, is dropped here. A thing that the network does not know any more,
 * since all servers were started again, is made again. A note that a thing was
 * removed stays: if another server makes the thing again from its store, it is
 * removed again.
 */
#ifndef CORE_RESTORE_H
#define CORE_RESTORE_H

#include "core/state.h"

struct ban; /* core/facts/bans.h */

/* Prepare, and again when the core has its key; free everything. */
void restore_init(struct core *);
void restore_seed(struct core *);
void restore_fini(struct core *);

/* Take the things of EV_LOADED. */
void restore_take(struct step *, const struct event *);

/* Begin to look, with a vector of what the network had when this server made
 * READY. If there are other servers, the look begins RESTORE_WAIT_MS later:
 * the others may have restored the same things just now. */
#define RESTORE_WAIT_MS 10000
void restore_begin(struct step *, const struct vector *known);

/* Look at things in pieces, when it is time; called at each EV_TICK. This
 * waits while an own entry is not applied. */
void restore_tick(struct step *);
bool restore_may_go_on(const struct core *);
/* Return the time, on the awake clock, from which to look, or MONO_NEVER. */
struct mono restore_due(const struct core *);

/* Return true if the store has that text under the key. This is known as long
 * as the thing waits to be looked at. */
bool restore_has(const struct core *, struct span key, struct span text);

/* Note that the thing was removed. */
void restore_mark_gone(struct core *, struct span key, struct stamp gone);
/*
 * Return true if a note says that the thing was removed after it was made
 * first. Then this server makes an entry that removes it again, if it has
 * begun to look. Drop a note that is older than the thing.
 */
bool restore_chan_is_gone(struct step *, struct span key,
    const struct founding *);
bool restore_ban_is_gone(struct step *, struct span key, const struct ban *);
/* Tell the store of all notes again. */
void restore_tell_gone(struct step *);

#endif
