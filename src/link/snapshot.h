/*
 * snapshot.h - all facts, and the rest of the log, for a peer that lacks
 * entries which the log no longer holds (link-protocol.md, part 8).
 *
 * An outgoing snapshot is cut at one moment and sent in pieces, as the
 * connection takes them. An incoming one is buffered until it is complete, then
 * checked, then taken in one step. Both belong to their link.
 */
#ifndef LINK_SNAPSHOT_H
#define LINK_SNAPSHOT_H

#include "base/mtime.h"
#include "core/types/entry.h"
#include "core/types/ids.h"
#include "core/types/vector.h"

struct link;
struct rcbuf;
struct snap_in;
struct snap_out;
struct link_step;

/* Bytes of all incoming snapshots together, and the time from SNAP to END. */
#define SNAP_BYTES_MAX ((size_t)256 * 1024 * 1024)
#define SNAP_MS 600000

/* NULL is allowed. */
void snap_out_free(struct snap_out *);
void snap_in_free(struct snap_in *);

/* Cut a snapshot for the link, which must not have one under way. */
void snap_cut(const struct link_step *, struct link *);
/* Send the next piece. After the last one, raise ph by the snapshot; then the
 * link has no snapshot under way any more. */
void snap_send(const struct link_step *, struct link *);

/* Begin an incoming snapshot. The caller owns it. */
struct snap_in *snap_in_new(const struct link_step *);
/* Return the time, by the awake clock, at which END must have come. */
struct mono snap_in_until(const struct snap_in *);

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
/* Take the complete snapshot in one step and free it, or refuse the link. */
void snap_take(const struct link_step *, struct link *);

/* Log that the snapshots under way on a link are lost, because the link
 * ends. */
void snap_lost(const struct link_step *, const struct link *);

#endif
