/*
 * snapshot.h - all facts as a list of parts, and taking such a list in
 * (doc/link-protocol.md, parts 6 and 8).
 */
#ifndef CORE_SNAPSHOT_H
#define CORE_SNAPSHOT_H

#include "core/state.h"

/* Do the work of core_install within its step. */
void snapshot_install(struct step *, const struct snap_item *, size_t n,
    const struct vector *v, const struct vector *cov);

#endif
