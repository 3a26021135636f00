/*
 * http.h - what the pages for programs that watch the server say
 * (host/pages.h).
 */
#ifndef DAEMON_HTTP_H
#define DAEMON_HTTP_H

#include "daemon/banyand.h"

/* Prepare the pages, when there are streams. */
void http_init(struct banyand *);

/* Serve an accepted connection. fd is owned. */
void http_accept(struct banyand *, int fd);

#endif
