/*
 * snap_take.h - checks and takes a snapshot that is complete (link-protocol.md,
 * 8.6 to 8.11 and 8.18 to 8.19).
 *
 * The log counts it as taken, and the core takes its facts in, in slices.
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
 * Look for users that are here and that the complete snapshot lacks
 * (link-protocol.md, 8.19), at some of them. Return false if there are more.
 * snap_judge_again() begins anew, as it must if facts may have changed.
 */
bool snap_judge(struct snap_in *);
void snap_judge_again(struct snap_in *);
/* Take the complete snapshot, which was judged, and free it, or refuse the
 * link. */
void snap_take(const struct link_step *, struct link *);

#endif
