/*
 * snap_take.h - checks and takes a snapshot that is complete (link-protocol.md,
 * 8.6 to 8.11 and 8.18 to 8.19).
 *
 * All of it goes in slices: the check, the entries that the log accepts, and
 * the facts that the core takes in.
 */
#ifndef LINK_SNAP_TAKE_H
#define LINK_SNAP_TAKE_H

#include <stdbool.h>

struct link;
struct link_net;
struct link_step;
struct snap_in;

/* Return true if the snapshot jumps over entries of an origin that also has
 * entries in the log which are not processed yet. */
bool snap_jumps_pending(const struct link_net *, const struct snap_in *);
/*
 * Check some of the entries of the complete snapshot, then look for users that
 * are here and that it lacks (link-protocol.md, 8.19), at some of them. Return
 * false if there are more. snap_judge_again() begins anew, as it must if facts
 * may have changed.
 */
bool snap_judge(const struct link_step *, struct snap_in *);
void snap_judge_again(struct snap_in *);
/* Refuse the link, or begin to take its complete snapshot, which was judged.
 * Then net->taking has it. */
void snap_take(const struct link_step *, struct link *);
/* Accept some of the entries of the snapshot that is taken; when all are
 * accepted, let the core take the facts in, and return true. */
bool snap_take_on(const struct link_step *);

#endif
