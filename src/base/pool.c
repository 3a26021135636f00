/*
 * Slabs of objects, and a list of holes through the objects that were returned.
 * A slab is not freed before pool_fini(), so a pool is as large as its peak
 * was. The part of the last slab that was never used is never touched, and so
 * takes no memory. Slabs double from 8 objects up to about 64 KiB, so that a
 * small core stays small (a simulation has a hundred of them). Holes are
 * poisoned, so that a use after pool_give() is detected like a use after
 * free().
 */
#include "base/pool.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/mem.h"
#include "base/poison.h"

#define POOL_STEP_FIRST 8
#define POOL_SLAB_MAX (64 * 1024) /* bytes */

struct pool_slab {
	struct pool_slab *next;
	size_t bytes;
	alignas(max_align_t) char data[];
};

struct pool_hole {
	struct pool_hole *next;
};

void
pool_init(struct pool *pool, size_t size, const char *name)
{
	/* a larger alignment already divides the size */
	const size_t align = alignof(struct pool_hole);

	if (size < sizeof(struct pool_hole))
		size = sizeof(struct pool_hole);
	*pool = (struct pool){
		.name = name,
		.size = (size + align - 1) / align * align,
		.step = POOL_STEP_FIRST,
	};
}

size_t
pool_fini(struct pool *pool)
{
	size_t live = pool->live;
	struct pool_slab *slab, *next;

	for (slab = pool->slabs; slab != NULL; slab = next) {
		next = slab->next;
		unpoison(slab->data, slab->bytes);
		free(slab);
	}
	pool->slabs = NULL;
	pool->holes = NULL;
	pool->nfresh = 0;
	pool->live = 0;
	return live;
}

static void
hole_push(struct pool *pool, void *obj)
{
	struct pool_hole *hole = obj;

	hole->next = pool->holes;
	pool->holes = hole;
	poison(hole + 1, pool->size - sizeof(*hole));
	poison_keep(hole, sizeof(*hole));
}

static void
slab_push(struct pool *pool)
{
	size_t bytes = pool->step * pool->size;
	struct pool_slab *slab = mem_alloc(sizeof(*slab) + bytes);

	slab->next = pool->slabs;
	slab->bytes = bytes;
	pool->slabs = slab;
	pool->fresh = slab->data;
	pool->nfresh = pool->step;
	poison(slab->data, bytes);
	if (bytes < POOL_SLAB_MAX / 2)
		pool->step *= 2;
}

static void *
fresh_take(struct pool *pool)
{
	void *obj;

	if (pool->nfresh == 0)
		slab_push(pool);
	obj = pool->fresh;
	pool->fresh += pool->size;
	pool->nfresh--;
	unpoison(obj, pool->size);
	return obj;
}

static void *
hole_pop(struct pool *pool)
{
	struct pool_hole *hole = pool->holes;

	unpoison(hole, pool->size);
	pool->holes = hole->next;
	return hole;
}

void *
pool_take(struct pool *pool)
{
	void *obj = pool->holes == NULL ? fresh_take(pool) : hole_pop(pool);

	pool->live++;
	return memset(obj, 0, pool->size);
}

void
pool_give(struct pool *pool, void *obj)
{
	if (obj == NULL)
		return;
	invariant(pool->live > 0);
	pool->live--;
	hole_push(pool, obj);
}
