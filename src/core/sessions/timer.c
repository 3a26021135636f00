/*
 * A binary heap. Items are never taken out of its middle: one whose connection
 * is gone, or was woken or set earlier since, is stale and passed over when it
 * comes to the top; conn.due tells.
 */
#include "core/sessions/timer.h"

#include "base/mem.h"

static void
heap_up(struct core *c, size_t i)
{
	struct timer_item x = c->timer[i];

	for (; i > 0 && mono_cmp(x.at, c->timer[(i - 1) / 2].at) < 0;
	     i = (i - 1) / 2)
		c->timer[i] = c->timer[(i - 1) / 2];
	c->timer[i] = x;
}

static void
heap_pop(struct core *c)
{
	struct timer_item x = c->timer[--c->ntimer];
	size_t i = 0, kid;

	while ((kid = 2 * i + 1) < c->ntimer) {
		if (kid + 1 < c->ntimer &&
		    mono_cmp(c->timer[kid + 1].at, c->timer[kid].at) < 0)
			kid++;
		if (mono_cmp(x.at, c->timer[kid].at) <= 0)
			break;
		c->timer[i] = c->timer[kid];
		i = kid;
	}
	if (c->ntimer > 0)
		c->timer[i] = x;
}

void
timer_set(struct core *c, struct conn *x, struct mono at)
{
	if (mono_cmp(at, x->due) >= 0)
		return;
	x->due = at;
	if (c->ntimer == c->captimer)
		c->timer =
		    mem_grow(c->timer, &c->captimer, 64, sizeof(*c->timer));
	c->timer[c->ntimer++] = (struct timer_item){ at, x->id };
	heap_up(c, c->ntimer - 1);
}

struct conn *
timer_take(struct core *c, struct mono now)
{
	struct conn *x;
	struct mono at;

	while (c->ntimer > 0 && mono_cmp(c->timer[0].at, now) <= 0) {
		at = c->timer[0].at;
		x = core_find_conn(c, c->timer[0].conn);
		heap_pop(c);
		if (x == NULL || mono_cmp(at, x->due) != 0)
			continue;
		x->due = MONO_NEVER;
		return x;
	}
	return NULL;
}
