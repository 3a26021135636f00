/*
 * The bytes of a stream that wait to be written: references to shared buffers,
 * in order, and how many bytes of the first buffer are written. A few
 * references fit without an allocation. An empty queue holds no memory.
 */
#ifndef NET_QUEUE_H
#define NET_QUEUE_H

#include <stdint.h>

#include "base/rcbuf.h"

#define QUEUE_FEW 4 /* a power of 2 */

struct queue {
	size_t bytes; /* that wait */
	uint32_t head, n;
	uint32_t cap;  /* of ring, a power of 2; 0: few is the ring */
	uint32_t skip; /* bytes of the first buffer that are written */
	union {
		struct rcbuf *few[QUEUE_FEW];
		struct rcbuf **ring;
	};
};

/* Drop all references. A queue of all zero bytes is an empty queue. */
void queue_clear(struct queue *q);

/* Append b and take a reference of its own. An empty buffer is ignored. */
void queue_add(struct queue *q, struct rcbuf *b);

/*
 * Return the first bytes in one piece: at most max, and at least one unless the
 * queue is empty. The span points into the first buffer if that holds enough,
 * else the bytes are gathered in buf, which holds max bytes. A second call with
 * the same max, before queue_drop, returns the same bytes or more.
 */
struct span queue_front(const struct queue *q, char *buf, size_t max);

/* Remove the first bytes, which are written: at most q->bytes. */
void queue_drop(struct queue *q, size_t bytes);

#endif
