/*
 * The event loop: one thread waits for descriptors, timers and signals, and
 * calls back. It knows nothing of streams; a stream is a descriptor it
 * watches and a hook at the end of the turn.
 *
 * A turn:  wait  ->  read both clocks, once  ->  descriptors, at most
 * LOOP_EVENTS  ->  timers  ->  hooks (streams hand over, write, are freed)
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

#include "base/awake.h"
#include "net/timer.h"

#define LOOP_EVENTS 256 /* descriptors served in one turn */

struct loop;

enum {
	LOOP_READ = 1,	/* readable, or the peer sends no more */
	LOOP_WRITE = 2, /* writable */
	LOOP_HANGUP = 4 /* broken in both directions; always reported */
};

struct watch {
	int fd; /* -1 if not watched */
	unsigned int want;
	void (*ready)(struct watch *, unsigned int events);
};

/*
 * The loop calls turn at the end of each turn, in the order of loop_hook_add.
 */
struct hook {
	bool busy; /* its owner has work: the next turn does not wait */
	void (*turn)(struct hook *);
	struct hook *next;
};

/*
 * Make a loop. From then on the whole process ignores SIGPIPE. The caller frees
 * the loop with loop_free. Return NULL if the system refuses; errno says why.
 */
struct loop *loop_new(void);

/* Free the loop. Only its own signals and wakes may still be watched. */
void loop_free(struct loop *l);

/* Run turns until loop_stop is called. */
void loop_run(struct loop *l);

/* Let loop_run return after the current turn. */
void loop_stop(struct loop *l);

/* Run one turn. Wait at most wait_ms, or for ever if wait_ms is negative. */
void loop_turn(struct loop *l, int wait_ms);

/* Return true if a timer is due that waits for the next turn, which then does
 * not wait for descriptors. */
bool loop_is_late(const struct loop *l);

/*
 * Return the clocks as they were read in this turn, or in loop_new before the
 * first turn.
 */
struct mono loop_now(const struct loop *l);
struct wall loop_wall(const struct loop *l);

/*
 * Return the time of this loop's awake clock (base/awake.h). Timers use the
 * monotonic clock; code that judges the silence of a peer looks at this clock,
 * too.
 */
struct mono loop_awake(const struct loop *l);

/*
 * Watch fd for want: LOOP_READ, LOOP_WRITE, both, or 0. w->ready must be set.
 * The caller still owns fd, and keeps w until loop_unwatch. Return false if the
 * system refuses; errno says why.
 */
bool loop_watch(struct loop *l, struct watch *w, int fd, unsigned int want);

/* Change want. Does nothing if it is the same. */
void loop_want(struct loop *l, struct watch *w, unsigned int want);

/*
 * Stop watching; call this before close(fd). Does nothing if w is not watched.
 */
void loop_unwatch(struct loop *l, struct watch *w);

/*
 * Stop watching, and close the descriptor: one system call in place of two. No
 * other descriptor may refer to the same socket or file. Does nothing if w is
 * not watched.
 */
void loop_close(struct loop *l, struct watch *w);

/*
 * Set t, whose member fire must be set, or move it if it is set already.
 * MONO_NEVER clears it. The caller keeps t until it has fired or is cleared. A
 * timer that is not set may be cleared.
 */
void loop_timer_set(struct loop *l, struct timer *t, struct mono when);
void loop_timer_clear(struct loop *l, struct timer *t);

/*
 * Add or remove a hook, whose member turn must be set. The caller keeps h until
 * it is removed. A hook may remove itself.
 */
void loop_hook_add(struct loop *l, struct hook *h);
void loop_hook_del(struct loop *l, struct hook *h);

/*
 * Block the signals of set in this thread, and call arrived from the loop once
 * for each signal that arrives. Call this before threads are made, and at most
 * once per loop. Return false if the system refuses; errno says why.
 */
bool loop_signals(struct loop *l, const sigset_t *set,
    void (*arrived)(void *ctx, int signo), void *ctx);

/*
 * Let other threads wake the loop: after any number of loop_wake_post, woken is
 * called in the loop at least once. The caller frees it with loop_wake_free
 * when no thread posts any more. loop_wake_new returns NULL if the system
 * refuses; errno says why.
 */
struct wake;
struct wake *loop_wake_new(struct loop *l, void (*woken)(void *ctx), void *ctx);
void loop_wake_free(struct wake *w);
void loop_wake_post(struct wake *w); /* any thread; async-signal-safe */

#endif
