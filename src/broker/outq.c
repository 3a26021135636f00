#include "broker/outq.h"

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/mem.h"

void
outq_init(struct outq *q)
{
	*q = (struct outq){ 0 };
}

void
outq_fini(struct outq *q)
{
	for (size_t i = 0; i < q->n; i++)
		rcbuf_unref(q->v[q->head + i].buf);
	free(q->v);
	outq_init(q);
}

void
outq_add(struct outq *q, struct rcbuf *buf)
{
	if (buf->n == 0)
		return;
	if (q->head + q->n == q->cap && q->head > q->cap / 2) {
		memmove(q->v, q->v + q->head, q->n * sizeof(*q->v));
		q->head = 0;
	} else if (q->head + q->n == q->cap)
		q->v = mem_grow(q->v, &q->cap, 16, sizeof(*q->v));
	q->v[q->head + q->n++] = (struct outq_item){ rcbuf_ref(buf), q->end };
	q->end += buf->n;
}

/* Return the bytes of an item from a place of the stream on. */
static struct span
from(const struct outq_item *item, uint64_t place)
{
	uint64_t in = place > item->at ? place - item->at : 0;

	return span_tail(rcbuf_span(item->buf), (size_t)in);
}

struct span
outq_waiting(const struct outq *q, size_t depth, const struct rcbuf **buf)
{
	const struct outq_item *item;

	*buf = NULL;
	if (depth >= q->n - q->next)
		return SPAN_NONE;
	item = &q->v[q->head + q->next + depth];
	*buf = item->buf;
	return from(item, q->sent);
}

uint64_t
outq_room(const struct outq *q, uint64_t window)
{
	uint64_t limit = q->got + window;

	if (limit > q->limit)
		limit = q->limit;
	if (limit > q->end)
		limit = q->end;
	return limit > q->sent ? limit - q->sent : 0;
}

void
outq_published(struct outq *q, size_t n)
{
	const struct outq_item *item = &q->v[q->head + q->next];

	invariant(q->next < q->n && n <= from(item, q->sent).n);
	q->sent += n;
	if (q->sent == item->at + item->buf->n)
		q->next++;
}

bool
outq_acked(struct outq *q, uint64_t got, uint64_t room)
{
	const struct outq_item *item;

	if (got > q->sent || room > UINT32_MAX)
		return false;
	if (got < q->got)
		return true; /* datagrams have changed places */
	q->got = got;
	if (got + room > q->limit)
		q->limit = got + room;
	while (q->n > 0) {
		item = &q->v[q->head];
		if (item->at + item->buf->n > got)
			break;
		rcbuf_unref(item->buf);
		q->head++;
		q->n--;
		q->next--;
	}
	return true;
}

struct span
outq_at(const struct outq *q, uint64_t place)
{
	size_t lo = 0, hi = q->n;
	struct span s;

	if (place < q->got || place >= q->sent)
		return SPAN_NONE;
	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (q->v[q->head + mid].at <= place)
			lo = mid;
		else
			hi = mid;
	}
	s = from(&q->v[q->head + lo], place);
	return span_head(s, (size_t)(q->sent - place));
}
