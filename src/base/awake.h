/*
 * awake.h - how much time somebody who should run has run.
 *
 * A process may be stopped for seconds: by SIGSTOP, by a host that has no time
 * for it, or by its own work. Nothing is heard in that time, whatever others
 * say, so it must not count as their silence. The awake clock is the monotonic
 * clock less all pauses; the silence of others is measured by it.
 *
 * A pause is known by a deadline that passed: who runs is called back then. A
 * wait without a deadline in it is no pause, however long.
 */
#ifndef BASE_AWAKE_H
#define BASE_AWAKE_H

#include "base/mtime.h"

/* All zero at first; its first run is one that nothing was due for. */
struct awake {
	struct mono last;  /* it ran */
	int64_t paused_ns; /* in all */
};

/*
 * Tell the clock that its owner runs now, and that it wanted to run at due at
 * the latest. Return whether there was a pause.
 */
bool awake_run(struct awake *, struct mono now, struct mono due);

/* Return what the awake clock shows at now. */
static inline struct mono
awake_at(struct mono now, int64_t paused_ns)
{
	return mono_is_never(now) ? now : (struct mono){ now.ns - paused_ns };
}

/* Return when the awake clock will show t if there is no pause until then. */
static inline struct mono
awake_until(struct mono t, int64_t paused_ns)
{
	return awake_at(t, -paused_ns);
}

#endif
