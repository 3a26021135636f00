/*
 * ws_layer.h - the inside of a layer of WebSocket; only its files include it.
 *
 *	ws.c		the layer, its handshake and its end
 *	ws_read.c	messages to lines
 *	ws_write.c	lines to messages, and what the carrier has not taken
 *
 * Invariants
 *	W1  an idle layer holds no buffer
 *	W2  `in` begins at the beginning of a frame; it holds less than one
 *	    frame and one read, and the carrier is read only if it holds less
 *	    than one frame
 *	W3  `message` has the fragments of a message that is not complete, or,
 *	    if `ready`, the rest of a line that the owner had no room for
 *	W4  `out` begins within or at the beginning of a frame; the owner is
 *	    told of the `owed` bytes of lines in it when all of it is written
 */
#ifndef NET_WS_LAYER_H
#define NET_WS_LAYER_H

#include "net/allowance.h"
#include "net/ws.h"
#include "net/ws_frame.h"
#include "wire/upgrade.h"

#define WS_READ_MAX ((size_t)16 * 1024) /* bytes of one read of the carrier */
#define WS_IN_MAX (WS_READ_MAX + WS_HEADER_MAX + WS_MESSAGE_MAX)
#define WS_BURST ((size_t)16 * 1024) /* bytes of lines that one write takes */

/* Needed only until the connection is open. */
struct ws_setup {
	char *origins;
	size_t n;
	bool beneath;	 /* the carrier is ready */
	unsigned status; /* of the answer; 0: the request is not complete */
	const char *why; /* it is refused */
	char head[UPGRADE_MAX];
};

struct ws_layer {
	struct ws *ws;
	const struct transport_ops *io; /* of the carrier */
	void *inner;			/* its layer */
	struct ws_setup *setup;		/* NULL: open */
	char *in;
	char *message;
	char *out;
	uint32_t in_n, out_n, owed;
	uint16_t message_n, message_at;
	uint16_t code;	   /* of the close frame; 0: WS_NORMAL */
	uint8_t fragments; /* of the message */
	uint8_t kind;	   /* opcode of the message */
	uint8_t send_as;   /* opcode of messages to the client */
	bool ready;
	bool ended;		  /* a close frame has come */
	bool pong_waits;	  /* in `out` */
	const char *why;	  /* the connection ends with `code` */
	struct allowance allowed; /* of control frames, empty fragments */
};

/* Layers share this. The buffers hold nothing between two calls, but for the
 * frames that were made last. */
struct ws {
	struct ws_frames *frames;
	char in[WS_IN_MAX];
	char payload[WS_MESSAGE_MAX + 2];
	/* the frames of `lines` with the opcode send_as */
	uint8_t send_as;
	size_t nlines, nmade;
	char lines[WS_BURST];
	char made[WS_BURST * 4];
};

/* ---- ws_read.c ---- */

ssize_t ws_read(void *layer, int fd, void *p, size_t n, bool *more,
    struct fault *f);

/* ---- ws_write.c ---- */

ssize_t ws_write(void *layer, int fd, const void *p, size_t n, struct fault *f);

struct span ws_prepare(void *layer, struct span queued);
ssize_t ws_sent(void *layer, struct span bytes, int result, struct fault *f);

/* Append bytes to `out`. */
void ws_put(struct ws_layer *, struct span bytes);

/* Write `out`. Return IO_DONE when it is empty, or another code. */
int ws_flush(struct ws_layer *, int fd, struct fault *f);

#endif
