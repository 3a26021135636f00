/*
 * snap_in.h - a snapshot that comes from a peer (link-protocol.md, part 8).
 *
 * An incoming snapshot is buffered until it is complete, then checked. Then the
 * log counts it as taken, and the core takes its facts in, in slices. Until END
 * it belongs to its link.
 */
#ifndef LINK_SNAP_IN_H
#define LINK_SNAP_IN_H

#include <stdbool.h>

#include "base/mtime.h"
#include "core/types/entry.h"

struct link;
struct link_net;
struct link_step;
struct snap_in;
struct unpacker;

/* The default of snap_bytes_max(), and the time from SNAP to END. */
#define SNAP_BYTES_MAX ((uint64_t)1024 * 1024 * 1024)
#define SNAP_MS 600000

/* Return how many bytes of memory all incoming snapshots together may take. */
uint64_t snap_bytes_max(const struct link_net *);

/* NULL is allowed. */
void snap_in_free(struct snap_in *);

/* Begin an incoming snapshot. The caller owns it. */
struct snap_in *snap_in_new(const struct link_step *);
/* Return the time, by the awake clock, at which END must have come. */
struct mono snap_in_until(const struct snap_in *);

/* Return what opens the PACKs of the snapshot; the snapshot owns it. */
struct unpacker *snap_in_unpacker(struct snap_in *);

/*
 * Add to the snapshot that comes on the link: a "+" line, a carried entry (its
 * reference moves to the snapshot in any case), or the words of an END line.
 * Return NULL, or what is wrong with it. If the snapshot is too large, refuse
 * the link and return NULL.
 */
const char *snap_in_fact(const struct link_step *, struct link *,
    struct span line);
const char *snap_in_entry(const struct link_step *, struct link *,
    struct entry *);
const char *snap_in_end(const struct link_step *, struct link *,
    struct span words);
/* Return true if the snapshot jumps over entries of an origin that also has
 * entries in the log which are not processed yet. */
bool snap_in_jumps_pending(const struct link_net *, const struct snap_in *);
/*
 * Look for users that are here and that the complete snapshot lacks
 * (link-protocol.md, 8.19), at some of them. Return false if there are more.
 * snap_in_judge_again() begins anew, as it must if facts may have changed.
 */
bool snap_in_judge(struct snap_in *);
void snap_in_judge_again(struct snap_in *);
/* Take the complete snapshot, which was judged, and free it, or refuse the
 * link. */
void snap_take(const struct link_step *, struct link *);

/* Log that the snapshot under way from a peer is lost, because the link
 * ends. */
void snap_in_lost(const struct link_step *, const struct link *);

#endif
