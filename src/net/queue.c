/*
 * The queue is a ring of pointers. Most streams get one line in a turn and
 * write it at the end of that turn, so they never leave `few`. Under load the
 * ring doubles, and it is freed as soon as the queue is empty: its memory
 * follows the bytes that wait now, not those that once waited.
 *
 * Several small buffers are copied together to be written. The alternative, to
 * pass their addresses to the kernel (writev), costs more than the copy: a
 * fifth of all CPU time under full load. TLS needs one piece in any case.
 */
#include "net/queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/mem.h"

static uint32_t
mask(const struct queue *q)
{
	return (q->cap == 0 ? QUEUE_FEW : q->cap) - 1;
}

static struct rcbuf *const *
slots(const struct queue *q)
{
	return q->cap == 0 ? q->few : q->ring;
}

static void
grow(struct queue *q)
{
	uint32_t old = mask(q) + 1;
	struct rcbuf **ring = mem_array(NULL, (size_t)old * 4, sizeof(*ring));

	for (uint32_t i = 0; i < q->n; i++)
		ring[i] = slots(q)[(q->head + i) & (old - 1)];
	if (q->cap > 0)
		free(q->ring);
	q->ring = ring;
	q->cap = old * 4;
	q->head = 0;
}

static void
release(struct queue *q)
{
	if (q->cap > 0)
		free(q->ring);
	q->cap = 0;
	q->head = 0;
	q->skip = 0;
}

void
queue_clear(struct queue *q)
{
	struct rcbuf *const *slot = slots(q);
	uint32_t in = mask(q);

	for (uint32_t i = 0; i < q->n; i++)
		rcbuf_unref(slot[(q->head + i) & in]);
	q->n = 0;
	q->bytes = 0;
	release(q);
}

void
queue_add(struct queue *q, struct rcbuf *b)
{
	struct rcbuf **slot;

	if (b->n == 0)
		return;
	if (q->n > mask(q))
		grow(q);
	slot = q->cap == 0 ? q->few : q->ring;
	slot[(q->head + q->n) & mask(q)] = rcbuf_ref(b);
	q->n++;
	q->bytes += b->n;
}

struct span
queue_front(const struct queue *q, char *buf, size_t max)
{
	struct rcbuf *const *slot = slots(q);
	size_t len = 0, skip = q->skip, part;
	uint32_t in = mask(q);
	struct rcbuf *b;

	if (q->n == 0)
		return SPAN_NONE;
	b = slot[q->head & in];
	if (q->n == 1 || b->n - skip >= max)
		return span_head(span_tail(rcbuf_span(b), skip), max);
	for (uint32_t i = 0; i < q->n && len < max; i++) {
		b = slot[(q->head + i) & in];
		part = b->n - skip < max - len ? b->n - skip : max - len;
		memcpy(buf + len, b->p + skip, part);
		len += part;
		skip = 0;
	}
	return span_make(buf, len);
}

void
queue_drop(struct queue *q, size_t bytes)
{
	struct rcbuf *b;

	invariant(bytes <= q->bytes);
	if (bytes == q->bytes) {
		queue_clear(q);
		return;
	}
	q->bytes -= bytes;
	while (bytes > 0) {
		b = slots(q)[q->head & mask(q)];
		if (bytes < b->n - q->skip) {
			q->skip += (uint32_t)bytes;
			return;
		}
		bytes -= b->n - q->skip;
		q->skip = 0;
		q->head = (q->head + 1) & mask(q);
		q->n--;
		rcbuf_unref(b);
	}
}
