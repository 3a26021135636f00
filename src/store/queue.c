#include "store/queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static struct span
key_change(const void *p)
{
	return ((const struct store_change *)p)->key;
}

void
store_queue_init(struct store_queue *q, const unsigned char key[16])
{
	map_init(&q->waiting, key_change, key);
}

void
store_queue_fini(struct store_queue *q)
{
	struct store_batch b = store_queue_take(q, SIZE_MAX);

	store_batch_done(&b);
	map_fini(&q->waiting);
}

void
store_queue_put(struct store_queue *q, struct span key, struct span text,
    int64_t gone_ms)
{
	struct store_change *c = mem_alloc(sizeof(*c) + key.n + text.n);

	memcpy(c->bytes, key.p, key.n);
	if (text.n > 0)
		memcpy(c->bytes + key.n, text.p, text.n);
	c->key = span_make(c->bytes, key.n);
	c->text = span_make(c->bytes + key.n, text.n);
	c->gone_ms = gone_ms;
	free(map_del(&q->waiting, key));
	map_put(&q->waiting, c);
}

size_t
store_queue_count(const struct store_queue *q)
{
	return map_count(&q->waiting);
}

struct store_batch
store_queue_take(struct store_queue *q, size_t max)
{
	size_t n = map_count(&q->waiting) < max ? map_count(&q->waiting) : max;
	struct store_batch b = { NULL, 0 };
	struct store_change *c;

	if (n == 0)
		return b;
	b.v = mem_array(NULL, n, sizeof(*b.v));
	for (size_t i = 0; b.n < n && (c = map_next(&q->waiting, &i)) != NULL;)
		b.v[b.n++] = map_del(&q->waiting, c->key);
	return b;
}

void
store_batch_done(struct store_batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		free(b->v[i]);
	free(b->v);
	*b = (struct store_batch){ NULL, 0 };
}

void
store_batch_back(struct store_queue *q, struct store_batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		if (map_find(&q->waiting, b->v[i]->key) == NULL)
			map_put(&q->waiting, b->v[i]);
		else
			free(b->v[i]);
	free(b->v);
	*b = (struct store_batch){ NULL, 0 };
}
