/*
 * The header of the PROXY protocol, by which a proxy tells whose connection it
 * hands on (haproxy's proxy-protocol.txt; the sections named here are of that
 * page). Both versions are read. The header comes before all other bytes.
 */
#ifndef WIRE_PROXY_H
#define WIRE_PROXY_H

#include "wire/addr.h"

/* bytes of a header: version 1 has at most 107, version 2 at most 16 + 65535,
 * of which no proxy needs more than this */
#define PROXY_MAX 2048
#define PROXY_WORD_MAX 40  /* bytes of the words of TLS */
#define PROXY_NAME_MAX 253 /* bytes of the name that a client asked for */

enum proxy_status {
	PROXY_MORE,  /* all bytes belong to the header, and more must come */
	PROXY_DONE,  /* *used bytes are the header */
	PROXY_WRONG, /* this is no header */
	PROXY_LONG   /* a header of more than PROXY_MAX bytes */
};

struct proxy_header {
	/* The proxy speaks for itself, as in a health check, or does not know
	 * whose connection it is: that of the proxy counts. */
	bool local;
	struct addr from;	     /* the client; unless local */
	uint16_t from_port;	     /* likewise */
	bool tls;		     /* the client speaks TLS with the proxy */
	struct span version, cipher; /* of TLS, in the bytes; or empty */
	struct span asked;	     /* the host name of TLS (SNI); likewise */
};

/*
 * Read the header at the start of the bytes. The spans of the header borrow
 * from the bytes. It is filled in, and *used set, if the status is PROXY_DONE.
 */
enum proxy_status proxy_parse(struct span bytes, struct proxy_header *,
    size_t *used);

#endif
