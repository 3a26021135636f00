/*
 * pace.h - how often each address or network may do a thing.
 *
 * Each of them has a leaky bucket, kept as one time: when all that it has done
 * is paid for. It may be ahead of the clock by a minute. So with a rate of 30 a
 * minute it may do the thing 30 times at once, then every two seconds. A thing
 * that is refused costs nothing.
 *
 * The pace owns its buckets. An address whose bucket is paid for needs none, so
 * there are as many as addresses have done the thing in the last minute.
 */
#ifndef WIRE_PACE_H
#define WIRE_PACE_H

#include <bsd/sys/queue.h>

#include "base/map.h"
#include "base/mtime.h"
#include "base/pool.h"
#include "wire/tally.h"

#define PACE_MS 60000 /* how far ahead of the clock one may be */

struct bucket;

struct pace {
	struct tally_net of;
	struct map map;
	struct pool pool;
	TAILQ_HEAD(, bucket) order; /* as they were charged last */
};

/* Prepare a pace without buckets. The key is copied; it is random, since others
 * choose the addresses. */
void pace_init(struct pace *, struct tally_net,
    const unsigned char key[SIPHASH_KEY]);
/* Free all buckets. */
void pace_fini(struct pace *);

/* Return true if the address may do the thing now, at that rate a minute. A
 * rate of 0 is no bound. */
bool pace_may(const struct pace *, const struct addr *, uint32_t rate,
    struct mono now);
/* Charge the address for doing it once. */
void pace_charge(struct pace *, const struct addr *, uint32_t rate,
    struct mono now);

/* Return how many buckets there are. */
size_t pace_count(const struct pace *);

#endif
