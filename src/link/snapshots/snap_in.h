/*
 * snap_in.h - a snapshot that comes from a peer (link-protocol.md, part 8).
 *
 * An incoming snapshot is buffered until it is complete. Until END it belongs
 * to its link. snap_take.h says how it is checked and taken.
 */
#ifndef LINK_SNAP_IN_H
#define LINK_SNAP_IN_H

#include <stdbool.h>

#include "base/mtime.h"
#include "core/core.h"

struct link;
struct link_net;
struct link_step;
struct unpacker;

/* The default of snap_bytes_max(), and the time from SNAP to END. */
#define SNAP_BYTES_MAX ((uint64_t)1024 * 1024 * 1024)
#define SNAP_MS 600000

/* Return how many bytes all incoming snapshots together may have, as lines that
 * are not compressed. */
uint64_t snap_bytes_max(const struct link_net *);

/* Only snap_in.c and snap_take.c look inside. */
struct snap_in {
	struct link_net *net; /* borrowed */
	struct snap_facts *facts;
	struct entry **entry;
	size_t nentry, capentry;
	struct vector v, f;
	struct vector ready;	   /* the runs of its READYs */
	size_t bytes;		   /* of the entries */
	struct mono until;	   /* awake: END must have come */
	bool ending;		   /* an END line came: no facts may follow */
	struct unpacker *unpacker; /* NULL before the first PACK */

	/* of snap_judge() */
	size_t checked;	   /* carried entries that it has looked at */
	struct vector had; /* have, f, and those entries */
	struct vector cov; /* max(done, merged) */
	const char *why;   /* the snapshot does not fit; or NULL */
	enum install_loss loss;
	size_t judged; /* users that it has looked at */

	/* of snap_take() */
	struct conn_id from; /* the link that brought it */
	size_t taken;	     /* carried entries that it has looked at */
};

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
/* Log that the snapshot under way from a peer is lost, because the link
 * ends. */
void snap_in_lost(const struct link_step *, const struct link *);

#endif
