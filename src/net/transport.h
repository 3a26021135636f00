/*
 * The carrier of a stream: a struct of functions over a socket and, for all
 * carriers but TCP, a layer object. Only streams call the functions, and layers
 * those of the carrier beneath them. To add a carrier, write a file with a
 * struct transport_ops, a member of stream_conf that asks for it, and a line in
 * stream.c where streams are made.
 */
#ifndef NET_TRANSPORT_H
#define NET_TRANSPORT_H

#include <sys/types.h>

#include "net/stream.h"

#define FAULT_WHY_LEN 256
#define BURST_MAX ((size_t)64 * 1024) /* bytes */

/* The functions below return one of these in place of a count. */
enum {
	IO_EOF = 0,	    /* read: no more will come */
	IO_DONE = 1,	    /* setup: the handshake is done */
	IO_WAIT_READ = -1,  /* call again when readable */
	IO_WAIT_WRITE = -2, /* call again when writable */
	IO_FAILED = -3	    /* the fault says why */
};

struct fault {
	enum stream_end end;
	char why[FAULT_WHY_LEN];
};

struct transport_ops {
	/* the most bytes that one write takes; at most BURST_MAX */
	size_t burst;
	/* write takes whole lines only, so that fewer bytes than it was given
	 * do not mean that the socket is full */
	bool in_lines;

	/*
	 * Do a step of the handshake. Return IO_DONE or another code above.
	 * NULL if the carrier needs no handshake.
	 */
	int (*setup)(void *layer, int fd, struct fault *f);

	/*
	 * Read at most n bytes. Set *more if the layer holds further bytes,
	 * also with IO_WAIT_READ: the caller then calls again without waiting
	 * for the socket.
	 */
	ssize_t (*read)(void *layer, int fd, void *p, size_t n, bool *more,
	    struct fault *f);

	/*
	 * Write some of the bytes, from the front. After IO_WAIT_* the caller
	 * calls again with the same first bytes, and as many or more. A count
	 * of 0 means that the layer can do nothing before it is given more.
	 */
	ssize_t (*write)(void *layer, int fd, const void *p, size_t n,
	    struct fault *f);

	/*
	 * Turn the result of a send of bytes on the socket itself, which is a
	 * count or -errno, into what write returns. NULL if only the layer can
	 * send.
	 */
	ssize_t (*sent)(void *layer, struct span bytes, int result,
	    struct fault *f);

	/*
	 * Turn bytes of the queue, from the front, into those for the socket.
	 * They are at most BURST_MAX, and valid until the next call for any
	 * layer. The caller sends them, and calls sent. Return no bytes if
	 * nothing can be sent. NULL if both are the same, or sent is NULL. Not
	 * called while the layer has bytes to write itself (pending).
	 */
	struct span (*prepare)(void *layer, struct span queued);

	/*
	 * Tell the peer, as far as possible now, that no more will be sent. The
	 * caller shuts the socket down. NULL if the carrier has nothing to say.
	 */
	void (*finish)(void *layer, int fd);

	/*
	 * The connection will end because this program, or what it stands for,
	 * goes away: let finish tell the peer. NULL if finish cannot.
	 */
	void (*goes)(void *layer);

	/*
	 * Return true if the layer itself has bytes to write, whatever the
	 * caller has. write is then called, with no bytes if there are none.
	 * NULL if the layer never has any.
	 */
	bool (*pending)(const void *layer);

	/*
	 * Describe the peer by TLS, after setup returned IO_DONE. Return false
	 * if the carrier of this layer has no TLS. NULL if it never has.
	 */
	bool (*tls_info)(void *layer, struct tls_info *info);

	/* Free the layer object. NULL if there is none. */
	void (*free)(void *layer);
};

extern const struct transport_ops transport_tcp; /* layer: NULL */
extern const struct transport_ops transport_tls;
extern const struct transport_ops transport_ws;
extern const struct transport_ops transport_ws_tcp; /* over transport_tcp */

/* Set f to a fault and its reason. Return IO_FAILED. */
int fault_set(struct fault *f, enum stream_end end, const char *why);

/* Set f to the fault of a failed system call. */
void fault_set_errno(struct fault *f, enum stream_end end, int err);

/*
 * Make the layer of a connection over fd. The caller still owns fd, and frees
 * the layer with transport_tls.free. name is for SNI, or NULL; it is copied.
 * Return NULL if OpenSSL has no memory.
 */
void *tls_layer_new(const struct tls_ctx *ctx, int fd, const char *name);

/* Let a client agree on HTTP/1.1 inside of TLS, in place of IRC, since
 * WebSocket begins with it. Ask for no certificate: Chromium cannot let a user
 * choose one for a WebSocket, and closes the connection. */
void tls_layer_carry_http(void *layer);

#endif
