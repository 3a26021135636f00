/*
 * brokers.h - links that go through brokers: for each broker of the
 * configuration a connection (pubsub/) and a bus (broker/), which makes links
 * of datagrams.
 *
 *	broker --pubsub--> bus_heard()      bus_next() --> EV_LINK_...
 *	broker <--pubsub-- bus_datagram()   bus_send() <-- EFF_SEND
 *
 * A link has an endpoint as any other, without a stream: endpoint.via says
 * which. At the end of each turn of the loop, the events of each bus go to the
 * node, and its datagrams to the broker.
 */
#ifndef DAEMON_BROKERS_H
#define DAEMON_BROKERS_H

#include "daemon/banyand.h"
#include "host/asker.h"

struct broker;

/* Make the brokers of a server, none at first; brokers_free() frees them, with
 * their links, of which the node is not told. NULL is allowed there. */
struct brokers *brokers_new(struct banyand *);
void brokers_free(struct brokers *);

/* Connect to the brokers of the configuration from now on; links through others
 * end. Takes what is in the set. Call this after the node has the
 * configuration. */
void brokers_configure(struct brokers *, struct broker_set *);

/* End all links and begin anew, since the node has another run. */
void brokers_renew(struct brokers *);

/* Carry out EFF_DIAL to a broker. An event tells the node the result, later and
 * from the loop. */
void brokers_dial(struct brokers *, const struct effect *);

/* endpoint.c calls these for the link of an endpoint. After broker_close(), the
 * link is gone. */
void broker_send(struct endpoint *, struct rcbuf *);
void broker_hold(struct endpoint *, bool on);
void broker_close(struct endpoint *);

/* Return true while something waits to be published. The server is about to
 * end: when nothing waits any more, all connections are closed. */
bool brokers_linger(struct brokers *);

/* Answer `brokers` of banyanctl. */
void brokers_tell(const struct brokers *, struct asker *, bool json);
/* Write the figures for Prometheus. */
void brokers_figures(const struct brokers *, struct writer *);

#endif
