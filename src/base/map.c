/*
 * The map works like Python's dict: a dense array holds the entries in order of
 * insertion, and a sparse index holds 32-bit entry numbers. It is smaller than
 * chains or a sparse table of pointers, and its order depends only on the calls
 * that were made.
 *
 * Each entry takes one slot of the index and keeps it until the table is
 * rebuilt. A deletion only empties the entry, so that probing still passes over
 * it. Entries move only on an insertion into a full array: the live entries
 * then move together, and get a new index, larger or smaller, whose size
 * follows from their number. In between, the array grows by an eighth at a
 * time: it is most of the memory of a large map.
 *
 * Since entries move, a position in an iteration is a serial number. Where
 * size_t has room, the position also holds the place of the entry as a guess.
 * If an insertion made the guess wrong, a binary search finds the serial
 * number: they ascend. Positions alone were rejected: they skip items after
 * such a move.
 */
#include "base/map.h"

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/mem.h"

#define MAP_SIZE_MIN 8u
#define MAP_SIZE_MAX (UINT32_C(1) << 31)

struct map_entry {
	void *item; /* NULL: the entry is a hole */
	uint32_t hash;
	uint32_t serial;
};

/* Return how many entries go with an index of that size: three quarters. */
static uint32_t
cap_of(uint32_t size)
{
	return size - size / 4;
}

void
map_init(struct map *m, struct span (*key)(const void *item),
    const unsigned char seed[SIPHASH_KEY])
{
	*m = (struct map){ .key = key };
	memcpy(m->seed, seed, sizeof(m->seed));
}

void
map_fini(struct map *m)
{
	free(m->entry);
	free(m->index);
	m->entry = NULL;
	m->index = NULL;
	m->room = m->used = m->live = m->size = 0;
}

static uint32_t
hash_of(const struct map *m, struct span key)
{
	return (uint32_t)(siphash(m->seed, key) & UINT32_MAX);
}

/* Put the number of an entry that is not in the index yet into its slot. */
static void
index_add(struct map *m, uint32_t n)
{
	uint32_t mask = m->size - 1;
	uint32_t slot = m->entry[n].hash & mask;

	while (m->index[slot] != 0)
		slot = (slot + 1) & mask;
	m->index[slot] = n + 1;
}

/* Return the entry of that key, or NULL. The map is not empty. */
static struct map_entry *
lookup(const struct map *m, struct span key, uint32_t hash)
{
	uint32_t mask = m->size - 1;
	uint32_t slot;

	for (slot = hash & mask; m->index[slot] != 0;
	     slot = (slot + 1) & mask) {
		struct map_entry *e = &m->entry[m->index[slot] - 1];

		if (e->hash == hash && e->item != NULL &&
		    span_eq(m->key(e->item), key))
			return e;
	}
	return NULL;
}

/* Let the array have room for some more entries than are used, as far as the
 * index goes. */
static void
make_room(struct map *m)
{
	uint32_t most = cap_of(m->size), more = m->used / 8 + MAP_SIZE_MIN;

	m->room = more < most - m->used ? m->used + more : most;
	m->entry = mem_array(m->entry, m->room, sizeof(*m->entry));
}

/* Move the live entries together, and make an index for them and half as many
 * more. */
static void
rebuild(struct map *m)
{
	uint32_t size = MAP_SIZE_MIN, used = 0;
	uint64_t want = (uint64_t)m->live + m->live / 2 + 1;

	while (cap_of(size) < want) {
		invariant(size < MAP_SIZE_MAX);
		size *= 2;
	}
	for (uint32_t i = 0; i < m->used; i++)
		if (m->entry[i].item != NULL)
			m->entry[used++] = m->entry[i];
	free(m->index);
	m->index = mem_zalloc(size * sizeof(*m->index));
	m->size = size;
	m->used = used;
	make_room(m);
	for (uint32_t i = 0; i < used; i++)
		index_add(m, i);
}

static void
renumber(struct map *m)
{
	rebuild(m);
	for (uint32_t i = 0; i < m->used; i++)
		m->entry[i].serial = i;
	m->next = m->used;
}

void *
map_find(const struct map *m, struct span key)
{
	struct map_entry *e;

	if (m->live == 0)
		return NULL;
	e = lookup(m, key, hash_of(m, key));
	return e == NULL ? NULL : e->item;
}

void
map_put(struct map *m, void *item)
{
	struct span key = m->key(item);
	uint32_t hash = hash_of(m, key);

	invariant(m->live == 0 || lookup(m, key, hash) == NULL);
	if (m->next == UINT32_MAX)
		renumber(m);
	if (m->used == cap_of(m->size))
		rebuild(m);
	else if (m->used == m->room)
		make_room(m);
	m->entry[m->used] = (struct map_entry){
		.item = item,
		.hash = hash,
		.serial = m->next++,
	};
	m->live++;
	index_add(m, m->used++);
}

void *
map_del(struct map *m, struct span key)
{
	struct map_entry *e;
	void *item;

	if (m->live == 0)
		return NULL;
	e = lookup(m, key, hash_of(m, key));
	if (e == NULL)
		return NULL;
	item = e->item;
	e->item = NULL;
	m->live--;
	return item;
}

#if SIZE_MAX > UINT32_MAX
static size_t
cursor(uint32_t place, uint32_t serial)
{
	return (size_t)place << 32 | serial;
}

static uint32_t
cursor_place(size_t i)
{
	return (uint32_t)(i >> 32);
}
#else
static size_t
cursor(uint32_t place, uint32_t serial)
{
	(void)place;
	return serial;
}

static uint32_t
cursor_place(size_t i)
{
	(void)i;
	return 0;
}
#endif

/*
 * Return the place of the first entry whose serial number is not below serial.
 */
static uint32_t
seek(const struct map *m, uint32_t guess, uint32_t serial)
{
	uint32_t low = 0, high = m->used;

	/* Entries only move down, so a guess can only be too high. */
	if (guess <= m->used &&
	    (guess == 0 || m->entry[guess - 1].serial < serial))
		return guess;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (m->entry[mid].serial < serial)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

void *
map_next(const struct map *m, size_t *i)
{
	uint32_t at;

	at = seek(m, cursor_place(*i), (uint32_t)(*i & UINT32_MAX));
	for (; at < m->used; at++) {
		struct map_entry *e = &m->entry[at];

		if (e->item == NULL)
			continue;
		*i = cursor(at + 1, e->serial + 1);
		return e->item;
	}
	return NULL;
}
