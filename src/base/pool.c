/*
 * Slabs of objects and a list of holes through the unused ones. A slab is
 * never given back before pool_fini(): pools are as large as their peak.
 * Slabs double from 8 objects up to about 64 KiB, so that a small core (a
 * simulation has a hundred) stays small. Holes are poisoned, so that a use
 * after pool_give() is seen as one after free() would be.
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
	/* the size of what needs more is a multiple of that already */
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
	for (size_t i = pool->step; i-- > 0;)
		hole_push(pool, slab->data + i * pool->size);
	if (bytes < POOL_SLAB_MAX / 2)
		pool->step *= 2;
}

void *
pool_take(struct pool *pool)
{
	struct pool_hole *hole;

	if (pool->holes == NULL)
		slab_push(pool);
	hole = pool->holes;
	unpoison(hole, pool->size);
	pool->holes = hole->next;
	pool->live++;
	return memset(hole, 0, pool->size);
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
