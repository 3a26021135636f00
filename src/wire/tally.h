/*
 * tally.h - how many of something each address has: connections, handshakes.
 * Of IPv6 a /64 is one, since whoever has an address there has them all.
 *
 * Owns its counts; an address that has none takes no memory. It decides
 * nothing: what is too many, and who is not counted, the caller knows.
 */
#ifndef WIRE_TALLY_H
#define WIRE_TALLY_H

#include "base/map.h"
#include "base/pool.h"
#include "wire/addr.h"

struct tally {
	struct map map;
	struct pool pool;
};

/* key: random, since addresses are chosen by others; copied. */
void tally_init(struct tally *, const unsigned char key[SIPHASH_KEY]);
/* How many addresses still had any; all is freed. */
size_t tally_fini(struct tally *);

/* 0 if it has none. */
uint32_t tally_count(const struct tally *, const struct addr *);
/* One more; how many it has now. */
uint32_t tally_add(struct tally *, const struct addr *);
/* One less. Invariant: it was added. */
void tally_del(struct tally *, const struct addr *);

#endif
