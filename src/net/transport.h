/*
 * What a stream is carried by: a struct of functions over a socket and, for
 * all but TCP, a layer object. Only streams call them. To add one: a file
 * with a struct transport_ops, a member of stream_conf that asks for it, and
 * a line in stream.c where streams are made.
 */
#ifndef NET_TRANSPORT_H
#define NET_TRANSPORT_H

#include <sys/types.h>

#include "net/stream.h"

#define FAULT_WHY_LEN 256
#define BURST_MAX ((size_t)64 * 1024) /* bytes */

/* What functions below return instead of a count. */
enum {
	IO_EOF = 0,	    /* read: no more will come */
	IO_DONE = 1,	    /* setup: it is */
	IO_WAIT_READ = -1,  /* call again when readable */
	IO_WAIT_WRITE = -2, /* call again when writable */
	IO_FAILED = -3	    /* the fault says why */
};

struct fault {
	enum stream_end end;
	char why[FAULT_WHY_LEN];
};

struct transport_ops {
	/* The most bytes that one write takes; at most BURST_MAX. */
	size_t burst;

	/* Shakes hands: IO_DONE, or one of the above. NULL: nothing to do. */
	int (*setup)(void *layer, int fd, struct fault *f);

	/*
	 * At most n bytes. *more: call again without waiting for the socket,
	 * what comes next lies in the layer.
	 */
	ssize_t (*read)(void *layer, int fd, void *p, size_t n, bool *more,
	    struct fault *f);

	/*
	 * Some of the bytes, from the front. After IO_WAIT_* the next call
	 * begins with the same bytes, and has as many or more.
	 */
	ssize_t (*write)(void *layer, int fd, const void *p, size_t n,
	    struct fault *f);

	/* Says that no more will be sent, as far as that can be said now. */
	void (*finish)(void *layer, int fd);

	/* NULL when there is no layer object. */
	void (*free)(void *layer);
};

extern const struct transport_ops transport_tcp; /* layer: NULL */
extern const struct transport_ops transport_tls;

/* The fault of a failed system call. */
void fault_set_errno(struct fault *f, enum stream_end end, int err);

/*
 * The layer of a connection over fd, which stays the caller's; name for SNI or
 * NULL, copied. NULL when OpenSSL has no memory. Freed by transport_tls.free.
 */
void *tls_layer_new(const struct tls_ctx *ctx, int fd, const char *name);

/* After setup was IO_DONE. */
void tls_layer_info(void *layer, struct tls_info *info);

#endif
