/*
 * net_index.h - finds those of very many prefixes of addresses that an address
 * is in. Items with one prefix stand on one shelf; an address is asked for each
 * length that any prefix has, at most 129 of them.
 */
#ifndef WIRE_NET_INDEX_H
#define WIRE_NET_INDEX_H

#include "base/shelves.h"
#include "wire/addr.h"

#define NET_STEPS 8 /* what one look at a shelf costs, see mask_glob() */

struct net_index {
	struct shelves shelves;
	uint32_t lengths[ADDR_BITS + 1]; /* items whose prefix is so long */
};

void net_index_init(struct net_index *, const unsigned char seed[SIPHASH_KEY]);
/* Free the index, which must be empty. */
void net_index_fini(struct net_index *);

/* Add an item for the addresses with the same first bits as net. A prefix of
 * IPv6 that is shorter than 96 bits has no address of IPv4. */
void net_index_add(struct net_index *, struct shelf_item *,
    const struct addr *net, unsigned int prefix);
/* Take an item out of the index that has it. */
void net_index_del(struct net_index *, struct shelf_item *);

/* Call fn for each item whose prefix has the address. fn must not change the
 * index. Add to *steps what the looks at shelves cost, and 1 for each call. */
void net_index_find(const struct net_index *, const struct addr *,
    void (*fn)(void *ctx, struct shelf_item *), void *ctx, size_t *steps);

#endif
