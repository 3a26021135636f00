/*
 * The layer collects the request until it is complete, and then answers it at
 * once, right or wrong: the socket is new, and has room. Bytes behind the
 * request are frames already; no client may send them so early, and nothing is
 * lost if one does.
 *
 * The close frame is the last that is written, so it is made when the stream
 * ends (finish), behind all that is queued. A stream that is dropped, as its
 * peer does not read, has none, as it has no end of TLS.
 */
#include "net/ws.h"

#include <openssl/evp.h>

#include <stdlib.h>

#include "base/mem.h"
#include "net/ws_layer.h"

#define ACCEPT_LEN 28 /* 20 bytes in base64 */

struct ws *
ws_new(void)
{
	struct ws *ws = mem_zalloc(sizeof(*ws));

	ws->frames = ws_frames_new();
	return ws;
}

void
ws_free(struct ws *ws)
{
	if (ws == NULL)
		return;
	ws_frames_free(ws->frames);
	free(ws);
}

void *
ws_layer_new(struct ws *ws, const struct transport_ops *io, void *inner,
    const struct ws_conf *conf)
{
	struct ws_layer *w = mem_zalloc(sizeof(*w));

	w->ws = ws;
	w->io = io;
	w->inner = inner;
	w->send_as = WS_TEXT;
	w->setup = mem_zalloc(sizeof(*w->setup));
	w->setup->origins = span_dup(conf->origins);
	w->setup->beneath = io->setup == NULL;
	return w;
}

static void
setup_free(struct ws_layer *w)
{
	if (w->setup == NULL)
		return;
	free(w->setup->origins);
	free(w->setup);
	w->setup = NULL;
}

static void
ws_layer_free(void *layer)
{
	struct ws_layer *w = layer;

	setup_free(w);
	if (w->io->free != NULL)
		w->io->free(w->inner);
	free(w->in);
	free(w->message);
	free(w->out);
	free(w);
}

/* ---- the handshake ----------------------------------------------------- */

/* RFC 6455, section 4.2.2, item 5.4. Return false if the library refuses. */
static bool
accept_build(struct writer *w, struct span key)
{
	unsigned char sum[EVP_MAX_MD_SIZE], text[ACCEPT_LEN + 1];
	unsigned int n;
	char keyed[64];
	struct writer k;

	writer_init(&k, keyed, sizeof(keyed));
	writer_span(&k, key);
	writer_str(&k, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
	if (EVP_Digest(k.p, k.n, sum, &n, EVP_sha1(), NULL) != 1)
		return false;
	(void)EVP_EncodeBlock(text, sum, (int)n);
	writer_span(w, span_make(text, ACCEPT_LEN));
	return true;
}

static void
answer(struct ws_layer *w, const struct upgrade *u)
{
	char accept[ACCEPT_LEN], text[UPGRADE_ANSWER];
	struct ws_setup *up = w->setup;
	struct writer a, t;

	writer_init(&a, accept, sizeof(accept));
	writer_init(&t, text, sizeof(text));
	if (up->status == 101 && !accept_build(&a, u->key)) {
		up->status = 503;
		up->why = "OpenSSL has no SHA-1";
	}
	upgrade_build(&t, up->status, u, writer_done(&a));
	ws_put(w, writer_done(&t));
	if (u->protocol == UPGRADE_BINARY)
		w->send_as = WS_BINARY;
}

/* The request is complete, right or wrong. */
static void
take_request(struct ws_layer *w, const struct upgrade *u)
{
	struct ws_setup *up = w->setup;
	size_t left = up->n - u->used;

	up->why = u->why;
	answer(w, u);
	if (up->status != 101 || left == 0)
		return;
	w->in = mem_alloc(left);
	memcpy(w->in, up->head + u->used, left);
	w->in_n = (uint32_t)left;
}

static int
ended_early(struct ws_layer *w, struct fault *f)
{
	bool silent = w->setup->n == 0 && w->io->setup == NULL;

	return fault_set(f, silent ? STREAM_SILENT : STREAM_WEBSOCKET,
	    silent ? "end of file"
		   : "closed by the other side before its request");
}

/* Read until the request is complete. */
static int
read_request(struct ws_layer *w, int fd, struct fault *f)
{
	struct ws_setup *up = w->setup;
	struct upgrade u = { .used = 0 };
	bool more;
	ssize_t n;

	while (up->status == 0) {
		n = w->io->read(w->inner, fd, up->head + up->n,
		    sizeof(up->head) - up->n, &more, f);
		if (n == IO_EOF)
			return ended_early(w, f);
		if (n < 0)
			return (int)n;
		up->n += (size_t)n;
		up->status = upgrade_parse(span_make(up->head, up->n),
		    span_of(up->origins), &u);
	}
	take_request(w, &u);
	return IO_DONE;
}

static int
ws_setup(void *layer, int fd, struct fault *f)
{
	struct ws_layer *w = layer;
	struct ws_setup *up = w->setup;
	int code = IO_DONE;

	if (!up->beneath) {
		code = w->io->setup(w->inner, fd, f);
		up->beneath = code == IO_DONE;
	}
	if (code == IO_DONE && up->status == 0)
		code = read_request(w, fd, f);
	if (code == IO_DONE)
		code = ws_flush(w, fd, f);
	if (code != IO_DONE)
		return code;
	if (up->status != 101)
		return fault_set(f, STREAM_WEBSOCKET, up->why);
	setup_free(w);
	return IO_DONE;
}

/* ---- the end ----------------------------------------------------------- */

/* Bytes that wait, and belong to the queue, are the end of a frame that has
 * begun, or frames that the owner has given up; they go first. */
static void
ws_finish(void *layer, int fd)
{
	struct ws_layer *w = layer;
	char text[WS_HEADER_MAX + WS_CONTROL_MAX];
	struct fault f;
	struct writer t;

	if (w->setup == NULL) {
		writer_init(&t, text, sizeof(text));
		ws_close_build(w->ws->frames, &t,
		    w->code != 0 ? w->code : WS_NORMAL, span_of(w->why));
		ws_put(w, writer_done(&t));
	}
	(void)ws_flush(w, fd, &f);
	if (w->io->finish != NULL)
		w->io->finish(w->inner, fd);
}

/* A close frame of the client is answered with its own code. */
static void
ws_goes(void *layer)
{
	struct ws_layer *w = layer;

	if (w->code == 0)
		w->code = WS_GOING;
}

static bool
ws_pending(const void *layer)
{
	return ((const struct ws_layer *)layer)->out_n > 0;
}

static bool
ws_tls_info(void *layer, struct tls_info *info)
{
	const struct ws_layer *w = layer;

	return w->io->tls_info != NULL && w->io->tls_info(w->inner, info);
}

const struct transport_ops transport_ws_tcp = {
	.burst = WS_BURST,
	.in_lines = true,
	.setup = ws_setup,
	.read = ws_read,
	.write = ws_write,
	.sent = ws_sent,
	.prepare = ws_prepare,
	.finish = ws_finish,
	.goes = ws_goes,
	.pending = ws_pending,
	.tls_info = ws_tls_info,
	.free = ws_layer_free,
};

const struct transport_ops transport_ws = {
	.burst = WS_BURST,
	.in_lines = true,
	.setup = ws_setup,
	.read = ws_read,
	.write = ws_write,
	.finish = ws_finish,
	.goes = ws_goes,
	.pending = ws_pending,
	.tls_info = ws_tls_info,
	.free = ws_layer_free,
};
