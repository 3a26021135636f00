/*
 * pages.h - the pages for those who watch a program: /metrics, /health, /ready.
 * A connection carries one request and its answer.
 *
 * At most PAGES_MAX connections are open at a time, each for at most PAGES_MS;
 * a request has at most HTTP_REQUEST_MAX bytes (wire/http.h).
 */
#ifndef HOST_PAGES_H
#define HOST_PAGES_H

#include <bsd/sys/queue.h>

#include "base/writer.h"
#include "net/stream.h"

#define PAGES_MAX 16
#define PAGES_MS 10000

struct page_conn;

/* The program gives this to the pages. */
struct pages_ops {
	/* Return true if the program takes clients. */
	bool (*ready)(void *ctx);
	/* Write the page of figures (wire/metric.h). */
	void (*figures)(void *ctx, struct writer *);
};

struct pages {
	struct loop *loop;
	struct streams *streams;
	const struct pages_ops *ops;
	void *ctx;
	LIST_HEAD(, page_conn) conns;
	unsigned n;
};

/* Prepare the pages. All zero is right, too, as long as nothing comes. */
void pages_init(struct pages *, struct streams *, struct loop *,
    const struct pages_ops *, void *ctx);

/* Serve an accepted connection. fd is owned. */
void pages_accept(struct pages *, int fd);

/* Drop all connections. Call it before the streams are freed. */
void pages_fini(struct pages *);

#endif
