/*
 * The free slots form a list through the table, as in daemon/slot.c: the slot
 * that was given back last is taken first, so that the used slots stay close
 * together.
 */
#include "trunk/stream.h"

#include <stdlib.h>

#include "base/mem.h"
#include "trunk/ahead.h"
#include "trunk/trunk.h"

static struct span
key_of(const void *item, char buf[CHAINS_KEY_MAX])
{
	const struct trunk_stream *s = item;

	(void)buf;
	return span_make(&s->number, sizeof(s->number));
}

static bool
has_key(const void *item, struct span key)
{
	const struct trunk_stream *s = item;

	return memcmp(&s->number, key.p, sizeof(s->number)) == 0;
}

const struct chains_type trunk_stream_by_number = { key_of, has_key };

void
trunk_streams_init(struct trunk_streams *x)
{
	*x = (struct trunk_streams){ .free = 0 };
	pool_init(&x->pool, sizeof(struct trunk_stream), "stream");
}

size_t
trunk_streams_fini(struct trunk_streams *x)
{
	free(x->slot);
	return pool_fini(&x->pool);
}

static struct conn_id
take_slot(struct trunk_streams *x, struct trunk_stream *s)
{
	uint32_t i, old = x->n;

	if (x->free == 0) {
		x->slot = mem_grow32(x->slot, &x->n, 64, sizeof(*x->slot));
		for (i = old; i < x->n; i++)
			x->slot[i] = (struct trunk_slot){ .next_free = i + 2 };
		x->slot[x->n - 1].next_free = 0;
		x->free = old + 1;
	}
	i = x->free - 1;
	x->free = x->slot[i].next_free;
	x->slot[i].stream = s;
	if (++x->slot[i].gen == 0)
		x->slot[i].gen = 1;
	return (struct conn_id){ STREAM_SLOT | i, x->slot[i].gen };
}

struct trunk_stream *
trunk_stream_new(struct trunk_streams *x, struct trunk *t, uint32_t number)
{
	struct trunk_stream *s = pool_take(&x->pool);

	s->trunk = t;
	s->number = number;
	s->id = take_slot(x, s);
	LIST_INSERT_HEAD(&t->streams, s, link);
	chains_put(&t->by_number, s);
	t->nstreams++;
	return s;
}

void
trunk_stream_free(struct trunk_streams *x, struct trunk_stream *s)
{
	struct trunk *t = s->trunk;
	uint32_t i = s->id.slot & ~STREAM_SLOT;

	x->expected -= s->rate;
	trunk_ahead_drop(s);
	t->lines -= s->granted;
	if (s->owed)
		TAILQ_REMOVE(&t->owed, s, owed_link);
	LIST_REMOVE(s, link);
	chains_del(&t->by_number, span_make(&s->number, sizeof(s->number)));
	t->nstreams--;
	x->slot[i].stream = NULL;
	x->slot[i].next_free = x->free;
	x->free = i + 1;
	pool_give(&x->pool, s);
}

struct trunk_stream *
trunk_stream_of(const struct trunk *t, uint32_t number)
{
	return chains_find(&t->by_number, span_make(&number, sizeof(number)));
}
