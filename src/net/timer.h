/*
 * Timers by absolute time on the monotonic clock: a heap of pointers to
 * timers that live inside their owners. Reads no clock. The loop has one set
 * (loop_timer_set); nobody else needs this header's functions.
 */
#ifndef NET_TIMER_H
#define NET_TIMER_H

#include <stddef.h>

#include "base/mtime.h"

/* Owned by whoever embeds it; all zero but fire is a timer that is not set. */
struct timer {
	struct mono when;
	void (*fire)(struct timer *);
	size_t place; /* in the heap, from 1; 0 when not set */
};

struct timers {
	struct timer **heap;
	size_t n, cap;
};

/* All zero is an empty set. Forgets the timers, which are their owners'. */
void timers_fini(struct timers *ts);

/* Sets it, or moves it when it is set; MONO_NEVER clears it. */
void timers_set(struct timers *ts, struct timer *t, struct mono when);

/* Does nothing to a timer that is not set. */
void timers_clear(struct timers *ts, struct timer *t);

/* When the earliest is due; MONO_NEVER when none is set. */
struct mono timers_next(const struct timers *ts);

/*
 * Clears, then fires each timer due at now, earliest first; those of one
 * moment in any order. A timer that its own callback sets again for now or
 * earlier waits for the next call, when limit fires have been made.
 */
void timers_fire(struct timers *ts, struct mono now, size_t limit);

#endif
