/*
 * A hash map of pointers to items that carry their own key. An iteration
 * follows the order of insertion; it never depends on addresses or on the seed.
 * No call takes long: a large table grows or shrinks bit by bit, with each
 * insertion and deletion.
 * The map owns its table and not the items. An empty map that was never filled
 * allocates nothing.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stdint.h>

#include "base/siphash.h"
#include "base/span.h"

struct map_entry;
struct map_growth;

struct map {
	struct span (*key)(const void *item);
	struct map_entry *entry; /* dense, oldest first; has holes */
	uint32_t *index;
	uint32_t room;		   /* entries that are allocated */
	uint32_t used;		   /* entries, holes included */
	uint32_t live;		   /* items */
	uint32_t size;		   /* slots of index: 0 or a power of 2 */
	uint32_t next;		   /* serial number of the next entry */
	struct map_growth *growth; /* the table before, moved bit by bit */
	unsigned char seed[SIPHASH_KEY];
};

/*
 * Prepare an empty map. key(item) returns the bytes that name an item; they do
 * not change while the item is in the map. seed is copied. The caller frees the
 * table with map_fini().
 */
void map_init(struct map *m, struct span (*key)(const void *item),
    const unsigned char seed[SIPHASH_KEY]);

/*
 * Free the table; the items still belong to their owners. The map is empty and
 * usable afterwards.
 */
void map_fini(struct map *m);

/* Return the item with that key, or NULL. */
void *map_find(const struct map *m, struct span key);

/*
 * Put an item into the map. Invariant: the map holds no item with the same key.
 */
void map_put(struct map *m, void *item);

/* Remove the item with that key and return it, or return NULL. */
void *map_del(struct map *m, struct span key);

/*
 * Return the next item of an iteration, or NULL at its end:
 *
 *	for (size_t i = 0; (item = map_next(m, &i)) != NULL; )
 *
 * The loop visits each item once, oldest first. It may delete any item, also
 * the current one, and put others. An item that is put is visited at the end;
 * an item that is deleted before its turn is not visited. (After 2^32 puts the
 * serial numbers begin again; a loop that runs during exactly that put misses
 * some items.)
 */
void *map_next(const struct map *m, size_t *i);

static inline size_t
map_count(const struct map *m)
{
	return m->live;
}

#endif
