/*
 * What waits to be written: references to shared buffers, in order, and how
 * far into the first one the writer is. A few fit without an allocation; an
 * empty queue holds none.
 */
#ifndef NET_QUEUE_H
#define NET_QUEUE_H

#include <sys/uio.h>

#include <stdint.h>

#include "base/rcbuf.h"

#define QUEUE_FEW 4 /* a power of 2 */

struct queue {
	struct rcbuf **ring; /* NULL: few is the ring */
	struct rcbuf *few[QUEUE_FEW];
	uint32_t cap; /* of ring, a power of 2 */
	uint32_t head, n;
	size_t skip;  /* bytes of the first that are gone */
	size_t bytes; /* that wait */
};

/* All zero is an empty queue. Drops all references. */
void queue_clear(struct queue *q);

/* Takes a reference of its own; an empty buffer is passed over. */
void queue_add(struct queue *q, struct rcbuf *b);

/* Points iov at the first bytes, at most max pieces; how many it filled. */
int queue_iov(const struct queue *q, struct iovec *iov, int max);

/* The first bytes are written; at most q->bytes. */
void queue_drop(struct queue *q, size_t bytes);

#endif
