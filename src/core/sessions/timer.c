/*
 * A binary heap of connections; each knows its place in it, so that it can be
 * moved or taken out without a search. Rejected: leaving an item where it is
 * when its time is set anew, and passing over it later: a busy client leaves
 * an item for each line it had to wait for.
 */
#include "core/sessions/timer.h"

#include "base/mem.h"

static void
put(struct core *c, uint32_t place, struct conn *x)
{
	c->timer[place - 1] = x;
	x->timer_place = place;
}

static bool
is_before(const struct conn *a, const struct conn *b)
{
	return mono_cmp(a->due, b->due) < 0;
}

static void
sift_up(struct core *c, struct conn *x)
{
	uint32_t at = x->timer_place;

	for (; at > 1 && is_before(x, c->timer[at / 2 - 1]); at /= 2)
		put(c, at, c->timer[at / 2 - 1]);
	put(c, at, x);
}

static void
sift_down(struct core *c, struct conn *x)
{
	uint32_t at = x->timer_place, kid;

	for (; (kid = at * 2) <= c->ntimer; at = kid) {
		if (kid < c->ntimer &&
		    is_before(c->timer[kid], c->timer[kid - 1]))
			kid++;
		if (!is_before(c->timer[kid - 1], x))
			break;
		put(c, at, c->timer[kid - 1]);
	}
	put(c, at, x);
}

void
timer_set(struct core *c, struct conn *x, struct mono at)
{
	if (mono_cmp(at, x->due) >= 0)
		return;
	x->due = at;
	if (x->timer_place == 0) {
		if (c->ntimer == c->captimer)
			c->timer = mem_grow32(c->timer, &c->captimer, 64,
			    sizeof(struct conn *));
		put(c, ++c->ntimer, x);
	}
	sift_up(c, x);
}

void
timer_clear(struct core *c, struct conn *x)
{
	struct conn *last;

	x->due = MONO_NEVER;
	if (x->timer_place == 0)
		return;
	last = c->timer[--c->ntimer];
	if (last != x) {
		put(c, x->timer_place, last);
		sift_up(c, last);
		sift_down(c, last);
	}
	x->timer_place = 0;
}

struct conn *
timer_take(struct core *c, struct mono now)
{
	struct conn *x = c->ntimer > 0 ? c->timer[0] : NULL;

	if (x == NULL || mono_cmp(x->due, now) > 0)
		return NULL;
	timer_clear(c, x);
	return x;
}

struct mono
timer_next(const struct core *c)
{
	return c->ntimer > 0 ? c->timer[0]->due : MONO_NEVER;
}
