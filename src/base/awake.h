/*
 * awake.h - a clock that stands while its owner is stopped.
 *
 * A process may be stopped for seconds: by SIGSTOP, by a host that has no time
 * for it, or by its own work. It hears nothing in that time, whatever others
 * say, so the time must not count as their silence. The awake clock is the
 * monotonic clock less all pauses; the silence of others is measured by it.
 *
 * A pause shows by a deadline that passed, since its owner is called at a
 * deadline. A wait without a deadline in it is no pause, however long it is.
 */
#ifndef BASE_AWAKE_H
#define BASE_AWAKE_H

#include "base/mtime.h"

/* All zero at first. Nothing is due before the first run. */
struct awake {
	struct mono last;  /* the last run */
	int64_t paused_ns; /* sum of all pauses */
};

/*
 * Tell the clock that its owner runs now, and that it wanted to run at due at
 * the latest. Return true if there was a pause.
 */
bool awake_run(struct awake *, struct mono now, struct mono due);

/* Return the time of the awake clock at now. */
static inline struct mono
awake_at(struct mono now, int64_t paused_ns)
{
	return mono_is_never(now) ? now : (struct mono){ now.ns - paused_ns };
}

/*
 * Return the moment at which the awake clock will show t if no pause comes
 * first.
 */
static inline struct mono
awake_until(struct mono t, int64_t paused_ns)
{
	return awake_at(t, -paused_ns);
}

#endif
