/*
 * net_bus.h - brokers of a network (net.h), and links through them.
 *
 *	net_broker_new(net, seed, ...)	before the nodes start
 *	net_bus_setup(setup, i, ...)	in place of the addresses to dial
 *
 * Each member has a bus (src/broker) for as long as its node runs. A broker
 * loses datagrams, doubles them, and lets some of them wait; it restarts, cuts
 * one subscriber off, gives old datagrams again, and changed ones; until it is
 * calmed. If a pair is blocked or cut, datagrams from one to the other are
 * lost.
 *
 * The net owns its brokers.
 */
#ifndef LIB_NET_BUS_H
#define LIB_NET_BUS_H

#include "lib/net.h"

struct net_broker;
struct net_bus_end;

/* Counts of all brokers of a network. */
struct net_bus_counts {
	uint64_t lost, doubled, old, changed, restarts, cut_off;
	uint64_t dropped; /* by buses, for any reason */
	uint64_t again;	  /* bytes that were published again */
	uint64_t links;
};

/* If it is gentle, no outage is long. */
void net_broker_new(struct net *, uint64_t seed, uint32_t members, bool gentle);
void net_brokers_calm(struct net *);
void net_brokers_count(const struct net *, struct net_bus_counts *);
void net_brokers_free(struct net *);

/* Let a server reach the others of the broker by it, and no more by address. */
void net_bus_setup(struct setup *, unsigned i, unsigned broker,
    uint32_t members);

/* ---- for net.c ----------------------------------------------------------- */

void net_bus_start(struct net *, unsigned node);
/* End the buses of a node. If it is orderly, its links say farewell first. */
void net_bus_stop(struct net *, unsigned node, bool orderly);
void net_bus_dial(struct net *, unsigned node, const struct effect *);
void net_bus_send(struct net_bus_end *, struct rcbuf *);
void net_bus_close(struct net_bus_end *);
void net_bus_hold(struct net_bus_end *, bool on);
struct net_end *net_bus_end_of(struct net_bus_end *);
void net_bus_cut(struct net *, unsigned a, unsigned b);

#endif
