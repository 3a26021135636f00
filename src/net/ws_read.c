/*
 * A frame is taken when all of it is there, and a message when all of its
 * frames are. So a message is checked whole, and no bytes of it reach the owner
 * if they are not UTF-8. Both are small.
 *
 * Lines are bounded by the owner: it takes them at its pace, and the stream
 * counts what lies unread. Control frames and fragments never reach the owner,
 * so they are bounded here (net/allowance.h). A read takes few frames, and
 * leaves the others to the next turn: very small ones cost far more than their
 * bytes.
 */
#include "net/ws_layer.h"

#include <stdlib.h>

#include "base/mem.h"
#include "wire/utf8.h"

#define READ_MIN 512  /* bytes: a byte at a time would never make a frame */
#define FRAMES_MAX 64 /* of one read */

/* The read under way. */
struct reading {
	struct ws_layer *w;
	struct span raw;  /* in ws->in: bytes of the carrier, not taken yet */
	struct span ping; /* in ping_bytes: the last one */
	bool pinged;
	char ping_bytes[WS_CONTROL_MAX];
	char *to; /* the owner's bytes */
	size_t got, room;
	unsigned frames; /* taken */
};

/* The connection ends with this code. Return false. */
static bool
refuse(struct ws_layer *w, unsigned int code, const char *why)
{
	w->code = (uint16_t)code;
	w->why = why;
	return false;
}

/* ---- messages ---------------------------------------------------------- */

static void
forget_message(struct ws_layer *w)
{
	free(w->message);
	w->message = NULL;
	w->message_n = w->message_at = 0;
	w->fragments = 0;
	w->ready = false;
}

/* Give the owner what it has room for of a line that is ready. */
static void
give_ready(struct reading *r)
{
	struct ws_layer *w = r->w;
	size_t n = w->message_n - w->message_at, left = r->room - r->got;

	if (!w->ready)
		return;
	n = n < left ? n : left;
	memcpy(r->to + r->got, w->message + w->message_at, n);
	r->got += n;
	w->message_at += (uint16_t)n;
	if (w->message_at == w->message_n)
		forget_message(w);
}

static void
keep_message(struct ws_layer *w, struct span bytes)
{
	w->message = mem_realloc(w->message, w->message_n + bytes.n);
	memcpy(w->message + w->message_n, bytes.p, bytes.n);
	w->message_n += (uint16_t)bytes.n;
}

/* Make one line of the n bytes of a message, with room for two more. Return its
 * length. An LF within it becomes a CR: the line is then refused as a whole,
 * and never read as two. */
static size_t
line_of(char *p, size_t n)
{
	if (n > 0 && p[n - 1] == '\n')
		n--;
	if (n > 0 && p[n - 1] == '\r')
		n--;
	for (size_t i = 0; i < n; i++)
		if (p[i] == '\n')
			p[i] = '\r';
	p[n] = '\r';
	p[n + 1] = '\n';
	return n + 2;
}

/* A message is complete: its last bytes are in ws->payload. */
static bool
end_message(struct reading *r, struct span last)
{
	struct ws_layer *w = r->w;
	char *p = w->ws->payload;
	size_t n = w->message_n + last.n;

	if (w->message_n > 0) {
		memmove(p + w->message_n, last.p, last.n);
		memcpy(p, w->message, w->message_n);
	}
	forget_message(w);
	if (w->kind == WS_TEXT && !utf8_valid(span_make(p, n)))
		return refuse(w, WS_NOT_UTF8, "a text is not UTF-8");
	n = line_of(p, n);
	if (n <= r->room - r->got) {
		memcpy(r->to + r->got, p, n);
		r->got += n;
	} else {
		keep_message(w, span_make(p, n));
		w->ready = true;
		give_ready(r);
	}
	return true;
}

static bool
take_data(struct reading *r, const struct ws_frame *f)
{
	struct ws_layer *w = r->w;
	bool first = f->opcode != WS_MORE;

	if (first != (w->fragments == 0))
		return refuse(w, WS_PROTOCOL,
		    first ? "a message begins within another one"
			  : "a fragment belongs to no message");
	if (w->message_n + f->payload.n > WS_MESSAGE_MAX)
		return refuse(w, WS_TOO_BIG, "a message is too long");
	if (first)
		w->kind = (uint8_t)f->opcode;
	if (f->fin)
		return end_message(r, f->payload);
	if (f->payload.n == 0 && allowance_is_spent(&w->allowed, 1))
		return refuse(w, WS_POLICY, "too many empty fragments");
	if (++w->fragments > WS_FRAGMENTS_MAX)
		return refuse(w, WS_POLICY, "a message has too many fragments");
	keep_message(w, f->payload);
	return true;
}

/* ---- control frames ---------------------------------------------------- */

