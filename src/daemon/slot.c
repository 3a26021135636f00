/*
 * The free slots form a list through the table. The slot that was given back
 * last is taken first, so that the used slots stay close together.
 */
#include "daemon/slot.h"

#include <stdlib.h>

#include "base/mem.h"

struct conn_id
slot_take(struct slots *sl, struct endpoint *ep)
{
	uint32_t i, old = sl->n;

	if (sl->free == 0) {
		sl->v = mem_grow32(sl->v, &sl->n, 64, sizeof(*sl->v));
		for (i = old; i < sl->n; i++)
			sl->v[i] =
			    (struct slot){ .gen = sl->gen, .next_free = i + 2 };
		sl->v[sl->n - 1].next_free = 0;
		sl->free = old + 1;
	}
	i = sl->free - 1;
	sl->free = sl->v[i].next_free;
	sl->v[i].endpoint = ep;
	if (++sl->v[i].gen == 0)
		sl->v[i].gen = 1;
	return (struct conn_id){ i, sl->v[i].gen };
}

void
slot_give(struct slots *sl, struct conn_id id)
{
	sl->v[id.slot].endpoint = NULL;
	sl->v[id.slot].next_free = sl->free;
	sl->free = id.slot + 1;
}

bool
slot_claim(struct slots *sl, struct conn_id id, struct endpoint *ep)
{
	uint32_t old = sl->n;

	if (id.slot >= SLOTS_MAX)
		return false;
	while (id.slot >= sl->n)
		sl->v = mem_grow32(sl->v, &sl->n, 64, sizeof(*sl->v));
	for (uint32_t i = old; i < sl->n; i++)
		sl->v[i] = (struct slot){ .endpoint = NULL };
	if (sl->v[id.slot].endpoint != NULL)
		return false;
	sl->v[id.slot] = (struct slot){ .endpoint = ep, .gen = id.gen };
	return true;
}

void
slots_begin(struct slots *sl, uint32_t gen)
{
	sl->gen = gen;
	sl->free = 0;
	for (uint32_t i = sl->n; i-- > 0;)
		if (sl->v[i].endpoint == NULL) {
			sl->v[i].gen = gen;
			sl->v[i].next_free = sl->free;
			sl->free = i + 1;
		}
}

uint32_t
slots_gen(const struct slots *sl)
{
	uint32_t gen = sl->gen;

	for (uint32_t i = 0; i < sl->n; i++)
		if (sl->v[i].gen > gen)
			gen = sl->v[i].gen;
	return gen;
}

void
slots_fini(struct slots *sl)
{
	free(sl->v);
	*sl = (struct slots){ 0 };
}
