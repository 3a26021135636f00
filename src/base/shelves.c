#include "base/shelves.h"

#include <stdlib.h>

#include "base/invariant.h"
#include "base/mem.h"

static struct span
key_of(const void *p)
{
	const struct shelf *s = p;

	return span_make(s->key, s->nkey);
}

void
shelves_init(struct shelves *t, const unsigned char seed[SIPHASH_KEY])
{
	map_init(&t->map, key_of, seed);
}

void
shelves_fini(struct shelves *t)
{
	invariant(map_count(&t->map) == 0);
	map_fini(&t->map);
}

struct shelf *
shelves_find(const struct shelves *t, struct span key)
{
	return map_find(&t->map, key);
}

void
shelves_put(struct shelves *t, struct shelf_item *item, struct span key)
{
	struct shelf *s = shelves_find(t, key);

	if (s == NULL) {
		s = mem_zalloc(sizeof(*s) + key.n);
		s->nkey = key.n;
		if (key.n > 0)
			memcpy(s->key, key.p, key.n);
		map_put(&t->map, s);
	}
	item->prev = NULL;
	item->next = s->first;
	if (s->first != NULL)
		s->first->prev = item;
	s->first = item;
	item->shelf = s;
	s->n++;
}

bool
shelves_take(struct shelves *t, struct shelf_item *item)
{
	struct shelf *s = item->shelf;

	if (item->next != NULL)
		item->next->prev = item->prev;
	if (item->prev != NULL)
		item->prev->next = item->next;
	else
		s->first = item->next;
	item->shelf = NULL;
	if (--s->n > 0)
		return false;
	(void)map_del(&t->map, key_of(s));
	free(s);
	return true;
}
