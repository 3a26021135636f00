#include "lib/net_store.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static struct net_kept *
find(const struct net_store *s, struct span key)
{
	for (size_t i = 0; i < s->n; i++)
		if (span_eq(span_of(s->v[i].key), key))
			return &s->v[i];
	return NULL;
}

void
net_store_put(struct net_store *s, const struct effect *e)
{
	struct net_kept *k = find(s, e->u.store.key);

	if (k == NULL) {
		if (s->n == s->cap)
			s->v = mem_grow(s->v, &s->cap, 4, sizeof(*s->v));
		k = &s->v[s->n++];
		*k = (struct net_kept){ .key = span_dup(e->u.store.key) };
	}
	free(k->text);
	k->text = e->u.store.text.n == 0 ? NULL : span_dup(e->u.store.text);
	k->gone = e->u.store.gone;
}

void
net_store_load(const struct net_store *s, struct arena *arena, struct event *ev)
{
	struct stored *v = arena_alloc(arena, s->n * sizeof(*v) + 1);

	for (size_t i = 0; i < s->n; i++)
		v[i] = (struct stored){ span_of(s->v[i].key),
			s->v[i].text == NULL ? SPAN_NONE
					     : span_of(s->v[i].text),
			s->v[i].gone };
	*ev = (struct event){ .kind = EV_LOADED };
	ev->u.loaded.v = v;
	ev->u.loaded.n = s->n;
	ev->u.loaded.last = true;
}

const char *
net_store_find(const struct net_store *s, const char *key)
{
	const struct net_kept *k = find(s, span_of(key));

	return k == NULL ? NULL : k->text;
}

void
net_store_clear(struct net_store *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->v[i].key);
		free(s->v[i].text);
	}
	free(s->v);
	*s = (struct net_store){ .n = 0 };
}
