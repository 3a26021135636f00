/*
 * Frames of a server are not masked, so the frames of a line are the same for
 * all clients of a kind. A line to a channel reaches them in one turn, one
 * after another: the frames that were made last are kept, and used again if the
 * next client is sent the same lines. To compare the lines costs less than to
 * look whether they are UTF-8, to make the headers and to copy.
 *
 * The owner's queue is counted in bytes of lines. A part of it is told to be
 * written when all of its frames are: so what a slow client costs is counted in
 * full.
 */
#include "net/ws_layer.h"

#include <stdlib.h>

#include "base/mem.h"
#include "wire/utf8.h"

/* ---- lines to frames --------------------------------------------------- */

/* Return the bytes at the beginning that are whole lines. A line that is as
 * long as a write is cut, since it would never be whole. */
static struct span
whole_lines(struct span s)
{
	size_t n = s.n;

	while (n > 0 && s.p[n - 1] != '\n')
		n--;
	return n == 0 && s.n == WS_BURST ? s : span_head(s, n);
}

static struct span
without_end(struct span line)
{
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

static void
build_mended(struct ws *ws, struct writer *w, struct span line)
{
	char *text = mem_alloc(line.n * UTF8_MENDED);
	struct writer m;

	writer_init(&m, text, line.n * UTF8_MENDED);
	utf8_write_mended(&m, line);
	ws_frame_build(ws->frames, w, WS_TEXT, writer_done(&m));
	free(text);
}

static void
build_line(struct ws *ws, struct writer *w, unsigned int opcode,
    struct span line)
{
	if (line.n == 0)
		return;
	if (opcode == WS_BINARY || utf8_valid(line))
		ws_frame_build(ws->frames, w, opcode, line);
	else
		build_mended(ws, w, line);
}

/* Return the frames of lines. They have at most four times as many bytes: a
 * header of at most four in place of the end of a line, and at most three for a
 * byte that is not UTF-8. */
static struct span
frames_of(struct ws *ws, unsigned int opcode, struct span lines)
{
	struct span rest = lines;
	struct writer w;

	if (ws->nlines == lines.n && ws->send_as == opcode &&
	    memcmp(ws->lines, lines.p, lines.n) == 0)
		return span_make(ws->made, ws->nmade);
	writer_init(&w, ws->made, sizeof(ws->made));
	while (rest.n > 0)
		build_line(ws, &w, opcode, without_end(span_cut(&rest, '\n')));
	memcpy(ws->lines, lines.p, lines.n);
	ws->nlines = lines.n;
	ws->send_as = (uint8_t)opcode;
	ws->nmade = w.n;
	return writer_done(&w);
}

/* ---- writing ----------------------------------------------------------- */

void
ws_put(struct ws_layer *w, struct span bytes)
{
	w->out = mem_realloc(w->out, w->out_n + bytes.n);
	memcpy(w->out + w->out_n, bytes.p, bytes.n);
	w->out_n += (uint32_t)bytes.n;
}

/* Write bytes. Return how many the carrier took; *code is IO_DONE if it took
 * all. */
static size_t
put_through(struct ws_layer *w, int fd, struct span bytes, int *code,
    struct fault *f)
{
	size_t put = 0;
	ssize_t n;

	*code = IO_DONE;
	while (put < bytes.n) {
		n = w->io->write(w->inner, fd, bytes.p + put, bytes.n - put, f);
		if (n <= 0) {
			*code = n < 0 ? (int)n : IO_WAIT_WRITE;
			break;
		}
		put += (size_t)n;
	}
	return put;
}

int
ws_flush(struct ws_layer *w, int fd, struct fault *f)
{
	int code = IO_DONE;
	size_t put;

	if (w->out_n == 0)
		return IO_DONE;
	put = put_through(w, fd, span_make(w->out, w->out_n), &code, f);
	w->out_n -= (uint32_t)put;
	if (w->out_n == 0) {
		free(w->out);
		w->out = NULL;
		w->pong_waits = false;
	} else if (put > 0) {
		memmove(w->out, w->out + put, w->out_n);
	}
	return code;
}

ssize_t
ws_write(void *layer, int fd, const void *p, size_t n, struct fault *f)
{
	struct ws_layer *w = layer;
	struct span lines, frames;
	int code = ws_flush(w, fd, f);
	size_t put;

	if (code != IO_DONE)
		return code;
	put = w->owed;
	w->owed = 0;
	if (put > 0)
		return (ssize_t)put;
	lines = whole_lines(span_make(p, n));
	if (lines.n == 0)
		return 0;
	frames = frames_of(w->ws, w->send_as, lines);
	put = put_through(w, fd, frames, &code, f);
	if (code == IO_DONE)
		return (ssize_t)lines.n;
	if (code == IO_FAILED)
		return IO_FAILED;
	w->owed = (uint32_t)lines.n;
	ws_put(w, span_tail(frames, put));
	return code;
}

/* ---- sending together with other streams -------------------------------- */

struct span
ws_prepare(void *layer, struct span queued)
{
	struct ws_layer *w = layer;
	struct span lines = whole_lines(queued);

	if (lines.n == 0)
		return SPAN_NONE;
	w->owed = (uint32_t)lines.n;
	return frames_of(w->ws, w->send_as, lines);
}

ssize_t
ws_sent(void *layer, struct span bytes, int result, struct fault *f)
{
	struct ws_layer *w = layer;
	ssize_t n = w->io->sent(w->inner, bytes, result, f);
	size_t put = n > 0 ? (size_t)n : 0, owed = w->owed;

	if (n == IO_FAILED)
		return IO_FAILED;
	if (put < bytes.n) {
		ws_put(w, span_tail(bytes, put));
		return IO_WAIT_WRITE;
	}
	w->owed = 0;
	return (ssize_t)owed;
}
