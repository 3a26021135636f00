/*
 * opening.h - accepted connections whose TLS does not stand yet, counted by
 * address. The node does not know them and cannot count them; without a bound
 * one address that only begins handshakes takes all descriptors. Owns its
 * counts. Loopback is not counted, as in the core.
 */
#ifndef DAEMON_OPENING_H
#define DAEMON_OPENING_H

#include "base/map.h"
#include "wire/addr.h"

struct opening {
	struct map counts;
};

void opening_init(struct opening *);
void opening_fini(struct opening *);

/* One more of that address (of IPv6: its /64); false when that would be more
 * than max. 0 is no bound. */
bool opening_add(struct opening *, const struct addr *, uint32_t max);
/* Invariant: it was added. */
void opening_del(struct opening *, const struct addr *);

#endif
