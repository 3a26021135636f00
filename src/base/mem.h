/*
 * Allocation that succeeds or ends the process. Memory sized by a peer is
 * bounded before these functions are called. So an allocation fails only if the
 * machine has no memory, and to go on then would break more than to stop. The
 * caller frees the memory with free().
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>
#include <stdint.h>

/*
 * Allocate n bytes, never NULL; n may be 0. mem_zalloc() sets them to zero.
 * mem_realloc() resizes old, which may be NULL.
 */
void *mem_alloc(size_t n);
void *mem_zalloc(size_t n);
void *mem_realloc(void *old, size_t n);

/*
 * Resize old, which may be NULL, to count elements of size bytes each. Abort if
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
