/*
 * A hash table of items that carry their own key, and a pointer to the next
 * item of their chain. It takes 11 bytes an item, that pointer included, where
 * a map (base/map.h) takes some 26. It has no order, so it cannot be walked. No
 * call takes long: the table grows and shrinks by one chain at a time. It owns
 * its table and not the items. An empty table that was never filled allocates
 * nothing.
 */
#ifndef BASE_CHAINS_H
#define BASE_CHAINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/siphash.h"
#include "base/span.h"

/* Bytes of a key that an item does not have as they are. */
#define CHAINS_KEY_MAX 512

/* How items are named. */
struct chains_type {
	/* Return the bytes that name an item; they may be written to buf. They
	 * do not change while the item is in the table. */
	struct span (*key)(const void *item, char buf[CHAINS_KEY_MAX]);
	/* Return true if these bytes are the key of the item. */
	bool (*is)(const void *item, struct span key);
};

struct chains {
	const struct chains_type *type;
	size_t link; /* offset of the pointer in an item */
	/* the first items of all chains, in segments of equal length */
	void ***segment;
	uint32_t nsegment, capsegment;
	uint32_t nchain;
	uint32_t top; /* the least power of two >= nchain; 0 if that is 0 */
	uint32_t n;   /* items */
	unsigned char seed[SIPHASH_KEY];
};

/*
 * Prepare an empty table. The caller keeps the type. link is the offset of a
 * void * in each item, for the table alone. seed is copied. The caller frees
 * the table with chains_fini().
 */
void chains_init(struct chains *, const struct chains_type *, size_t link,
    const unsigned char seed[SIPHASH_KEY]);

/* Free the table; the items still belong to their owners. */
void chains_fini(struct chains *);

/* Return the item with that key, or NULL. */
void *chains_find(const struct chains *, struct span key);

/* Put an item into the table. Invariant: it holds no item with the same key. */
void chains_put(struct chains *, void *item);

/* Remove the item with that key and return it, or return NULL. */
void *chains_del(struct chains *, struct span key);

static inline size_t
chains_count(const struct chains *c)
{
	return c->n;
}

#endif
