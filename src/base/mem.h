/*
 * Memory that is there or ends the process. What a peer can make us allocate
 * is bounded before these are called, so running out is the machine's
 * failure, and going on half-way would break more than stopping. Freed with
 * free().
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>
#include <stdint.h>

/* n bytes, never NULL; n may be 0. Zeroed by mem_zalloc; old may be NULL. */
void *mem_alloc(size_t n);
void *mem_zalloc(size_t n);
void *mem_realloc(void *old, size_t n);

/*
 * old (or NULL) resized to count elements of size bytes each; aborts when
 * count * size overflows.
 */
void *mem_array(void *old, size_t count, size_t size);

/*
 * Make room for more elements in an array that is full: double *cap, or set it
 * to first if it is 0, and return old (or NULL) resized to *cap elements of
 * size bytes each. Abort when the new capacity overflows.
 */
void *mem_grow(void *old, size_t *cap, size_t first, size_t size);
void *mem_grow32(void *old, uint32_t *cap, uint32_t first, size_t size);

#endif
