/*
 * A list of chunks, the newest first. Each allocation is cut from the newest
 * chunk. If it does not fit, a new chunk of at least its size is made, and the
 * rest of the chunk before is wasted until the reset; a step bounds that waste.
 * After some steps the one chunk that is kept holds a usual step, and malloc is
 * not called any more. A chunk of an unusual step is not kept. Free memory is
 * poisoned.
 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/poison.h"

struct chunk {
	struct chunk *next;
	size_t size; /* bytes of data */
	size_t used;
	alignas(max_align_t) char data[];
};

struct arena {
	struct chunk *top;
	size_t min; /* least size of a chunk */
	size_t taken;
};

struct arena *
arena_new(size_t chunk)
{
	struct arena *a = mem_zalloc(sizeof(*a));

	a->min = chunk;
	return a;
}

static void
chunk_free(struct chunk *c)
{
	unpoison(c->data, c->size);
	free(c);
}

void
arena_free(struct arena *a)
{
	struct chunk *c, *next;

	if (a == NULL)
		return;
	for (c = a->top; c != NULL; c = next) {
		next = c->next;
		chunk_free(c);
	}
	free(a);
}

bool
arena_free_chunk(struct arena *a)
{
	struct chunk *c = a->top;

	if (c == NULL)
		return false;
	a->top = c->next;
	chunk_free(c);
	return true;
}

static void
chunk_push(struct arena *a, size_t n)
{
	size_t size = n > a->min ? n : a->min;
	struct chunk *c;

	if (size > SIZE_MAX - sizeof(*c))
		abort();
	c = mem_alloc(sizeof(*c) + size);
	c->next = a->top;
	c->size = size;
	c->used = 0;
	poison(c->data, c->size);
	a->top = c;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	const size_t align = alignof(max_align_t);
	size_t room;
	void *p;

	if (n > SIZE_MAX - align)
		abort();
	room = n == 0 ? align : (n + align - 1) / align * align;
	if (a->top == NULL || a->top->size - a->top->used < room)
		chunk_push(a, room);
	p = a->top->data + a->top->used;
	a->top->used += room;
	a->taken += room;
	unpoison(p, n);
	return p;
}

void *
arena_zalloc(struct arena *a, size_t n)
{
	return memset(arena_alloc(a, n), 0, n);
}

void *
arena_grow(struct arena *a, const void *old, size_t *cap, size_t first,
    size_t size)
{
	size_t n = *cap;
	void *p;

	if (n > SIZE_MAX / 2 / size)
		abort();
	*cap = n == 0 ? first : n * 2;
	p = arena_alloc(a, *cap * size);
	if (n > 0)
		memcpy(p, old, n * size);
	return p;
}

struct span
arena_span_dup(struct arena *a, struct span s)
{
	char *p = arena_alloc(a, s.n + 1);

	if (s.n > 0)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return (struct span){ p, s.n };
}

size_t
arena_taken(const struct arena *a)
{
	return a->taken;
}

/* Return the largest chunk that may be kept, or NULL. */
static struct chunk *
kept(const struct arena *a)
{
	size_t most = a->min > ARENA_KEPT ? a->min : ARENA_KEPT;
	struct chunk *keep = NULL;

	for (struct chunk *c = a->top; c != NULL; c = c->next)
		if (c->size <= most && (keep == NULL || c->size > keep->size))
			keep = c;
	return keep;
}

void
arena_reset(struct arena *a)
{
	struct chunk *keep = kept(a);
	struct chunk *c, *next;

	a->taken = 0;
	for (c = a->top; c != NULL; c = next) {
		next = c->next;
		if (c != keep)
			chunk_free(c);
	}
	a->top = keep;
	if (keep == NULL)
		return;
	keep->next = NULL;
	poison(keep->data, keep->used);
	keep->used = 0;
}
