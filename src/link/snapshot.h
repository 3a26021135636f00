/*
 * snapshot.h - a peer lacks what the log no longer holds: all facts and the
 * rest of the log, as one step (doc/link-protocol.md, part 8).
 *
 * Outgoing: cut whole at one moment, sent as the connection takes it. Incoming:
 * buffered whole, checked, then taken. Both belong to their link.
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

#define SNAP_BYTES_MAX ((size_t)256 * 1024 * 1024) /* incoming, all links */
#define SNAP_MS 600000				   /* from SNAP to END */

/* NULL is allowed. */
void snap_out_free(struct snap_out *);
void snap_in_free(struct snap_in *);

/* Cuts one for the link, which has none; sends its next piece; after the
 * last one the link has none again and ph covers it. */
void snap_cut(const struct link_step *, struct link *);
void snap_send(const struct link_step *, struct link *);

/* SNAP came. */
struct snap_in *snap_in_new(const struct link_step *, struct origin from);
struct mono snap_in_until(const struct snap_in *); /* refused after it */
/*
 * The next three return NULL, or what is wrong with the line. If the snapshot
 * is too large, they refuse the link and return NULL.
 */
/* One "+" line of it. */
const char *snap_in_fact(const struct link_step *, struct link *,
    struct span line);
/* A carried entry: takes the reference in any case. */
const char *snap_in_entry(const struct link_step *, struct link *,
    struct entry *);
/* Words of END. */
const char *snap_in_end(const struct link_step *, struct link *,
    struct span words);
/* END is complete: takes it, or refuses the link. */
void snap_take(const struct link_step *, struct link *);

/* The link ends: rows in the log for those that are under way on it. */
void snap_lost(const struct link_step *, const struct link *);

#endif
