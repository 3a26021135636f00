/*
 * Objects of one size and one kind, with a count of how many live. Their
 * owner empties the pool before pool_fini(); a count that is not 0 there is
 * a leak of that kind of object.
 */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <stddef.h>

struct pool_slab;
struct pool_hole;

struct pool {
	const char *name; /* not copied; for reports */
	size_t size;	  /* of an object, rounded up */
	size_t step;	  /* objects in the next slab */
	size_t live;
	struct pool_slab *slabs;
	struct pool_hole *holes; /* given back */
	char *fresh;		 /* never taken yet: the rest of a slab */
	size_t nfresh;
};

void pool_init(struct pool *pool, size_t size, const char *name);

/* Frees all memory; returns how many objects still lived. */
size_t pool_fini(struct pool *pool);

/* A zeroed object, never NULL; given back with pool_give(). */
void *pool_take(struct pool *pool);

/* obj came from this pool and is not used again; NULL is allowed. */
void pool_give(struct pool *pool, void *obj);

static inline size_t
pool_live(const struct pool *pool)
{
	return pool->live;
}

#endif