static bool
take_close(struct ws_layer *w, struct span payload)
{
	unsigned int code = ws_close_code(payload);

	if (code == 0)
		return refuse(w, WS_PROTOCOL, "the code of a close is wrong");
	if (!utf8_valid(span_tail(payload, 2)))
		return refuse(w, WS_NOT_UTF8, "a close is not UTF-8");
	w->code = (uint16_t)code;
	w->ended = true;
	return false;
}

static bool
take_control(struct reading *r, const struct ws_frame *f)
{
	if (f->opcode == WS_CLOSE)
		return take_close(r->w, f->payload);
	if (allowance_is_spent(&r->w->allowed, 1))
		return refuse(r->w, WS_POLICY, "too many control frames");
	if (f->opcode == WS_PING) {
		memcpy(r->ping_bytes, f->payload.p, f->payload.n);
		r->ping = span_make(r->ping_bytes, f->payload.n);
		r->pinged = true;
	}
	return true;
}

/* A client that does not read gets no second pong: it would wait, too. */
static void
answer_ping(const struct reading *r)
{
	struct ws_layer *w = r->w;
	char text[WS_HEADER_MAX + WS_CONTROL_MAX];
	struct writer p;

	if (!r->pinged || w->pong_waits)
		return;
	writer_init(&p, text, sizeof(text));
	ws_frame_build(w->ws->frames, &p, WS_PONG, r->ping);
	ws_put(w, writer_done(&p));
	w->pong_waits = true;
}

/* ---- reading ----------------------------------------------------------- */

/* Take a frame. Return false if no more can be taken: a part of one is there,
 * or the connection ends. */
static bool
take_frame(struct reading *r)
{
	struct ws_layer *w = r->w;
	struct ws_frame f;

	switch (ws_frame_take(&r->raw, w->ws->payload, WS_MESSAGE_MAX, &f)) {
	case WS_INCOMPLETE:
		return false;
	case WS_WRONG:
		return refuse(w, WS_PROTOCOL, f.why);
	case WS_LARGE:
		return refuse(w, WS_TOO_BIG, "a message is too long");
	case WS_TAKEN:
		break;
	}
	return f.opcode >= WS_CLOSE ? take_control(r, &f) : take_data(r, &f);
}

static bool
is_over(const struct ws_layer *w)
{
	return w->ended || w->why != NULL;
}

static void
take_frames(struct reading *r)
{
	give_ready(r);
	while (r->got < r->room && r->frames < FRAMES_MAX && !is_over(r->w) &&
	       take_frame(r))
		r->frames++;
}

/* Let the bytes that the layer holds be those that were not taken. */
static void
keep_raw(struct reading *r)
{
	struct ws_layer *w = r->w;

	if (r->raw.n == 0) {
		free(w->in);
		w->in = NULL;
	} else {
		w->in = mem_realloc(w->in, r->raw.n);
		memcpy(w->in, r->raw.p, r->raw.n);
	}
	w->in_n = (uint32_t)r->raw.n;
}

/* Read from the carrier, behind the bytes that are not taken. Return its code;
 * more than 0 if bytes came. */
static ssize_t
fill(struct reading *r, int fd, bool *more, struct fault *f)
{
	char *in = r->w->ws->in;
	size_t n = r->room - r->got;
	ssize_t got;

	n = n < READ_MIN ? READ_MIN : n;
	n = n > WS_READ_MAX ? WS_READ_MAX : n;
	if (r->raw.n > 0)
		memmove(in, r->raw.p, r->raw.n);
	got = r->w->io->read(r->w->inner, fd, in + r->raw.n, n, more, f);
	r->raw = span_make(in, r->raw.n + (got > 0 ? (size_t)got : 0));
	return got;
}

/* Return what the read returns if no line came. */
static ssize_t
nothing(struct ws_layer *w, ssize_t code, struct fault *f)
{
	if (w->why != NULL)
		return fault_set(f, STREAM_WEBSOCKET, w->why);
	if (w->ended)
		return IO_EOF;
	return code > 0 ? IO_WAIT_READ : code;
}

ssize_t
ws_read(void *layer, int fd, void *p, size_t n, bool *more, struct fault *f)
{
	struct ws_layer *w = layer;
	struct reading r = { .w = w, .to = p, .room = n };
	ssize_t code = IO_WAIT_READ;

	*more = false;
	if (w->in_n > 0)
		memcpy(w->ws->in, w->in, w->in_n);
	r.raw = span_make(w->ws->in, w->in_n);
	take_frames(&r);
	while (r.got == 0 && r.frames < FRAMES_MAX && !is_over(w)) {
		code = fill(&r, fd, more, f);
		if (code <= 0)
			break;
		take_frames(&r);
		if (!*more)
			break;
	}
	keep_raw(&r);
	answer_ping(&r);
	if (r.frames == FRAMES_MAX)
		*more = true;
	if (r.got == 0)
		return nothing(w, code, f);
	/* more bytes here or in the carrier, or the end, which is told next */
	*more = *more || r.got == r.room || is_over(w);
	return (ssize_t)r.got;
}
