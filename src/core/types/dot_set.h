/*
 * dot_set.h - a set of very many dots, from which nothing is removed. It takes
 * some 22 bytes a dot, has no order, and owns its tables. No call takes long:
 * each of its tables grows by itself.
 */
#ifndef CORE_DOT_SET_H
#define CORE_DOT_SET_H

#include "base/siphash.h"
#include "core/types/ids.h"

struct dot_table;

struct dot_set {
	struct dot_table *table; /* NULL before the first dot */
	size_t n, bytes;
	unsigned char seed[SIPHASH_KEY];
};

/* Prepare an empty set. seed is copied. The caller frees the tables with
 * dot_set_fini(). */
void dot_set_init(struct dot_set *, const unsigned char seed[SIPHASH_KEY]);
void dot_set_fini(struct dot_set *);

/* Put a dot into the set, unless it is there. Invariant: its n is not 0. */
void dot_set_put(struct dot_set *, struct dot);
bool dot_set_has(const struct dot_set *, struct dot);

/* Return how much memory the tables take. */
static inline size_t
dot_set_bytes(const struct dot_set *s)
{
	return s->bytes;
}

#endif
