/*
 * snap_out.h - all facts, and the rest of the log, for a peer that lacks
 * entries which the log no longer holds (link-protocol.md, part 8).
 *
 * The text of the facts is made in slices, once for all links that need it at
 * that time: the *cut*. A link adds the entries that its peer lacks, and sends
 * all of it in pieces, as the connection takes them.
 */
#ifndef LINK_SNAP_OUT_H
#define LINK_SNAP_OUT_H

#include <stdbool.h>
#include <stdint.h>

struct link;
struct link_net;
struct link_step;
struct snap_out;

/* NULL is allowed. */
void snap_out_free(struct snap_out *);

/* Begin a snapshot for the link, which must not have one under way. Return
 * false if its text is not made yet: then try again in the next step. */
bool snap_begin(const struct link_step *, struct link *);
/* Gather some of the entries that the peer lacks; when all are gathered, send
 * the next piece. After the last one, raise ph by the snapshot; then the link
 * has no snapshot under way any more. Return false if nothing was sent, as not
 * all entries are gathered: then go on in the next step. */
bool snap_send(const struct link_step *, struct link *);

/* Return true while entries are gathered, so a tick is needed at once; and the
 * first place of the log that must stay for it, or UINT64_MAX. */
bool snap_out_gathers(const struct link_net *);
uint64_t snap_out_stay(const struct link_net *);

/* Return true while a text is made. */
bool snap_cut_is_made(const struct link_net *);
/* Drop a text that is not made yet, as a snapshot is about to change the facts.
 * It is begun anew if a link needs it. */
void snap_cut_abort(struct link_net *);
/* Drop the text that no link needs any more; or, at the end, any. */
void snap_cut_drop(const struct link_step *);
void snap_cut_fini(struct link_net *);

/* Log that the snapshot under way to a peer is lost, because the link ends. */
void snap_out_lost(const struct link_step *, const struct link *);

#endif
