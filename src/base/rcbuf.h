/*
 * Immutable bytes with a count of references: one rendered line in many send
 * queues. Counted without atomics: a buffer stays on one thread.
 */
#ifndef BASE_RCBUF_H
#define BASE_RCBUF_H

#include <stdint.h>

#include "base/span.h"

struct rcbuf {
	uint32_t refs;
	uint32_t n; /* bytes: nothing here is near 4 GiB */
	char p[];
};

/* A buffer with a copy of s; the caller holds its one reference. */
struct rcbuf *rcbuf_new(struct span s);

/*
 * n bytes for the caller to fill through ->p before it shares the buffer or
 * takes its span; immutable from then on.
 */
struct rcbuf *rcbuf_alloc(size_t n);

/* Drops one reference, the last one frees; NULL is allowed. */
void rcbuf_unref(struct rcbuf *b);

/* One reference more, which whoever gets it drops. Returns b. */
static inline struct rcbuf *
rcbuf_ref(struct rcbuf *b)
{
	b->refs++;
	return b;
}

/* Valid as long as the caller holds a reference. */
static inline struct span
rcbuf_span(const struct rcbuf *b)
{
	return (struct span){ b->p, b->n };
}

#endif
