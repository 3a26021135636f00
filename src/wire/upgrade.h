/*
 * upgrade.h - the opening handshake of WebSocket, which is a request of
 * HTTP/1.1 and its answer (RFC 6455, sections 4.2 and 11.3), for IRC (IRCv3,
 * "WebSocket support").
 */
#ifndef WIRE_UPGRADE_H
#define WIRE_UPGRADE_H

#include "base/span.h"
#include "base/writer.h"

#define UPGRADE_MAX 8192   /* bytes of a request: it may have cookies */
#define UPGRADE_ANSWER 512 /* bytes of an answer */

enum upgrade_protocol {
	UPGRADE_NONE, /* the client asked for no protocol of ours */
	UPGRADE_TEXT,
	UPGRADE_BINARY
};

struct upgrade {
	struct span key;		/* borrowed from the request */
	enum upgrade_protocol protocol; /* the client's first choice of ours */
	const char *why;		/* for people, if it is refused */
	size_t used;			/* bytes of the request */
};

/*
 * Read the request at the beginning of the bytes. origins has the origins of
 * the pages that may connect, with one space between them; if it is empty or
 * has a "*", any page may. Return 0 if more bytes are needed, 101 if *u is
 * filled in, or else the status of the refusal, and u->why says its reason.
 */
unsigned upgrade_parse(struct span bytes, struct span origins,
    struct upgrade *u);

/*
 * Write the answer that belongs to the status which upgrade_parse() returned.
 * accept is the value of Sec-WebSocket-Accept for u->key, if the status is 101.
 */
void upgrade_build(struct writer *, unsigned status, const struct upgrade *u,
    struct span accept);

#endif
