/*
 * list.h - the lists of streams that a trunk has told its gate
 * (gate-protocol.md, part 6), so that a line for many clients of a gate crosses
 * the trunk once.
 *
 * The pump of a channel meets the same receivers again and again. So a list is
 * kept under a hash of its streams, in the order in which they came, and found
 * again by it; then all streams are compared, so that a collision of hashes
 * cannot show a line to anybody else.
 *
 * A list belongs to one trunk. Lists that were not used for the longest time
 * are forgotten when there are too many, or when they are too long in all.
 */
#ifndef TRUNK_LIST_H
#define TRUNK_LIST_H

#include <bsd/sys/queue.h>
#include <stddef.h>
#include <stdint.h>

#include "base/writer.h"

#define LISTS_MAX 4096			  /* gate-protocol.md, part 8 */
#define LISTS_WORDS_MAX ((size_t)1 << 20) /* streams in all lists */

struct list {
	uint32_t g; /* its number */
	uint32_t n; /* streams */
	uint64_t hash;
	uint32_t *v;   /* the streams; owned */
	uint32_t next; /* the number of the next list in the bucket; or 0 */
	TAILQ_ENTRY(list) used;
};

struct lists {
	struct list **v; /* by number - 1; NULL: no list has it */
	size_t cap;
	uint32_t *free; /* numbers that were given back */
	size_t nfree, capfree;
	uint32_t *bucket; /* numbers by hash; NULL: no list yet */
	size_t n, max;
	size_t words;
	TAILQ_HEAD(lists_used, list) used; /* the last one used first */
#ifdef BANYAN_MUTATE
	int mutation;
#endif
};

/* Prepare a trunk's lists, none at first. lists_fini() frees all memory. Tests
 * may make max smaller. */
void lists_init(struct lists *);
void lists_fini(struct lists *);

/* Some streams, and the hash of their numbers. */
struct list_of {
	const uint32_t *v;
	size_t n;
	uint64_t hash;
};

/* Begin a hash, and add the next stream. The key is secret: the gate chooses
 * the numbers. */
#define LIST_HASH_BEGIN UINT64_C(0x9e3779b97f4a7c15)
static inline uint64_t
list_hash(uint64_t hash, uint64_t key, uint32_t number)
{
	hash = (hash ^ number) * key;
	return hash ^ hash >> 29;
}

/* Return the number of the list of these streams, at least two. If there is no
 * such list, make it, and write the lines that tell the gate of it. Add to
 * *lines how many these are. */
uint32_t lists_get(struct lists *, struct writer *, const struct list_of *,
    uint64_t *lines);

/* Return NULL, or what does not hold. */
const char *lists_check(const struct lists *, uint32_t last);

#endif
