/*
 * Immutable bytes with a reference count: one rendered line in many send
 * queues. The count is not atomic: a buffer stays on one thread.
 */
#ifndef BASE_RCBUF_H
#define BASE_RCBUF_H

#include <stdint.h>

#include "base/span.h"

struct rcbuf {
	uint32_t refs;
	uint32_t n; /* bytes; no buffer is near 4 GiB */
	char p[];
};

/* Make a buffer with a copy of s. The caller holds its only reference. */
struct rcbuf *rcbuf_new(struct span s);

/*
 * Make a buffer of n bytes. The caller fills it through ->p before it shares
 * the buffer or takes its span. From then on the bytes do not change.
 */
struct rcbuf *rcbuf_alloc(size_t n);

/*
 * Append s to a buffer that the caller does not share yet, with *cap bytes of
 * room; 0 if it has no more room than bytes. Return the buffer, which may have
 * moved, and its room in *cap.
 */
struct rcbuf *rcbuf_append(struct rcbuf *b, size_t *cap, struct span s);

/*
 * Drop one reference, and free the buffer with the last one. NULL is allowed.
 */
void rcbuf_unref(struct rcbuf *b);

/* Add one reference, which its holder drops later. Return b. */
static inline struct rcbuf *
rcbuf_ref(struct rcbuf *b)
{
	b->refs++;
	return b;
}

/* Return the bytes. They are valid while the caller holds a reference. */
static inline struct span
rcbuf_span(const struct rcbuf *b)
{
	return (struct span){ b->p, b->n };
}

#endif
