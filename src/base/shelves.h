/*
 * A hash table of items of which several may have the same key. Items with one
 * key stand on one shelf, in no order.
 *
 * The owner of an item embeds a struct shelf_item in it, and takes it off
 * before the item is freed. The table owns the shelves and their keys.
 */
#ifndef BASE_SHELVES_H
#define BASE_SHELVES_H

#include "base/map.h"

struct shelf;

struct shelf_item {
	struct shelf_item *next, *prev; /* on the shelf; NULL: none */
	struct shelf *shelf;		/* NULL: on none */
};

struct shelf {
	struct shelf_item *first; /* never NULL */
	uint32_t n;
	uint64_t mark; /* of the caller, at first 0 */
	size_t nkey;
	char key[];
};

struct shelves {
	struct map map;
};

void shelves_init(struct shelves *, const unsigned char seed[SIPHASH_KEY]);
/* Free the table, which must be empty. */
void shelves_fini(struct shelves *);

/* Put an item on the shelf of that key; the key is copied. The item must be on
 * no shelf. */
void shelves_put(struct shelves *, struct shelf_item *, struct span key);
/* Take an item off its shelf. Return true if the shelf is empty and gone. */
bool shelves_take(struct shelves *, struct shelf_item *);

/* Return the shelf of that key, or NULL; borrowed until an item is put or
 * taken. */
struct shelf *shelves_find(const struct shelves *, struct span key);

#endif
