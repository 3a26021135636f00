/*
 * tally.h - a count for each address or network: of its connections, or its
 * handshakes. With TALLY_ADDRESS the addresses of one IPv6 /64 count together,
 * since anybody who has one of them has them all.
 *
 * The tally owns its counts; an address whose count is 0 takes no memory. It
 * decides nothing: the caller knows which count is too many, and which
 * addresses are not counted.
 */
#ifndef WIRE_TALLY_H
#define WIRE_TALLY_H

#include "base/map.h"
#include "base/pool.h"
#include "wire/addr.h"

/* How much of an address counts, in bits of its own kind. */
struct tally_net {
	unsigned int v4, v6;
};

#define TALLY_ADDRESS ((struct tally_net){ 32, 64 })

struct tally {
	struct tally_net of;
	struct map map;
	struct pool pool;
};

/*
 * Prepare an empty tally. The key is copied; it is random, since others choose
 * the addresses.
 */
void tally_init(struct tally *, struct tally_net,
    const unsigned char key[SIPHASH_KEY]);
/* Free all counts. Return how many addresses still had a count. */
size_t tally_fini(struct tally *);

/* Return what an address counts as: its network. */
struct addr tally_net(struct tally_net, const struct addr *);

/* Return the count of an address, or 0. */
uint32_t tally_count(const struct tally *, const struct addr *);
/* Add one, and return the new count. */
uint32_t tally_add(struct tally *, const struct addr *);
/* Subtract one. Invariant: it was added before. */
void tally_del(struct tally *, const struct addr *);

#endif
