/*
 * snapshot.h - all facts as a list of parts, each on a line
 * (doc/link-protocol.md, parts 6 and 8).
 */
#ifndef CORE_SNAPSHOT_H
#define CORE_SNAPSHOT_H

#include "core/state.h"

struct unknown; /* core/facts/unknown.h */

/*
 * Parse a line that snap_item_build() has written. Return NULL, or what is
 * wrong with it. Texts are borrowed from the line, lists live in the arena.
 */
const char *snap_item_parse(struct span line, struct arena *,
    struct snap_item *);

/* Call fn for the founding, its registers and its masks, as core_walk() does;
 * at most `max` masks. Return how many items there were. */
size_t snapshot_founding(const struct founding *, size_t max,
    void (*fn)(void *ctx, const struct snap_item *), void *ctx);

/* Fill in the item of a fact of a later verb. */
void snapshot_unknown(const struct unknown *, struct snap_item *);

/* Return true if the item adds an element, not a register. */
bool snap_item_is_element(const struct snap_item *);

#endif
