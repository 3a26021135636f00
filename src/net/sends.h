/*
 * sends.h - many sends with one system call, by io_uring. A line to a channel
 * of a thousand goes to a thousand sockets, and a quarter of what a send costs
 * is the way into the kernel and back.
 *
 *	sends_add()	as often as there is room
 *	sends_run()	all of them are done: done() is called for each
 *
 * Nothing is under way between two calls: a send that would have to wait ends
 * with -EAGAIN, as send() does. So a loop that has no io_uring, because the
 * kernel is too old or the system forbids it, loses nothing but time.
 */
#ifndef NET_SENDS_H
#define NET_SENDS_H

#include <stdbool.h>

#include "base/span.h"

#define SENDS_MAX 256 /* sends of one run */

struct sends;

/* Make a set of sends, which the caller frees. Return NULL if this build or the
 * system has no io_uring. NULL is allowed for sends_free(). */
struct sends *sends_new(void);
void sends_free(struct sends *);

/* Return true if sends_run() must come before the next sends_add(). */
bool sends_is_full(const struct sends *);

/* Send these bytes at the next run. They stay where they are, and fd stays
 * open, until then. owner is what done() gets. */
void sends_add(struct sends *, int fd, struct span bytes, void *owner);

/*
 * Do all sends that were added, in this order, then call done for each of them,
 * in the same order. result is the count of bytes that the socket took, or
 * -errno. done may not call a function of this header. Return false if the
 * system refuses to go on: the sends that the system has not done end with
 * -EAGAIN, and the caller frees the set and sends without it.
 */
bool sends_run(struct sends *,
    void (*done)(void *owner, struct span bytes, int result));

#endif
