/*
 * proxied.h - connections that proxies hand on (listen.proxy): each begins with
 * a header of the PROXY protocol, which is read before anything else, TLS
 * included.
 *
 *	accepted --header--> arrived(), with the client's address
 *	         --header of a health check--> waits for a byte, then likewise
 *	         --wrong, too long, too late--> closed; refused()
 */
#ifndef HOST_PROXIED_H
#define HOST_PROXIED_H

#include <bsd/sys/queue.h>

#include "net/loop.h"
#include "wire/addr.h"

/* A new connection. */
struct accepted {
	int fd;
	struct addr addr; /* of the client, behind all proxies */
	uint16_t port;	  /* of the client; 0: unknown */
	bool proxied;
	bool tls; /* the client speaks TLS with a proxy, which tells: */
	struct span version, cipher, asked;
};

/* The owner is what a listener of the program is. */
struct proxied_ops {
	/* The header is there; fd belongs to the callee. */
	void (*arrived)(void *owner, const struct accepted *);
	/* A connection of that proxy was closed. */
	void (*refused)(void *owner, const struct addr *, struct span why);
};

struct proxied;

/* The connections of a program whose header has not come. All zero: none. */
struct proxieds {
	struct loop *loop;
	const struct proxied_ops *ops;
	LIST_HEAD(, proxied) all;
};

/* Read the header of a connection that a listener has accepted from addr, one
 * of its proxies, and own fd. */
void proxied_begin(struct proxieds *, void *owner, int fd, const struct addr *);

/* Close the connections of an owner whose header has not come. */
void proxied_drop(struct proxieds *, const void *owner);

#endif
