/*
 * The header and the bytes are one allocation: a queued line costs one malloc,
 * and a thousand queues hold a thousand pointers to it.
 */
#include "base/rcbuf.h"

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/mem.h"

struct rcbuf *
rcbuf_alloc(size_t n)
{
	struct rcbuf *b;

	invariant(n <= UINT32_MAX);
	b = mem_alloc(sizeof(*b) + n);
	b->refs = 1;
	b->n = (uint32_t)n;
	return b;
}

struct rcbuf *
rcbuf_new(struct span s)
{
	struct rcbuf *b = rcbuf_alloc(s.n);

	if (s.n > 0)
		memcpy(b->p, s.p, s.n);
	return b;
}

struct rcbuf *
rcbuf_append(struct rcbuf *b, size_t *cap, struct span s)
{
	size_t n = b->n + s.n;

	invariant(b->refs == 1 && n <= UINT32_MAX);
	if (n > *cap) {
		*cap = n * 2;
		b = mem_realloc(b, sizeof(*b) + *cap);
	}
	if (s.n > 0)
		memcpy(b->p + b->n, s.p, s.n);
	b->n = (uint32_t)n;
	return b;
}

void
rcbuf_unref(struct rcbuf *b)
{
	if (b == NULL)
		return;
	invariant(b->refs > 0);
	if (--b->refs == 0)
		free(b);
}
