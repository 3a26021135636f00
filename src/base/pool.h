/*
 * Objects of one size and one kind, and a count of the live ones. The owner
 * empties the pool before pool_fini(). If the count is not 0 there, objects of
 * that kind have leaked.
 */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <stddef.h>

struct pool_slab;
struct pool_hole;

struct pool {
	const char *name; /* for reports; not copied */
	size_t size;	  /* of an object, rounded up */
	size_t step;	  /* objects in the next slab */
	size_t live;
	struct pool_slab *slabs;
	struct pool_hole *holes; /* objects that were returned */
	char *fresh;		 /* the unused rest of the newest slab */
	size_t nfresh;
};

/* Prepare an empty pool for objects of size bytes. name stays the caller's. */
void pool_init(struct pool *pool, size_t size, const char *name);

/* Free all memory. Return how many objects were still live. */
size_t pool_fini(struct pool *pool);

/* Take an object, zeroed and never NULL. Return it with pool_give(). */
void *pool_take(struct pool *pool);

/* Return obj, which came from this pool, or NULL. It must not be used again. */
void pool_give(struct pool *pool, void *obj);

static inline size_t
pool_live(const struct pool *pool)
{
	return pool->live;
}

#endif
