/*
 * A snapshot of a large network has a million dots, so they stand in tables
 * without a pointer: open addressing, with linear probing. A table that has to
 * grow moves all its dots. So there are many tables, and the hash says in which
 * one a dot is: of a million dots, some 4000 move at once, in 0.1 ms.
 *
 * A table is at most seven eighths full and grows by half: its size is no power
 * of two, and the place of a dot is the hash as a fraction of the size.
 */
#include "core/types/dot_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/mem.h"

#define TABLES 256u
#define SIZE_MIN 4u

struct dot_table {
	struct dot *slot; /* n is 0: free */
	uint32_t n, size;
};

void
dot_set_init(struct dot_set *s, const unsigned char seed[SIPHASH_KEY])
{
	*s = (struct dot_set){ 0 };
	memcpy(s->seed, seed, sizeof(s->seed));
}

void
dot_set_fini(struct dot_set *s)
{
	for (unsigned i = 0; s->table != NULL && i < TABLES; i++)
		free(s->table[i].slot);
	free(s->table);
	s->table = NULL;
	s->n = s->bytes = 0;
}

static uint64_t
hash_of(const struct dot_set *s, const struct dot *d)
{
	return siphash(s->seed, dot_span(d));
}

/* Return the slot of the dot, or the free one where it would be. */
static struct dot *
slot_of(const struct dot_table *t, uint64_t hash, const struct dot *d)
{
	uint32_t i = (uint32_t)(((hash & UINT32_MAX) * t->size) >> 32);

	while (t->slot[i].n != 0 && memcmp(&t->slot[i], d, sizeof(*d)) != 0)
		i = i + 1 == t->size ? 0 : i + 1;
	return &t->slot[i];
}

static struct dot_table *
table_of(const struct dot_set *s, uint64_t hash)
{
	return &s->table[hash >> 56];
}

/* Return true if the table must grow before one more dot. At least one slot is
 * free, so that each search ends. */
static bool
is_full(const struct dot_table *t)
{
	return t->n + t->size / 8 + 1 >= t->size;
}

static void
grow(struct dot_set *s, struct dot_table *t)
{
	struct dot_table old = *t;

	t->size = old.size == 0 ? SIZE_MIN : old.size + old.size / 2;
	t->slot = mem_zalloc(t->size * sizeof(struct dot));
	s->bytes += (t->size - old.size) * sizeof(struct dot);
	for (uint32_t i = 0; i < old.size; i++)
		if (old.slot[i].n != 0)
			*slot_of(t, hash_of(s, &old.slot[i]), &old.slot[i]) =
			    old.slot[i];
	free(old.slot);
}

void
dot_set_put(struct dot_set *s, struct dot d)
{
	uint64_t hash = hash_of(s, &d);
	struct dot_table *t;
	struct dot *slot;

	invariant(d.n != 0);
	if (s->table == NULL) {
		s->bytes = TABLES * sizeof(struct dot_table);
		s->table = mem_zalloc(s->bytes);
	}
	t = table_of(s, hash);
	if (is_full(t))
		grow(s, t);
	slot = slot_of(t, hash, &d);
	if (slot->n != 0)
		return;
	*slot = d;
	t->n++;
	s->n++;
}

bool
dot_set_has(const struct dot_set *s, struct dot d)
{
	uint64_t hash = hash_of(s, &d);
	const struct dot_table *t;

	if (s->table == NULL)
		return false;
	t = table_of(s, hash);
	return t->size > 0 && slot_of(t, hash, &d)->n != 0;
}
