/*
 * The event loop: one thread waits for descriptors, timers and signals, and
 * calls back. It knows nothing of streams; a stream is a descriptor it
 * watches and a hook at the end of the turn.
 *
 * A turn:  wait  ->  read both clocks, once  ->  timers  ->  descriptors,
 * at most LOOP_EVENTS  ->  hooks (streams hand over, write, are freed)
 *
 * Readiness is level-triggered: what a callback leaves undone is reported
 * again in the next turn, behind the others; so a callback does a bounded
 * piece of work and returns. Watches and timers live inside their owners.
 * An owner may end any watch, its own too, and free it in any callback: an
 * event that was fetched for it already is forgotten.
 *
 * All functions but loop_wake_post are for the loop's own thread.
 */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include <signal.h>

#include "base/mtime.h"
#include "net/timer.h"

#define LOOP_EVENTS 256 /* descriptors served in one turn */

struct loop;

enum {
	LOOP_READ = 1,	/* readable, or the peer sends no more */
	LOOP_WRITE = 2, /* writable */
	LOOP_HANGUP = 4 /* broken in both directions; always reported */
};

struct watch {
	int fd; /* -1 when not watched */
	unsigned int want;
	void (*ready)(struct watch *, unsigned int events);
};

/* Called at the end of each turn, in order of loop_hook_add. */
struct hook {
	bool busy; /* its owner has work: the next turn does not wait */
	void (*turn)(struct hook *);
	struct hook *next;
};

/*
 * NULL when the system refuses, errno says why. SIGPIPE is ignored in the
 * whole process from then on.
 */
struct loop *loop_new(void);

/* Nothing may be watched any more but the loop's own signals and wakes. */
void loop_free(struct loop *l);

/* Turns until loop_stop. */
void loop_run(struct loop *l);

/* loop_run returns after the turn that is under way. */
void loop_stop(struct loop *l);

/* One turn; waits no longer than wait_ms, for ever when negative. */
void loop_turn(struct loop *l, int wait_ms);

/* The clocks as of this turn; before the first one, of loop_new. */
struct mono loop_now(const struct loop *l);
struct wall loop_wall(const struct loop *l);

/*
 * Watches fd, which stays the caller's, for want (LOOP_READ, LOOP_WRITE or
 * both or 0); w->ready is set. False when the system refuses, errno says why.
 */
bool loop_watch(struct loop *l, struct watch *w, int fd, unsigned int want);

/* Changes want; nothing when it is the same. */
void loop_want(struct loop *l, struct watch *w, unsigned int want);

/* Call before close(fd). Nothing when it is not watched. */
void loop_unwatch(struct loop *l, struct watch *w);

/*
 * t->fire is set. It lives until it has fired or is cleared; set again, it
 * moves; MONO_NEVER clears it. One that is not set may be cleared.
 */
void loop_timer_set(struct loop *l, struct timer *t, struct mono when);
void loop_timer_clear(struct loop *l, struct timer *t);

/* h->turn is set; h lives until it is taken out. A hook may take out itself. */
void loop_hook_add(struct loop *l, struct hook *h);
void loop_hook_del(struct loop *l, struct hook *h);

/*
 * Blocks the signals of set in this thread (call it before threads are made)
 * and calls back once for each that arrives, from the loop. Once per loop.
 * False when the system refuses, errno says why.
 */
bool loop_signals(struct loop *l, const sigset_t *set,
    void (*arrived)(void *ctx, int signo), void *ctx);

/*
 * A way for other threads to be heard: after any number of loop_wake_post,
 * woken is called in the loop, once at least. NULL when the system refuses,
 * errno says why. Freed by loop_wake_free, when no thread posts any more.
 */
struct wake;
struct wake *loop_wake_new(struct loop *l, void (*woken)(void *ctx), void *ctx);
void loop_wake_free(struct wake *w);
void loop_wake_post(struct wake *w); /* any thread; async-signal-safe */

#endif
