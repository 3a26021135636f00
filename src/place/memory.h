/*
 * memory.h - what a server remembers of people who have left: the channels that
 * they were on last, so that they can be placed before they join any.
 *
 * A person is known again by the account, or by the nick together with the
 * address (of IPv6, the first 64 bits). Neither is kept: only a hash of them
 * with a key that never leaves the process. Names of channels are kept as they
 * are, since the answer needs them.
 *
 * An account that is asked about need not be proven: whoever names that of
 * somebody else is placed as if they were that person, and learns nothing.
 *
 * When the table has as many people or bytes as it may have, the person who was
 * remembered the longest ago goes first. A person is forgotten after
 * PLACE_MEMORY_MS. Nothing of this goes to clients, or to other servers: a gate
 * gets costs (cost.h).
 */
#ifndef PLACE_MEMORY_H
#define PLACE_MEMORY_H

#include "base/mtime.h"
#include "base/span.h"
#include "wire/addr.h"

#define PLACE_MEMORY_KEY 32
#define PLACE_MEMORY_MS (INT64_C(7) * 24 * 3600 * 1000)

/* As much is kept of one person: the names of at most PLACE_CHANNELS_MAX
 * (place/cost.h) channels, in at most so many bytes. */
#define PLACE_MEMORY_TEXT 1024

/* How somebody is known again. */
struct place_who {
	struct span account; /* empty: none */
	struct span nick;    /* empty: none; case does not count */
	struct addr addr;    /* ADDR_NONE: none */
};

struct place_memory_limits {
	uint32_t people; /* 0: nobody is remembered */
	size_t bytes;	 /* with everything that a record takes */
};

struct place_memory;

/* Make an empty table. The key is random, and copied. The caller frees the
 * table with place_memory_free(), which allows NULL. */
struct place_memory *place_memory_new(struct place_memory_limits,
    const unsigned char key[PLACE_MEMORY_KEY]);
void place_memory_free(struct place_memory *);

/* Set other limits. Those who are too many are forgotten with the next calls of
 * place_memory_expire(). */
void place_memory_limit(struct place_memory *, struct place_memory_limits);

/*
 * Remember that somebody was on these channels: names, separated by spaces, of
 * which the first ones are kept if there are too many. The names from before
 * are replaced; without names the person is forgotten. Somebody with an account
 * takes two records.
 */
void place_memory_put(struct place_memory *, const struct place_who *,
    struct span channels, struct mono now);

/*
 * Find the channels of somebody: those of the account, or else those of nick
 * and address. Return an empty span if nothing is remembered. The span is
 * borrowed until the next change of the table.
 */
struct span place_memory_find(const struct place_memory *,
    const struct place_who *, struct mono now);

/* Forget up to `max` records that are too old or too many. Return how many were
 * forgotten; if it is `max`, there may be more. */
size_t place_memory_expire(struct place_memory *, struct mono now, size_t max);

/* Return how many records there are, and how many bytes they take. */
size_t place_memory_count(const struct place_memory *);
size_t place_memory_bytes(const struct place_memory *);

#endif
