/*
 * ws_frame.h - frames of WebSocket (RFC 6455, section 5) as bytes, by wslay. It
 * knows no connection: ws.c decides which frames may follow each other.
 */
#ifndef NET_WS_FRAME_H
#define NET_WS_FRAME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"
#include "base/writer.h"

#define WS_HEADER_MAX 14   /* bytes before a payload */
#define WS_CONTROL_MAX 125 /* bytes of the payload of a control frame */

/* Opcodes. */
enum {
	WS_MORE = 0x0, /* the next fragment of a message */
	WS_TEXT = 0x1,
	WS_BINARY = 0x2,
	WS_CLOSE = 0x8,
	WS_PING = 0x9,
	WS_PONG = 0xa
};

/* Codes of a close frame (section 7.4.1). */
enum {
	WS_NORMAL = 1000,
	WS_GOING = 1001, /* the server goes away */
	WS_PROTOCOL = 1002,
	WS_NO_CODE = 1005, /* never sent: the frame has none */
	WS_NOT_UTF8 = 1007,
	WS_POLICY = 1008,
	WS_TOO_BIG = 1009
};

enum ws_status {
	WS_INCOMPLETE, /* more bytes are needed */
	WS_TAKEN,
	WS_WRONG, /* no client may send such a frame; frame->why says why */
	WS_LARGE  /* the payload has more than max bytes */
};

struct ws_frame {
	unsigned int opcode;
	bool fin;	     /* the last fragment of its message */
	struct span payload; /* in the buffer of the caller */
	const char *why;
};

/*
 * Take a frame of a client from the front of *bytes. payload has room for max
 * bytes. A frame that is WS_WRONG or WS_LARGE is known by its header, and needs
 * at most one byte of its payload. *bytes is shortened if the frame was taken.
 */
enum ws_status ws_frame_take(struct span *bytes, char *payload, size_t max,
    struct ws_frame *frame);

struct ws_frames;

/* Make what building frames needs; the caller frees it with ws_frames_free(),
 * which allows NULL. */
struct ws_frames *ws_frames_new(void);
void ws_frames_free(struct ws_frames *);

/* Write a frame of a server that is a whole message. */
void ws_frame_build(struct ws_frames *, struct writer *w, unsigned int opcode,
    struct span payload);

/* Write a close frame with a code, and a reason of at most WS_CONTROL_MAX - 2
 * bytes; WS_NO_CODE: without both. */
void ws_close_build(struct ws_frames *, struct writer *w, unsigned int code,
    struct span reason);

/* Return the code of the payload of a close frame: WS_NO_CODE if it has none,
 * 0 if it is wrong. */
unsigned int ws_close_code(struct span payload);

#endif
