/*
 * The map works like Python's dict: a dense array holds the entries in order of
 * insertion, and a sparse index holds 32-bit entry numbers. It is smaller than
 * chains or a sparse table of pointers, and its order depends only on the calls
 * that were made.
 *
 * Each entry takes one slot of the index and keeps it until the table is
 * rebuilt. A deletion only empties the entry, so that probing still passes over
 * it. If an insertion finds the array full, or a deletion finds few entries of
 * a large array alive, the live entries go to a new table, whose size follows
 * from their number. In between, the array grows by an eighth at a time: it is
 * most of the memory of a large map.
 *
 * A table of a million entries takes 30 ms to move. So if it is large, each
 * insertion and deletion moves some entries, and look-ups ask both tables
 * meanwhile. The entries keep their order, since the new array has a gap for
 * those that are still in the old one:
 *
 *	new	[ moved | gap          | inserted since ]
 *	old	        [ not moved yet ]
 *
 * The place of an entry counts as if what is not moved yet stood in the gap,
 * without the holes that the gap has no room for.
 *
 * Since entries move, a position in an iteration is a serial number. Where
 * size_t has room, the position also holds the place of the entry as a guess.
 * If entries have moved and the guess is wrong, a binary search finds the
 * serial number: they ascend. Positions alone were rejected: they skip items
 * after such a move.
 */
#include "base/map.h"

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/mem.h"

#define MAP_SIZE_MIN 8u
#define MAP_SIZE_MAX (UINT32_C(1) << 31)

#define SMALL 4096u /* entries that move at once: some 50 us */
#define SPARSE 4u   /* a large table shrinks if less than a fourth lives */
#define MOVES 8u    /* entries that an insertion or deletion moves, at least */

struct map_entry {
	void *item; /* NULL: the entry is a hole */
	uint32_t hash;
	uint32_t serial;
};

struct map_growth {
	struct map_entry *entry; /* of the old table */
	uint32_t *index;
	uint32_t used, size;
	uint32_t moved; /* entries of the old table that are moved, or holes */
	uint32_t to;	/* the gap, in the new table */
	uint32_t end;
	uint32_t step; /* entries that an insertion or deletion moves */
};

/* The item of an entry that was deleted before it was moved: it keeps its place
 * in the gap. */
static const char deleted;

static void *
gone(void)
{
	return (void *)(uintptr_t)&deleted;
}

static bool
is_live(const struct map_entry *e)
{
	return e->item != NULL && e->item != gone();
}

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

static void
growth_end(struct map *m)
{
	if (m->growth == NULL)
		return;
	free(m->growth->entry);
	free(m->growth->index);
	free(m->growth);
	m->growth = NULL;
}

