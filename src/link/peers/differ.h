/*
 * differ.h - in which things a peer differs from this server (limits, modules),
 * and whether our operator knows it already.
 *
 * A difference is told when it comes or changes. A peer can change it with each
 * line, so a link tells at most DIFFER_MANY of one kind in DIFFER_MS; changes
 * beyond that are not told.
 */
#ifndef LINK_DIFFER_H
#define LINK_DIFFER_H

#include <stdbool.h>

#include "base/mtime.h"
#include "base/rcbuf.h"
#include "base/span.h"

#define DIFFER_MANY 5
#define DIFFER_MS 600000

struct differ {
	struct rcbuf *known; /* ours, a line feed, theirs; NULL: equal */
	struct mono until;   /* of this stretch of time */
	unsigned told;	     /* in it */
};

/* Note how both sides differ now; two empty spans: they do not. Return true if
 * our operator is to be told. */
bool differ_note(struct differ *, struct span ours, struct span theirs,
    struct mono now);

void differ_fini(struct differ *);

#endif
