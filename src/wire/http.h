/*
 * http.h - the head of a request of HTTP/1.1 (RFC 9112), as far as a server
 * needs that has a few small pages and takes no bodies. Everything that two
 * programs could read in two ways is refused.
 */
#ifndef WIRE_HTTP_H
#define WIRE_HTTP_H

#include "base/span.h"

#define HTTP_REQUEST_MAX 4096 /* bytes of a request */

/* The head of any request; the spans are borrowed from the bytes. */
struct http_head {
	struct span method;
	struct span path;   /* without the query */
	struct span fields; /* lines, each with its CR LF */
	bool old;	    /* HTTP/1.0 */
	size_t n;	    /* bytes, with the empty line */
};

/*
 * Read the head of a request that has no body and at most max bytes. Return 0
 * if more bytes are needed, 200 if the head is filled in, or else the status
 * that answers it.
 */
unsigned http_head_parse(struct span bytes, size_t max, struct http_head *);

/* Take the next field of a head, without the spaces around its value. Return
 * false at the end. */
bool http_field_next(struct span *fields, struct span *name,
    struct span *value);

struct http_request {
	struct span path; /* without the query, borrowed from the bytes */
	bool head;	  /* HEAD, not GET */
};

/*
 * Read the request at the beginning of the bytes. Return 0 if more bytes are
 * needed, 200 if the request is filled in, or else the status that answers it.
 */
unsigned http_parse(struct span bytes, struct http_request *);

/* Return the text of a status that this server sends. */
const char *http_reason(unsigned status);

#endif
