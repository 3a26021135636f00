/*
 * A binary heap of pointers. Each timer knows its place in it, so it is moved
 * or removed without a search. A timer wheel was rejected: it would save the
 * logarithm and cost a tick. Most timers here (handshakes, closing streams) are
 * cleared before they are due, and few are set at the same time.
 */
#include "net/timer.h"

#include <stdlib.h>

#include "base/mem.h"

static void
put(struct timers *ts, size_t place, struct timer *t)
{
	ts->heap[place - 1] = t;
	t->place = place;
}

static void
sift_up(struct timers *ts, struct timer *t)
{
	size_t at = t->place;

	while (at > 1 && mono_cmp(t->when, ts->heap[at / 2 - 1]->when) < 0) {
		put(ts, at, ts->heap[at / 2 - 1]);
		at /= 2;
	}
	put(ts, at, t);
}

static void
sift_down(struct timers *ts, struct timer *t)
{
	size_t at = t->place, child;

	while ((child = at * 2) <= ts->n) {
		if (child < ts->n && mono_cmp(ts->heap[child]->when,
					 ts->heap[child - 1]->when) < 0)
			child++;
		if (mono_cmp(ts->heap[child - 1]->when, t->when) >= 0)
			break;
		put(ts, at, ts->heap[child - 1]);
		at = child;
	}
	put(ts, at, t);
}

void
timers_fini(struct timers *ts)
{
	free(ts->heap);
	*ts = (struct timers){ 0 };
}

void
timers_set(struct timers *ts, struct timer *t, struct mono when)
{
	if (mono_is_never(when)) {
		timers_clear(ts, t);
		return;
	}
	t->when = when;
	if (ts->firing && mono_cmp(when, ts->now) <= 0)
		t->when = (struct mono){ ts->now.ns + 1 };
	if (t->place == 0) {
		if (ts->n == ts->cap)
			ts->heap = mem_grow(ts->heap, &ts->cap, 16,
			    sizeof(struct timer *));
		put(ts, ++ts->n, t);
	}
	sift_up(ts, t);
	sift_down(ts, t);
}

void
timers_clear(struct timers *ts, struct timer *t)
{
	struct timer *last;

	if (t->place == 0)
		return;
	last = ts->heap[--ts->n];
	if (last != t) {
		put(ts, t->place, last);
		sift_up(ts, last);
		sift_down(ts, last);
	}
	t->place = 0;
}

struct mono
timers_next(const struct timers *ts)
{
	return ts->n == 0 ? MONO_NEVER : ts->heap[0]->when;
}

void
timers_fire(struct timers *ts, struct mono now)
{
	struct timer *t;

	ts->firing = true;
	ts->now = now;
	while (ts->n > 0) {
		t = ts->heap[0];
		if (mono_cmp(t->when, now) > 0)
			break;
		timers_clear(ts, t);
		t->fire(t);
	}
	ts->firing = false;
}
