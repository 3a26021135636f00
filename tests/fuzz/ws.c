/*
 * net/ws: an input is a size, and then what a client sends behind its request.
 * The lines, and the end of the connection, are the same however the bytes are
 * cut, and however much room the owner has; each line ends with CR LF and has
 * no other LF. The lines are then sent back, by a carrier that takes a few
 * bytes at a time: the frames are the same as if it took all of them.
 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "net/ws.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUEST                                                \
	"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"  \
	"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" \
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
#define INPUT_MAX 20000

/* The carrier: bytes of the client, and those for it. */
static struct span input;
static size_t cut;
static char output[INPUT_MAX * 8];
static size_t noutput;

/* The owner has got this. */
struct outcome {
	char lines[INPUT_MAX * 2];
	size_t n;
	int end;
	struct fault fault;
};

static ssize_t
carrier_read(void *layer, int fd, void *p, size_t n, bool *more,
    struct fault *f)
{
	(void)layer;
	(void)fd;
	(void)f;
	n = n < cut ? n : cut;
	n = n < input.n ? n : input.n;
	*more = n < input.n;
	if (n > 0)
		memcpy(p, input.p, n);
	input = span_tail(input, n);
	return (ssize_t)n;
}

static ssize_t
carrier_write(void *layer, int fd, const void *p, size_t n, struct fault *f)
{
	static bool full;

	(void)layer;
	(void)fd;
	(void)f;
	full = !full;
	if (full && cut < SIZE_MAX)
		return IO_WAIT_WRITE;
	n = n < cut ? n : cut;
	assert(noutput + n <= sizeof(output));
	memcpy(output + noutput, p, n);
	noutput += n;
	return (ssize_t)n;
}

static const struct transport_ops carrier = {
	.burst = BURST_MAX,
	.read = carrier_read,
	.write = carrier_write,
};

static void *
open_layer(struct ws *ws)
{
	const struct ws_conf conf = { .origins = SPAN_NONE };
	void *w = ws_layer_new(ws, &carrier, NULL, &conf);
	struct fault f;
	int code;

	do
		code = transport_ws.setup(w, -1, &f);
	while (code == IO_WAIT_WRITE);
	assert(code == IO_DONE);
	return w;
}

static void
read_all(void *w, size_t room, struct outcome *o)
{
	bool more;
	ssize_t n;

	do {
		assert(o->n + room <= sizeof(o->lines));
		n = transport_ws.read(w, -1, o->lines + o->n, room, &more,
		    &o->fault);
		assert(n <= (ssize_t)room);
		if (n > 0)
			o->n += (size_t)n;
	} while (n > 0 || n == IO_WAIT_READ);
	o->end = (int)n;
	assert(n == IO_EOF || n == IO_FAILED);
}

/* Send the lines back, and end. */
static void
write_all(void *w, struct span lines)
{
	struct fault f;
	ssize_t n;

	while (lines.n > 0 || transport_ws.pending(w)) {
		n = transport_ws.write(w, -1, lines.p,
		    lines.n < transport_ws.burst ? lines.n : transport_ws.burst,
		    &f);
		assert(n >= 0 || n == IO_WAIT_WRITE);
		assert(n <= 0 || lines.p[n - 1] == '\n');
		if (n > 0)
			lines = span_tail(lines, (size_t)n);
	}
}

static void
check_lines(struct span s)
{
	assert(s.n == 0 || s.p[s.n - 1] == '\n');
	for (size_t i = 0; i < s.n; i++)
		assert(s.p[i] != '\n' || (i > 0 && s.p[i - 1] == '\r'));
}

static void
run(struct ws *ws, struct span bytes, size_t each, struct outcome *o)
{
	void *w;

	cut = SIZE_MAX;
	input = SPAN(REQUEST);
	noutput = 0;
	w = open_layer(ws);
	cut = each;
	input = bytes;
	read_all(w, each < 100 ? each : 100, o);
	check_lines(span_make(o->lines, o->n));
	noutput = 0;
	while (transport_ws.pending(w)) /* a pong */
		write_all(w, SPAN_NONE);
	noutput = 0;
	write_all(w, span_make(o->lines, o->n));
	cut = SIZE_MAX;
	transport_ws.finish(w, -1);
	transport_ws.free(w);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct outcome whole, cuts;
	static char first[sizeof(output)];
	struct span bytes = span_make(data, size);
	struct ws *ws;
	size_t nfirst, each;

	if (size < 1 || size > INPUT_MAX)
		return 0;
	each = 1u + data[0];
	bytes = span_tail(bytes, 1);
	ws = ws_new();
	whole.n = cuts.n = 0;
	run(ws, bytes, SIZE_MAX, &whole);
	nfirst = noutput;
	memcpy(first, output, noutput);
	run(ws, bytes, each, &cuts);
	assert(whole.n == cuts.n &&
	       memcmp(whole.lines, cuts.lines, whole.n) == 0);
	assert(whole.end == cuts.end);
	if (whole.end == IO_FAILED)
		assert(strcmp(whole.fault.why, cuts.fault.why) == 0);
	assert(nfirst == noutput && memcmp(first, output, nfirst) == 0);
	ws_free(ws);
	return 0;
}
