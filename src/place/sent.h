/*
 * sent.h - reservations: who was sent to a server, and is not in the figures
 * that it told last.
 *
 * A gate numbers the people that it sends to one server 1, 2, 3 … and the
 * server says with its figures up to which number they hold them. Until then,
 * or until the time is over, those people count in addition to the figures.
 * So a gate does not send everybody to the server that was the least loaded
 * some seconds ago.
 *
 * People who were sent at about the same time share a batch, so the memory does
 * not grow with their number.
 */
#ifndef PLACE_SENT_H
#define PLACE_SENT_H

#include "base/mtime.h"

/* A server whose figures are older than that has lost who was sent. */
#define PLACE_SENT_MS 30000

/* Somebody who was admitted counts in the figures that other servers know after
 * about that time. */
#define PLACE_LATE_MS 500

#define PLACE_SENT_BATCHES 16

struct place_batch {
	struct mono at; /* when the first one was sent */
	uint64_t last;	/* the number of the last one */
	uint32_t users; /* those who still count */
	uint64_t rate;	/* what they read */
};

struct place_sent {
	int64_t ms;    /* how long somebody counts at the most */
	uint64_t last; /* the number of the last one who was sent */
	struct place_batch batch[PLACE_SENT_BATCHES]; /* oldest first */
	unsigned n;
};

/* Prepare an empty one; with PLACE_SENT_MS for people who are sent to a server,
 * with PLACE_LATE_MS for those whom a server has admitted itself. */
void place_sent_init(struct place_sent *, int64_t ms);

/* Somebody who reads that much is sent now. Return the number. */
uint64_t place_sent_add(struct place_sent *, uint64_t rate, struct mono now);

/* The figures hold all up to that number. A number that was never given counts
 * as the last one. */
void place_sent_seen(struct place_sent *, uint64_t number);

/* Forget those who were sent too long ago. */
void place_sent_expire(struct place_sent *, struct mono now);

/* Return how many still count, and what they read. */
uint32_t place_sent_users(const struct place_sent *);
uint64_t place_sent_rate(const struct place_sent *);

#endif