void
map_fini(struct map *m)
{
	growth_end(m);
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

static struct map_entry *
probe(const struct map *m, struct map_entry *entry, const uint32_t *index,
    uint32_t size, struct span key, uint32_t hash)
{
	uint32_t mask = size - 1;
	uint32_t slot;

	for (slot = hash & mask; index[slot] != 0; slot = (slot + 1) & mask) {
		struct map_entry *e = &entry[index[slot] - 1];

		if (e->hash == hash && is_live(e) &&
		    span_eq(m->key(e->item), key))
			return e;
	}
	return NULL;
}

/* Return the entry of that key, or NULL. The map is not empty. */
static struct map_entry *
lookup(const struct map *m, struct span key, uint32_t hash)
{
	const struct map_growth *g = m->growth;
	struct map_entry *e = probe(m, m->entry, m->index, m->size, key, hash);

	if (e == NULL && g != NULL)
		e = probe(m, g->entry, g->index, g->size, key, hash);
	return e;
}

/* ---- growing ------------------------------------------------------------- */

/* Move that many entries of the old table, or all. */
static void
move(struct map *m, uint32_t n)
{
	struct map_growth *g = m->growth;

	for (; n > 0 && g->moved < g->used; n--) {
		struct map_entry *e = &g->entry[g->moved++];

		if (e->item == NULL)
			continue;
		m->entry[g->to] = *e;
		if (is_live(e))
			index_add(m, g->to);
		else
			m->entry[g->to].item = NULL;
		e->item = NULL;
		g->to++;
	}
	if (g->moved < g->used)
		return;
	invariant(g->to == g->end);
	growth_end(m);
}

static void
move_all(struct map *m)
{
	if (m->growth != NULL)
		move(m, UINT32_MAX);
}

/* Keep the old table, and make a gap for its live entries in the new one. At
 * the end of the new table all must be moved. */
static void
growth_begin(struct map *m)
{
	struct map_growth *g = mem_zalloc(sizeof(*g));

	*g = (struct map_growth){ .entry = m->entry,
		.index = m->index,
		.used = m->used,
		.size = m->size,
		.end = m->live };
	g->step = m->used / (m->live / 2 + 1) + 1;
	if (g->step < MOVES)
		g->step = MOVES;
	m->growth = g;
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

/* Make a new table for the live entries and half as many more. */
static void
rebuild(struct map *m)
{
	uint32_t size = MAP_SIZE_MIN;
	uint64_t want = (uint64_t)m->live + m->live / 2 + 1;

	while (cap_of(size) < want) {
		invariant(size < MAP_SIZE_MAX);
		size *= 2;
	}
	growth_begin(m);
	m->entry = NULL;
	m->index = mem_zalloc(size * sizeof(*m->index));
	m->size = size;
	m->used = m->live;
	make_room(m);
	if (m->growth->used <= SMALL)
		move_all(m);
}

static void
renumber(struct map *m)
{
	move_all(m);
	rebuild(m);
	move_all(m);
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
	if (m->growth != NULL)
		move(m, m->growth->step);
	if (m->used == cap_of(m->size)) {
		move_all(m);
		rebuild(m);
	} else if (m->used == m->room)
		make_room(m);
	m->entry[m->used] = (struct map_entry){
		.item = item,
		.hash = hash,
		.serial = m->next++,
	};
	m->live++;
	index_add(m, m->used++);
}

static bool
is_in_old(const struct map *m, const struct map_entry *e)
{
	const struct map_growth *g = m->growth;

	return g != NULL && (uintptr_t)e >= (uintptr_t)g->entry &&
	       (uintptr_t)e < (uintptr_t)(g->entry + g->used);
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
	e->item = is_in_old(m, e) ? gone() : NULL;
	m->live--;
	if (m->growth != NULL)
		move(m, m->growth->step);
	else if (m->used > SMALL && m->live < m->used / SPARSE)
		rebuild(m);
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

/* Return how many places there are. */
static uint32_t
places(const struct map *m)
{
	const struct map_growth *g = m->growth;

	return g == NULL ? m->used
			 : g->to + (g->used - g->moved) + (m->used - g->end);
}

static struct map_entry *
entry_at(const struct map *m, uint32_t place)
{
	const struct map_growth *g = m->growth;

	if (g == NULL || place < g->to)
		return &m->entry[place];
	place -= g->to;
	if (place < g->used - g->moved)
		return &g->entry[g->moved + place];
	return &m->entry[g->end + (place - (g->used - g->moved))];
}

/*
 * Return the place of the first entry whose serial number is not below serial.
 */
static uint32_t
seek(const struct map *m, uint32_t guess, uint32_t serial)
{
	uint32_t low = 0, high = places(m);

	/* Entries only move down, so a guess can only be too high. */
	if (guess <= high &&
	    (guess == 0 || entry_at(m, guess - 1)->serial < serial))
		return guess;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (entry_at(m, mid)->serial < serial)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

void *
map_next(const struct map *m, size_t *i)
{
	uint32_t n = places(m);
	uint32_t at;

	at = seek(m, cursor_place(*i), (uint32_t)(*i & UINT32_MAX));
	for (; at < n; at++) {
		struct map_entry *e = entry_at(m, at);

		if (!is_live(e))
			continue;
		*i = cursor(at + 1, e->serial + 1);
		return e->item;
	}
	return NULL;
}
