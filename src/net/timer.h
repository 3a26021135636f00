/*
 * Timers by absolute time on the monotonic clock: a heap of pointers to timers
 * that live inside their owners. Nothing here reads a clock. The loop holds the
 * only set (loop_timer_set); no other code needs the functions of this header.
 */
#ifndef NET_TIMER_H
#define NET_TIMER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/mtime.h"

/*
 * Owned by the struct that embeds it. A timer that is all zero but for fire is
 * not set.
 */
struct timer {
	struct mono when;
	void (*fire)(struct timer *);
	size_t place; /* in the heap, from 1; 0 if not set */
};

struct timers {
	struct timer **heap;
	size_t n, cap;
	bool firing;
	struct mono now; /* while firing */
};

/*
 * Forget all timers; they belong to their owners. A set of all zero bytes is an
 * empty set.
 */
void timers_fini(struct timers *ts);

/* Set t, or move it if it is set already. MONO_NEVER clears it. */
void timers_set(struct timers *ts, struct timer *t, struct mono when);

/* Clear t. Does nothing if t is not set. */
void timers_clear(struct timers *ts, struct timer *t);

/* Return the time of the earliest timer, or MONO_NEVER if none is set. */
struct mono timers_next(const struct timers *ts);

/*
 * Fire each timer that is due at now, earliest first; those of the same moment
 * in any order. A timer is cleared before it fires. A timer that a callback
 * sets for now or earlier waits for the next call, so each timer fires at most
 * once in a call.
 */
void timers_fire(struct timers *ts, struct mono now);

#endif
