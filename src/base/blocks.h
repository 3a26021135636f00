/*
 * Blocks of memory of any length, for the many small things that facts own:
 * words of a user, registers, the text of a nick. A block has no header and its
 * length is rounded up to 8 bytes, where malloc needs 8 bytes for itself and
 * rounds up to 16. So the owner says the length again when it gives a block
 * back. Blocks that are longer than BLOCKS_MAX come from malloc.
 */
#ifndef BASE_BLOCKS_H
#define BASE_BLOCKS_H

#include <stddef.h>

#define BLOCKS_ALIGN 8u
#define BLOCKS_MAX 256u /* bytes */

struct blocks_slab;
struct blocks_hole;

struct blocks {
	size_t live; /* blocks */
	struct blocks_slab *slabs;
	/* blocks that were given back, by length */
	struct blocks_hole *holes[BLOCKS_MAX / BLOCKS_ALIGN];
	char *fresh; /* the unused rest of the newest slab */
	size_t nfresh;
	size_t next; /* bytes of the next slab */
};

/* Prepare a source of blocks that has no memory yet. */
void blocks_init(struct blocks *);

/* Free all memory. Return how many blocks were still in use. */
size_t blocks_fini(struct blocks *);

/* Take a block of n bytes, never NULL. Its bytes have any value; n may be 0. It
 * is aligned for pointers. Return it with blocks_give(). */
void *blocks_take(struct blocks *, size_t n);

/* Take a block like blocks_take(), and set all bytes to zero. */
void *blocks_take_zero(struct blocks *, size_t n);

/* Return a block of n bytes, or NULL. It must not be used again. */
void blocks_give(struct blocks *, void *block, size_t n);

/* Return a block of `to` bytes that begins as this one of n bytes, which must
 * not be used again. block may be NULL if n is 0. */
void *blocks_resize(struct blocks *, void *block, size_t n, size_t to);

#endif
