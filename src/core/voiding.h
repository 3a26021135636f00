/*
 * voiding.h - drops what a READY or FORGET has made void (doc/link-protocol.md,
 * 11), in slices of a turn (doc/decisions/0022).
 *
 * A merge only notes that there is something void. As long as some of it is
 * here, no entry is processed (core_is_held), no home settles anything, and no
 * snapshot is cut. So nothing void can win against what comes later. Clients
 * see the void users go in slices, and may give commands meanwhile; their
 * entries wait.
 */
#ifndef CORE_VOIDING_H
#define CORE_VOIDING_H

#include "core/state.h"

/* Drop as much as the running piece has room for, but do not show it; queue the
 * rest, if there is any. */
void voiding_begin(struct step *);

/* Go on, and show it; ctx is the step. Do nothing while clients have to read
 * what they were given before (core/sessions/lag.h). */
void voiding_run(struct work_item *, void *ctx);

/* Look at one object, for a snapshot that is taken in, and drop it if it is
 * void. Return false if nothing void is left. */
bool voiding_piece(struct step *);

/* Drop all that is left, but do not show it. */
void voiding_finish(struct step *);

#endif
