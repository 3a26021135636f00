/*
 * proxied.h - connections that proxies hand on (listen.proxy): each begins with
 * a header of the PROXY protocol, which is read before anything else, TLS
 * included.
 *
 *	accepted --header--> endpoint_accept(), with the client's address
 *	         --header of a health check--> waits for a byte, then likewise
 *	         --wrong, too long, too late--> closed, with a line of the log
 */
#ifndef DAEMON_PROXIED_H
#define DAEMON_PROXIED_H

#include "daemon/banyand.h"

/* Read the header of a connection that the port has accepted from addr, and own
 * fd. Close it if addr is no proxy of the port. */
void proxied_begin(struct port *, int fd, const struct addr *);

/* Close the connections of the port whose header has not come; of all ports if
 * it is NULL. */
void proxied_drop(struct banyand *, const struct port *);

#endif
