/*
 * snap_out.h - all facts, and the rest of the log, for a peer that lacks
 * entries which the log no longer holds (link-protocol.md, part 8).
 *
 * An outgoing snapshot is cut at one moment and sent in pieces, as the
 * connection takes them. It belongs to its link.
 */
#ifndef LINK_SNAP_OUT_H
#define LINK_SNAP_OUT_H

struct link;
struct link_step;
struct snap_out;

/* NULL is allowed. */
void snap_out_free(struct snap_out *);

/* Cut a snapshot for the link, which must not have one under way. */
void snap_cut(const struct link_step *, struct link *);
/* Send the next piece. After the last one, raise ph by the snapshot; then the
 * link has no snapshot under way any more. */
void snap_send(const struct link_step *, struct link *);

/* Log that the snapshot under way to a peer is lost, because the link ends. */
void snap_out_lost(const struct link_step *, const struct link *);

#endif
