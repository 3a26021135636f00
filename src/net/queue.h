/*
 * What waits to be written: references to shared buffers, in order, and how
 * far into the first one the writer is. A few fit without an allocation; an
 * empty queue holds none.
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
	uint32_t skip; /* bytes of the first that are gone */
	union {
		struct rcbuf *few[QUEUE_FEW];
		struct rcbuf **ring;
	};
};

/* All zero is an empty queue. Drops all references. */
void queue_clear(struct queue *q);

/* Takes a reference of its own; an empty buffer is passed over. */
void queue_add(struct queue *q, struct rcbuf *b);

/*
 * The first bytes in one piece, some and at most max, none only when it is
 * empty: where they lie if that is enough of them, else gathered in buf of max
 * bytes. Asked again, before queue_drop and with the same max, it gives the
 * same bytes or more.
 */
struct span queue_front(const struct queue *q, char *buf, size_t max);

/* The first bytes are written; at most q->bytes. */
void queue_drop(struct queue *q, size_t bytes);

#endif
