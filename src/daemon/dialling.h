/*
 * dialling.h - dials a linked server by the name of its host, or by the name of
 * a service (RFC 2782), which has hosts as its targets: looks the name up anew,
 * then connects to the addresses in turn until a connection stands.
 *
 *	EFF_DIAL --SRV--> targets --A and AAAA, one target after the other-->
 *	    addresses --endpoint_dial(), one by one-->
 *	    EV_LINK_OPEN, or EV_DIAL_FAILED after the last one
 */
#ifndef DAEMON_DIALLING_H
#define DAEMON_DIALLING_H

#include "daemon/banyand.h"

/* Carry out EFF_DIAL for a host or a service. An event tells the node the
 * result, later and from the loop. */
void dialling_begin(struct banyand *, const struct effect *);

/* A connection of the dial of that number has failed: try the next address, or
 * tell the node. Return false if the dial is not one by name; then the caller
 * tells the node. */
bool dialling_failed(struct banyand *, uint64_t dial, struct span why);

/* A connection of the dial of that number stands: forget the other addresses.
 */
void dialling_end(struct banyand *, uint64_t dial);

/* Return true if the address belongs to a host of a block of `links`, or to a
 * target of its service that was looked up: for each kind of address, the last
 * lookup with an answer counts. */
bool dialling_knows(const struct banyand *, const struct addr *);

/* Forget all dials, without an event. The addresses of hosts stay, for the next
 * run of the node. */
void dialling_fini(struct banyand *);

/* Forget the addresses of all hosts. */
void dialling_forget(struct banyand *);

#endif
