/*
 * queue.h - changes that wait to be written to the store.
 *
 * A later change of a key takes the place of an earlier one that waits, so
 * there are never more changes than keys, however long the disk is full. A
 * batch is taken out to be written; if that fails, it is put back, behind what
 * has come meanwhile.
 */
#ifndef STORE_QUEUE_H
#define STORE_QUEUE_H

#include "base/map.h"
#include "base/span.h"

struct store_change {
	struct span key, text; /* behind the struct; no text: it is removed */
	int64_t gone_ms;       /* if it is removed: when */
	char bytes[];
};

struct store_queue {
	struct map waiting; /* by key, oldest first */
};

/* A batch; free() frees v, after store_batch_done() or store_batch_back(). */
struct store_batch {
	struct store_change **v;
	size_t n;
};

/* Prepare an empty queue, and free a queue with all that waits in it. The key
 * is for the hash table. */
void store_queue_init(struct store_queue *, const unsigned char key[16]);
void store_queue_fini(struct store_queue *);

/* Add a change, whose texts are copied. The key is not empty. */
void store_queue_put(struct store_queue *, struct span key, struct span text,
    int64_t gone_ms);
size_t store_queue_count(const struct store_queue *);

/* Take out the oldest changes, at most max, for the caller. */
struct store_batch store_queue_take(struct store_queue *, size_t max);
/* Free a batch that is written. */
void store_batch_done(struct store_batch *);
/* Put a batch back that could not be written, and free it. */
void store_batch_back(struct store_queue *, struct store_batch *);

#endif
