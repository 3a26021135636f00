/*
 * A hash map of pointers to items that carry their own key. Order of
 * iteration is order of insertion: never of addresses, never of the seed.
 * The map owns its table and not the items; an empty map that was never
 * filled allocates nothing.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stdint.h>

#include "base/siphash.h"
#include "base/span.h"

struct map_entry;

struct map {
	struct span (*key)(const void *item);
	struct map_entry *entry; /* dense, oldest first; has holes */
	uint32_t *index;	 /* behind entry, same allocation */
	uint32_t used;		 /* entries, holes included */
	uint32_t live;		 /* items */
	uint32_t size;		 /* slots of index: 0 or a power of 2 */
	uint32_t next;		 /* serial number of the next entry */
	unsigned char seed[SIPHASH_KEY];
};

/*
 * key(item): the bytes that name the item; the same as long as it is in the
 * map. seed is copied.
 */
void map_init(struct map *m, struct span (*key)(const void *item),
    const unsigned char seed[SIPHASH_KEY]);

/* Frees the table; the items are whose they were. Empty and usable after. */
void map_fini(struct map *m);

/* The item of that key, or NULL. */
void *map_find(const struct map *m, struct span key);

/* Invariant: no item of the same key is in the map. */
void map_put(struct map *m, void *item);

/* Takes out the item of that key and returns it, or NULL. */
void *map_del(struct map *m, struct span key);

/*
 *	for (size_t i = 0; (item = map_next(m, &i)) != NULL; )
 *
 * visits each item once, oldest first. The loop may delete any item, also
 * the current one, and put others: what is put is visited at the end, what
 * is deleted before its turn is not. (After 2^32 puts the serial numbers
 * begin again; a loop around exactly that put sees too few.)
 */
void *map_next(const struct map *m, size_t *i);

static inline size_t
map_count(const struct map *m)
{
	return m->live;
}

#endif
