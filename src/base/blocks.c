/*
 * Blocks of all lengths are cut from the same slabs, and there is a list of
 * holes for each length. A hole is only used for a block of its own length, so
 * the memory is as large as the peaks of all lengths. Slabs are not freed
 * before blocks_fini(). They double up to 64 KiB, so that a small core stays
 * small. Holes are poisoned like those of a pool.
 */
#include "base/blocks.h"

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/mem.h"
#include "base/poison.h"

#define SLAB_FIRST 512u /* bytes */
#define SLAB_MAX (64u * 1024u)

struct blocks_slab {
	struct blocks_slab *next;
	size_t bytes;
	char data[];
};

struct blocks_hole {
	struct blocks_hole *next;
};

_Static_assert(sizeof(struct blocks_hole) <= BLOCKS_ALIGN, "a hole fits");
_Static_assert(sizeof(struct blocks_slab) % BLOCKS_ALIGN == 0, "is aligned");

void
blocks_init(struct blocks *b)
{
	*b = (struct blocks){ .next = SLAB_FIRST };
}

size_t
blocks_fini(struct blocks *b)
{
	size_t live = b->live;
	struct blocks_slab *slab, *next;

	for (slab = b->slabs; slab != NULL; slab = next) {
		next = slab->next;
		unpoison(slab->data, slab->bytes);
		free(slab);
	}
	blocks_init(b);
	return live;
}

static size_t
rounded(size_t n)
{
	return n == 0 ? BLOCKS_ALIGN
		      : (n + BLOCKS_ALIGN - 1) / BLOCKS_ALIGN * BLOCKS_ALIGN;
}

static struct blocks_hole **
holes_of(struct blocks *b, size_t size)
{
	return &b->holes[size / BLOCKS_ALIGN - 1];
}

static void
hole_push(struct blocks *b, void *block, size_t size)
{
	struct blocks_hole *hole = block, **holes = holes_of(b, size);

	hole->next = *holes;
	*holes = hole;
	poison(hole + 1, size - sizeof(*hole));
	poison_keep(hole, sizeof(*hole));
}

/* Make a new slab. The rest of the old one, which is too short for a block that
 * is wanted now, becomes a hole. */
static void
slab_push(struct blocks *b)
{
	struct blocks_slab *slab = mem_alloc(sizeof(*slab) + b->next);

	if (b->nfresh > 0) {
		unpoison(b->fresh, b->nfresh);
		hole_push(b, b->fresh, b->nfresh);
	}
	slab->next = b->slabs;
	slab->bytes = b->next;
	b->slabs = slab;
	b->fresh = slab->data;
	b->nfresh = slab->bytes;
	poison(slab->data, slab->bytes);
	if (b->next < SLAB_MAX)
		b->next *= 2;
}

static void *
fresh_take(struct blocks *b, size_t size)
{
	void *block;

	if (b->nfresh < size)
		slab_push(b);
	block = b->fresh;
	b->fresh += size;
	b->nfresh -= size;
	unpoison(block, size);
	return block;
}

static void *
hole_pop(struct blocks_hole **holes, size_t size)
{
	struct blocks_hole *hole = *holes;

	unpoison(hole, size);
	*holes = hole->next;
	return hole;
}

void *
blocks_take(struct blocks *b, size_t n)
{
	size_t size = rounded(n);
	struct blocks_hole **holes;

	b->live++;
	if (size > BLOCKS_MAX)
		return mem_alloc(n);
	holes = holes_of(b, size);
	return *holes == NULL ? fresh_take(b, size) : hole_pop(holes, size);
}

void *
blocks_take_zero(struct blocks *b, size_t n)
{
	void *block = blocks_take(b, n);

	return n == 0 ? block : memset(block, 0, n);
}

void
blocks_give(struct blocks *b, void *block, size_t n)
{
	size_t size = rounded(n);

	if (block == NULL)
		return;
	invariant(b->live > 0);
	b->live--;
	if (size > BLOCKS_MAX)
		free(block);
	else
		hole_push(b, block, size);
}

void *
blocks_resize(struct blocks *b, void *block, size_t n, size_t to)
{
	void *other;

	if (block != NULL && rounded(n) > BLOCKS_MAX &&
	    rounded(to) > BLOCKS_MAX)
		return mem_realloc(block, to);
	if (block != NULL && rounded(n) == rounded(to))
		return block;
	other = blocks_take(b, to);
	if (block != NULL && n > 0)
		memcpy(other, block, n < to ? n : to);
	blocks_give(b, block, n);
	return other;
}
