/*
 * wslay's state of a connection has two buffers of 4 KiB, so most of the memory
 * of an idle client would be wslay's. It is therefore made for one frame at a
 * time: the bytes of a frame that is not complete are kept as they are, and
 * read again when more of them are there. A frame is small, since a line is.
 *
 * wslay reads ahead, and does not say how far. But the size of the header
 * follows from what it says of the frame, since it refuses any other size.
 */
#include "net/ws_frame.h"

#include <wslay/wslay.h>

#include <stdlib.h>

#include "base/invariant.h"
#include "base/mem.h"

#define FIRST_READ 64 /* bytes: most lines are short */

/* ---- taking ------------------------------------------------------------ */

struct source {
	struct span rest;
	bool begun;
};

static ssize_t
read_some(uint8_t *buf, size_t len, int flags, void *ctx)
{
	struct source *s = ctx;
	size_t n = s->rest.n < len ? s->rest.n : len;

	(void)flags;
	if (!s->begun && n > FIRST_READ)
		n = FIRST_READ;
	if (n == 0)
		return -1;
	s->begun = true;
	memcpy(buf, s->rest.p, n);
	s->rest = span_tail(s->rest, n);
	return (ssize_t)n;
}

static size_t
header_len(const struct wslay_frame_iocb *f)
{
	size_t n = f->mask ? 6 : 2;

	if (f->payload_length > UINT16_MAX)
		return n + 8;
	return f->payload_length > WS_CONTROL_MAX ? n + 2 : n;
}

static bool
is_known(unsigned int opcode)
{
	return opcode <= WS_BINARY || (opcode >= WS_CLOSE && opcode <= WS_PONG);
}

/* Return what is wrong with the header of a frame, or NULL. */
static const char *
fault_of(const struct wslay_frame_iocb *f)
{
	if (f->rsv != 0)
		return "a reserved bit of a frame is set";
	if (!is_known(f->opcode))
		return "the opcode of a frame is not known";
	if (!f->mask)
		return "a frame is not masked";
	return NULL;
}

/* Return what is wrong with the frame of which wslay returned got, or NULL. */
static const char *
why_wrong(ssize_t got, const struct wslay_frame_iocb *f)
{
	return got < 0 ? "the header of a frame is wrong" : fault_of(f);
}

static enum ws_status
take(wslay_frame_context_ptr w, char *payload, size_t max,
    struct ws_frame *frame, struct wslay_frame_iocb *f)
{
	size_t n = 0;
	ssize_t got;

	do {
		*f = (struct wslay_frame_iocb){ 0 };
		got = wslay_frame_recv(w, f);
		if (got == WSLAY_ERR_WANT_READ)
			return WS_INCOMPLETE;
		frame->why = why_wrong(got, f);
		if (frame->why != NULL)
			return WS_WRONG;
		if (f->payload_length > max)
			return WS_LARGE;
		memcpy(payload + n, f->data, (size_t)got);
		n += (size_t)got;
	} while (n < f->payload_length);
	frame->payload = span_make(payload, n);
	return WS_TAKEN;
}

enum ws_status
ws_frame_take(struct span *bytes, char *payload, size_t max,
    struct ws_frame *frame)
{
	static const struct wslay_frame_callbacks cb = {
		.recv_callback = read_some,
	};
	struct source source = { *bytes, false };
	wslay_frame_context_ptr w;
	struct wslay_frame_iocb f;
	enum ws_status status;

	if (bytes->n < 2)
		return WS_INCOMPLETE;
	invariant(wslay_frame_context_init(&w, &cb, &source) == 0);
	status = take(w, payload, max, frame, &f);
	wslay_frame_context_free(w);
	if (status != WS_TAKEN)
		return status;
	frame->opcode = f.opcode;
	frame->fin = f.fin;
	*bytes = span_tail(*bytes, header_len(&f) + frame->payload.n);
	return WS_TAKEN;
}

/* ---- building ---------------------------------------------------------- */

struct ws_frames {
	wslay_frame_context_ptr w;
	struct writer *to;
};

static ssize_t
write_all(const uint8_t *data, size_t len, int flags, void *ctx)
{
	struct ws_frames *b = ctx;

	(void)flags;
	writer_span(b->to, span_make(data, len));
	return (ssize_t)len;
}

struct ws_frames *
ws_frames_new(void)
{
	static const struct wslay_frame_callbacks cb = {
		.send_callback = write_all,
	};
	struct ws_frames *b = mem_zalloc(sizeof(*b));

	invariant(wslay_frame_context_init(&b->w, &cb, b) == 0);
	return b;
}

void
ws_frames_free(struct ws_frames *b)
{
	if (b == NULL)
		return;
	wslay_frame_context_free(b->w);
	free(b);
}

void
ws_frame_build(struct ws_frames *b, struct writer *w, unsigned int opcode,
    struct span payload)
{
	struct wslay_frame_iocb f = {
		.fin = 1,
		.opcode = (uint8_t)opcode,
		.payload_length = payload.n,
		.data = (const uint8_t *)payload.p,
		.data_length = payload.n,
	};

	b->to = w;
	invariant(wslay_frame_send(b->w, &f) == (ssize_t)payload.n);
	b->to = NULL;
}

void
ws_close_build(struct ws_frames *b, struct writer *w, unsigned int code,
    struct span reason)
{
	char text[WS_CONTROL_MAX];
	struct writer p;

	writer_init(&p, text, sizeof(text));
	if (code != WS_NO_CODE) {
		writer_char(&p, (char)(code >> 8));
		writer_char(&p, (char)(code & 0xff));
		writer_span(&p, span_head(reason, WS_CONTROL_MAX - 2));
	}
	ws_frame_build(b, w, WS_CLOSE, writer_done(&p));
}

/* Section 7.4: some codes are never sent, and some ranges are for nobody. */
static bool
code_is_valid(unsigned int code)
{
	if (code >= 3000)
		return code < 5000;
	return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 &&
	       code != 1006;
}

unsigned int
ws_close_code(struct span payload)
{
	unsigned int code;

	if (payload.n == 0)
		return WS_NO_CODE;
	if (payload.n == 1)
		return 0;
	code = (unsigned int)(unsigned char)payload.p[0] << 8 |
	       (unsigned char)payload.p[1];
	return code_is_valid(code) ? code : 0;
}
