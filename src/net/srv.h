/*
 * srv.h - the order in which the servers of a service are dialled (RFC 2782).
 * net/dns.h looks them up.
 */
#ifndef NET_SRV_H
#define NET_SRV_H

#include "base/rng.h"
#include "net/dns.h"

/*
 * Drop the servers that cannot be dialled: those without a port, and ".", which
 * says that there is no service. Bring the others into the order in which they
 * are dialled: by priority and, within one priority, at random by weight.
 * Return how many there are.
 */
size_t srv_order(struct dns_srv *, size_t n, struct rng *);

#endif
