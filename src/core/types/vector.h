/*
 * vector.h - origin -> number: have, done, merged, floor, ph, heads.
 *
 * A sorted array; an origin that is absent counts as 0. On the wire a vector
 * is words `sid.inc=n`.
 */
#ifndef CORE_VECTOR_H
#define CORE_VECTOR_H

#include "core/types/ids.h"

struct vector_item {
	struct origin o;
	uint64_t n;
};

struct vector {
	struct vector_item *v; /* ascending by origin */
	size_t n, cap;
};

/* A vector of zero bytes is empty, too. */
void vector_init(struct vector *);
void vector_fini(struct vector *);
/* vector_get returns 0 if the origin is absent; vector_set adds the origin,
 * whatever n is. */
uint64_t vector_get(const struct vector *, struct origin);
void vector_set(struct vector *, struct origin, uint64_t);
/* Set the number of an origin only if n is greater. */
void vector_raise(struct vector *, struct origin, uint64_t);
void vector_raise_all(struct vector *, const struct vector *);
/* Make dst, which is initialised, equal. */
void vector_copy(struct vector *dst, const struct vector *src);
void vector_clear(struct vector *); /* empty; memory is kept */
/* Return the *n origins of sid, ascending, borrowed until the vector changes,
 * or NULL if it has no origin of sid. */
const struct vector_item *vector_runs(const struct vector *, struct sid,
    size_t *n);
/* Remove the origins of sid up to inc. */
void vector_forget(struct vector *, struct sid, uint32_t inc);
bool vector_eq(const struct vector *, const struct vector *);
/* Return true if a <= b for every origin. */
bool vector_le(const struct vector *a, const struct vector *b);

#endif
