/*
 * http.h - the pages for programs that watch the server: /metrics, /health,
 * /ready. A connection carries one request and its answer.
 *
 * At most HTTP_MAX connections are open at a time, each for at most HTTP_MS; a
 * request has at most HTTP_REQUEST_MAX bytes (wire/http.h).
 */
#ifndef DAEMON_HTTP_H
#define DAEMON_HTTP_H

#include "daemon/banyand.h"

#define HTTP_MAX 16
#define HTTP_MS 10000

/* Prepare the list of connections. */
void http_init(struct banyand *);

/* Serve an accepted connection. fd is owned. */
void http_accept(struct banyand *, int fd);

/* Drop all connections. Call it before the streams are freed. */
void http_fini(struct banyand *);

#endif
