/*
 * Cut a stream of bytes into lines. The caller holds the bytes that have come
 * and are not consumed, and passes all of them in each call.
 *
 *	FRAME_MORE	no line is complete; fewer than tags + body bytes are
 *			left in the window, all others were consumed
 *	FRAME_LINE	*line is a line, without its CR LF or LF
 *	FRAME_BAD	the same, but it holds a NUL or a CR: not a message;
 *			or, on a link, it ends with an LF alone
 *	FRAME_LONG	*line is the beginning of a line over its limit; the
 *			next calls skip the rest of that line
 *
 * *line points into the window and is valid as long as the window is.
 */
#ifndef WIRE_FRAME_H
#define WIRE_FRAME_H

#include "base/span.h"

/*
 * The limits for clients: "@", 4094 bytes of tags and a space (message-tags,
 * "Size limit"), then 512 bytes with CR LF (modern-irc, "Message Format").
 */
#define FRAME_CLIENT_TAGS 4096
#define FRAME_CLIENT_BODY 512

/* The limit for a line of a link, with tags and CR LF. */
#define FRAME_LINK 16384

enum frame_result {
	FRAME_MORE,
	FRAME_LINE,
	FRAME_BAD,
	FRAME_LONG,
};

struct frame {
	uint16_t tags; /* limit of the tag part; 0: within body */
	uint16_t body; /* limit of the rest, with CR LF */
	uint16_t seen; /* first bytes of the window without an LF */
	bool skip;     /* within a line over its limit */
	bool crlf;     /* an LF alone does not end a line as it should */
};

/* Return true if the text, without its end, exceeds no limit for clients. */
bool frame_client_fits(struct span text);

/* Prepare for the beginning of a stream of a client or of a link. */
void frame_init_client(struct frame *f);
void frame_init_link(struct frame *f);

/*
 * Find the next line of the window *in, and consume bytes by shortening *in in
 * front.
 */
enum frame_result frame_next(struct frame *f, struct span *in,
    struct span *line);

#endif
