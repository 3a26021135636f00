/*
 * A bump allocator for memory that lives for one step: take without
 * freeing, then give everything back at once with arena_reset().
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/span.h"

struct arena;

/*
 * chunk: bytes to reserve at a time; what is larger gets its own. The caller
 * owns it: arena_free(), for which NULL is allowed.
 */
struct arena *arena_new(size_t chunk);
void arena_free(struct arena *a);

/*
 * n bytes aligned for any object, valid until the next reset; never NULL.
 * arena_zalloc() gives them zeroed.
 */
void *arena_alloc(struct arena *a, size_t n);
void *arena_zalloc(struct arena *a, size_t n);

/*
 * Return a copy of old's *cap elements of size bytes each, with room for twice
 * as many, or for first if *cap is 0; set *cap to the new number. old stays
 * valid until the next reset.
 */
void *arena_grow(struct arena *a, const void *old, size_t *cap, size_t first,
    size_t size);

/* A copy of s, with a NUL behind it that is not part of the span. */
struct span arena_span_dup(struct arena *a, struct span s);

/* Ends the life of all that was taken; keeps the largest chunk. */
void arena_reset(struct arena *a);

#endif
