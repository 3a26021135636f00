/*
 * A bump allocator for memory that lives for one step: allocations are not
 * freed one by one; arena_reset() frees them all at once.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct arena;

/*
 * Make an arena that reserves chunk bytes at a time; a larger allocation gets a
 * chunk of its own. The caller frees the arena with arena_free(), which allows
 * NULL.
 */
struct arena *arena_new(size_t chunk);

/* Free the arena and everything that was allocated from it. */
void arena_free(struct arena *a);

/*
 * Allocate n bytes, aligned for any object; never NULL. They are valid until
 * the next reset. arena_zalloc() sets them to zero.
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

/* Copy s. A NUL that is not part of the span stands behind the copy. */
struct span arena_span_dup(struct arena *a, struct span s);

/* Free the newest chunk and all that is in it. Return false if there is none.
 * So a large arena can be freed in pieces. */
bool arena_free_chunk(struct arena *a);

/* Return how many bytes were allocated since the last reset, and lost to
 * alignment. */
size_t arena_taken(const struct arena *a);

/* Invalidate everything that was allocated. The largest chunk is kept, if it is
 * not larger than ARENA_KEPT and the arena's own chunks. */
#define ARENA_KEPT ((size_t)256 * 1024)
void arena_reset(struct arena *a);

#endif
