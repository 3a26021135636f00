/*
 * Lines of a client are not looked into: frame.h finds where they end, and the
 * trunk carries them. A client is not told to its server before its handshake
 * is done, since the server wants to know its TLS.
 *
 * Bytes that say that somebody else speaks here (HTTP, TLS without TLS) are
 * answered by the gate, as banyand does on its own ports.
 */
#include "gate/client.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "gate/placing.h"
#include "gate/port.h"
#include "gate/roll.h"
#include "gate/trunk.h"
#include "gate/trunkline.h"
#include "wire/foreign.h"
#include "wire/msg.h"

#define ENDS_PER_TURN 256     /* clients that wait in vain */
#define LINES_PER_TURN 64     /* of one client, then others have a turn */
#define QUEUES_AT_FIRST 65536 /* bytes, before QUEUES (5.8) */
#define SENDQ_MOST (16 * 1024 * 1024) /* bytes, whatever QUEUES says */

static const struct stream_ops client_ops, draining_ops;

/* ---- the table of clients ------------------------------------------------ */

static uint32_t
place_take(struct places *p, struct client *x)
{
	uint32_t at;

	if (p->nempty > 0) {
		at = p->empty[--p->nempty];
	} else {
		if (p->n == p->cap)
			p->v = mem_grow32(p->v, &p->cap, 64, sizeof(*p->v));
		at = p->n++;
	}
	p->v[at] = x;
	return at;
}

static void
place_give(struct places *p, uint32_t at)
{
	p->v[at] = NULL;
	if (p->nempty == p->capempty)
		p->empty =
		    mem_grow32(p->empty, &p->capempty, 64, sizeof(*p->empty));
	p->empty[p->nempty++] = at;
}

/* ---- life ---------------------------------------------------------------- */

static void
log_client(const struct client *x, enum log_row row, struct span why)
{
	char text[ADDR_TEXT];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	addr_build(&w, &x->addr);
	logger_with(&x->gate->log, row, { "address", writer_done(&w) },
	    { "why", why });
}

static void
leave_waiting(struct client *x)
{
	if (!x->waits)
		return;
	TAILQ_REMOVE(&x->gate->waiting, x, waiting);
	x->gate->nwaiting--;
	x->waits = false;
}

static void
client_free(struct client *x)
{
	struct gate *g = x->gate;

	leave_waiting(x);
	placing_end(x);
	free(x->told);
	admission_del(&g->admission, &x->addr);
	port_count(g, x->port_serial, -1);
	place_give(&g->places, x->place);
	g->nclients--;
	pool_give(&g->client_pool, x);
}

void
client_end(struct client *x, struct span why)
{
	log_client(x, LOG_CLIENT_CLOSED, why);
	trunk_leave(x);
	stream_close(x->stream, true);
	client_free(x);
}

void
client_end_told(struct client *x, struct span why)
{
	stream_send_bytes(x->stream, SPAN("ERROR :"));
	stream_send_bytes(x->stream, why);
	stream_send_bytes(x->stream, SPAN("\r\n"));
	stream_goes(x->stream);
	client_end(x, why);
}

/* End a client on the gate's own account; its server is told. */
static void
end_here(struct client *x, struct span why)
{
	trunk_send_closed(x, why);
	client_end(x, why);
}

/* ---- finding a trunk ----------------------------------------------------- */

void
client_wait(struct client *x)
{
	struct gate *g = x->gate;

	if (TAILQ_EMPTY(&g->waiting))
		loop_timer_set(g->loop, &g->patience,
		    mono_add_ms(loop_now(g->loop), GATE_PATIENCE_MS));
	TAILQ_INSERT_TAIL(&g->waiting, x, waiting);
	g->nwaiting++;
	x->waits = true;
}

/* Describe the client to its server. */
static void
describe(const struct client *x, const struct tls_info *info,
    struct trunk_client *d)
{
	const char *word = x->told;

	*d = (struct trunk_client){
		.addr = x->addr, .port = x->port, .web = x->web
	};
	if (x->tls) {
		d->tls = true;
		d->version = span_of(info->version);
		d->cipher = span_of(info->cipher);
		d->asked = span_of(info->asked);
		if (info->has_pin)
			d->pin = span_make(info->pin, sizeof(info->pin));
	} else if (x->proxied_tls) {
		d->tls = true;
		d->version = span_of(word);
		word += d->version.n + 1;
		d->cipher = span_of(word);
		d->asked = span_of(word + d->cipher.n + 1);
	}
}

void
client_join(struct client *x, const struct choice *to, bool over, uint64_t rate)
{
	struct trunk_client d;
	struct tls_info info;

	if (x->tls)
		(void)stream_tls(x->stream, &info);
	describe(x, &info, &d);
	d.over = over;
	d.rate = rate;
	trunk_join(to->trunk, x, &d, to->rate);
	if (stream_unread(x->stream) > 0)
		stream_pull(x->stream);
}

void
client_is_taken(struct client *x)
{
	placing_end(x);
	free(x->told);
	x->told = NULL;
}

static bool
any_is_open(const struct gate *g)
{
	for (size_t i = 0; i < g->net.n; i++)
		if (place_is_open(&g->net.v[i]))
			return true;
	return false;
}

bool
clients_seat(struct gate *g, unsigned int n)
{
	struct client *x;

	while ((x = TAILQ_FIRST(&g->waiting)) != NULL) {
		if (!any_is_open(g))
			return false;
		if (n-- == 0)
			return true;
		leave_waiting(x);
		placing_begin(x);
	}
	return false;
}

/* Clients that have waited longest have no patience any more. They are ended in
 * pieces: a network that cannot be reached has many. */
static void
patience_ends(struct timer *t)
{
	struct gate *g =
	    (struct gate *)(void *)((char *)t -
				    offsetof(struct gate, patience));
	struct mono now = loop_now(g->loop), until = MONO_NEVER;
	struct client *x;

	for (unsigned int n = 0; (x = TAILQ_FIRST(&g->waiting)) != NULL; n++) {
		until = mono_add_ms(x->since, GATE_PATIENCE_MS);
		if (n == ENDS_PER_TURN || mono_cmp(now, until) < 0)
			break;
		client_end_told(x, SPAN("no server can be reached"));
	}
	if (x != NULL)
		loop_timer_set(g->loop, t, until);
}

/* ---- from the connection ------------------------------------------------- */

static void
client_opened(void *ctx)
{
	struct client *x = ctx;

	x->open = true;
	x->gate->meter.handshakes += x->tls;
	x->gate->meter.upgrades += x->web;
	x->since = loop_now(x->gate->loop);
	if (TAILQ_EMPTY(&x->gate->waiting))
		placing_begin(x);
	else
		client_wait(x);
}

static void
tell_proxy(struct client *x)
{
	if (x->proxied)
		log_client(x, LOG_ACCEPT_REFUSED,
		    SPAN("a second PROXY header"));
	else
		port_warn_proxy(x->gate, x->port_serial);
}

/* Answer and close a connection to a plaintext port that does not speak IRC.
 * Return true if it was one. */
static bool
is_foreign(struct client *x, struct span first)
{
	const struct foreign *f;

	if (x->sniffed || x->tls)
		return false;
	x->sniffed = true;
	if ((f = foreign_find(first)) == NULL)
		return false;
	if (f->proxy)
		tell_proxy(x);
	stream_send_bytes(x->stream, span_of(f->answer));
	end_here(x, span_of(f->why));
	return true;
}

static void
pass_on(struct client *x, struct span line, enum frame_result got)
{
	unsigned int wrong = got == FRAME_LONG ? TRUNK_CMD_LONG : 0;

	if (got == FRAME_BAD || (wrong != 0 && !msg_is_text(line)))
		wrong |= TRUNK_CMD_BAD;
	x->granted--;
	trunk_send_line(x, line, wrong);
}

/* Return true if a whole line is among the bytes. */
static bool
has_line(const struct client *x, struct span bytes)
{
	struct frame frame = x->frame;
	struct span line;

	return frame_next(&frame, &bytes, &line) != FRAME_MORE;
}

/* No more will come. If lines wait for a grant, the server is told (5.7). */
static void
tell_ended(struct client *x)
{
	if (x->ended || x->seat == NULL)
		return;
	x->ended = true;
	trunk_send_of(x, "EOF");
}

static size_t
client_consume(void *ctx, struct span unread, bool eof)
{
	struct client *x = ctx;
	struct span in = unread, line;
	enum frame_result got = FRAME_LINE;
	unsigned int n = 0;

	if (!x->sniffed && !x->tls && !eof && foreign_needs_more(unread))
		return 0;
	if (is_foreign(x, unread))
		return unread.n;
	placing_look(x, unread, eof);
	while (x->seat != NULL && x->granted > 0 && n++ < LINES_PER_TURN &&
	       (got = frame_next(&x->frame, &in, &line)) != FRAME_MORE)
		pass_on(x, line, got);
	if (in.n <= x->recvq)
		x->excess = false;
	if (got == FRAME_MORE || (eof && !has_line(x, in)))
		return eof ? unread.n : unread.n - in.n;
	if (x->granted > 0)
		stream_pull(x->stream);
	else if (eof)
		tell_ended(x);
	return unread.n - in.n;
}

/* The server decides about a client of which too much is unread (5.8). */
static bool
client_overfull(void *ctx)
{
	struct client *x = ctx;

	placing_hurry(x);
	if (!x->excess && x->seat != NULL) {
		x->excess = true;
		trunk_send_of(x, "EXCESS");
	}
	return true;
}

static void
client_plaintext(void *ctx, struct span first)
{
	struct client *x = ctx;
	const struct foreign *f = foreign_find_tls(first);

	if (f->proxy)
		tell_proxy(x);
	stream_send_bytes(x->stream, span_of(f->answer));
}

static enum log_row
how_it_ended(const struct client *x, enum stream_end end)
{
	if (x->open || end == STREAM_SILENT)
		return LOG_CLIENT_CLOSED;
	if (x->web && (end == STREAM_WEBSOCKET || !x->tls))
		return LOG_WEBSOCKET_FAILED;
	return LOG_TLS_FAILED;
}

static void
client_closed(void *ctx, enum stream_end end, struct span why)
{
	struct client *x = ctx;

	log_client(x, how_it_ended(x, end), why);
	if (x->seat != NULL)
		trunk_send_closed(x,
		    end == STREAM_SENDQ ? SPAN("SendQ exceeded") : why);
	trunk_leave(x);
	client_free(x);
}

static void
client_taken(void *ctx, size_t n)
{
	(void)n;
	client_tell_drained(ctx);
}

static const struct stream_ops client_ops = {
	.open = client_opened,
	.consume = client_consume,
	.plaintext = client_plaintext,
	.overfull = client_overfull,
	.closed = client_closed,
};

/* A client has these only while its server waits for DRAINED, because taken()
 * is called for every write to a client. */
static const struct stream_ops draining_ops = {
	.open = client_opened,
	.consume = client_consume,
	.taken = client_taken,
	.plaintext = client_plaintext,
	.overfull = client_overfull,
	.closed = client_closed,
};

/* ---- from the trunk ------------------------------------------------------ */

void
client_grant(struct client *x, uint64_t n)
{
	if (x->placing != NULL)
		client_is_taken(x);
	x->excess = false; /* if this is too little, it is told again */
	x->granted =
	    n > UINT32_MAX - x->granted ? UINT32_MAX : x->granted + (uint32_t)n;
	if (stream_unread(x->stream) > 0)
		stream_pull(x->stream);
}

static uint32_t
at_most(uint64_t n, uint32_t most)
{
	return n < most ? (uint32_t)n : most;
}

/* A server that allows more than the gate could otherwise fill the memory that
 * clients of all servers share. */
void
client_bound(struct client *x, uint64_t sendq, uint64_t recvq)
{
	const struct stream_limits limits = { at_most(sendq, SENDQ_MOST),
		at_most(recvq, STREAM_RECVQ_MAX), false };

	x->recvq = (uint32_t)limits.recvq;
	stream_set_limits(x->stream, &limits);
}

void
client_drain(struct client *x, uint64_t n)
{
	x->drain = n < UINT32_MAX ? (uint32_t)n + 1 : UINT32_MAX;
}

void
client_tell_drained(struct client *x)
{
	if (x->drain == 0)
		return;
	if (stream_queued(x->stream) >= x->drain) {
		stream_set_owner(x->stream, &draining_ops, x);
		return;
	}
	x->drain = 0;
	stream_set_owner(x->stream, &client_ops, x);
	trunk_send_of(x, "DRAINED");
}

/* ---- new clients --------------------------------------------------------- */

/* Return why the client is refused, or no span. */
static struct span
refusal(struct gate *g, const struct client *x)
{
	const struct admission_limits limits = { g->conf->per_address, 0,
		g->conf->connect_rate };

	if (g->conf->clients > 0 && g->nclients > g->conf->clients)
		return SPAN("The gate is full, please come back later");
	if (net_list_has(&g->conf->gateways, &x->addr))
		return SPAN_NONE;
	return admission_judge(&g->admission, &x->addr, &limits,
	    loop_now(g->loop));
}

/* Keep the words that a proxy has told, which the arrival borrows. */
static char *
keep_words(const struct accepted *a)
{
	size_t n = a->version.n + a->cipher.n + a->asked.n + 3;
	char *p = mem_alloc(n);
	struct writer w;

	writer_init(&w, p, n);
	writer_span(&w, a->version);
	writer_char(&w, '\0');
	writer_span(&w, a->cipher);
	writer_char(&w, '\0');
	writer_span(&w, a->asked);
	writer_char(&w, '\0');
	return p;
}

static struct client *
client_new(struct gate_port *p, const struct accepted *a)
{
	struct gate *g = p->gate;
	struct client *x = pool_take(&g->client_pool);

	x->gate = g;
	x->addr = a->addr;
	x->proxied = a->proxied;
	x->proxied_tls = a->tls;
	if (a->tls)
		x->told = keep_words(a);
	x->tls = p->conf.tls;
	x->web = x->sniffed = p->conf.websocket;
	x->port = listen_port(p->listener);
	x->port_serial = p->serial;
	x->place = place_take(&g->places, x);
	x->recvq = QUEUES_AT_FIRST;
	frame_init_client(&x->frame);
	admission_add(&g->admission, &x->addr);
	port_count(g, p->serial, 1);
	g->nclients++;
	g->count.clients++;
	return x;
}

/* Refuse a client of which there is no stream, since it would begin with a
 * handshake. Return false if it is one that can be told why. */
static bool
refuse_unheard(struct client *x, int fd, struct span why)
{
	x->gate->count.refused++;
	log_client(x, LOG_ACCEPT_REFUSED, why);
	if (!x->tls && !x->web)
		return false;
	(void)close(fd);
	client_free(x);
	return true;
}

void
client_accept(struct gate_port *p, const struct accepted *a)
{
	struct gate *g = p->gate;
	struct client *x = client_new(p, a);
	struct stream_conf sc = { .ops = &client_ops,
		.ctx = x,
		.limits = { QUEUES_AT_FIRST, QUEUES_AT_FIRST, false },
		.tls = x->tls ? g->tls_clients : NULL,
		.setup_ms = g->conf->handshake_s * 1000 };
	const struct ws_conf web = { .origins = p->conf.origins };
	struct span why = refusal(g, x);

	if (why.n > 0 && refuse_unheard(x, a->fd, why))
		return;
	if (x->web)
		sc.web = &web;
	x->stream = stream_accept(g->streams, a->fd, &sc);
	if (x->stream == NULL) {
		log_client(x, LOG_ACCEPT_REFUSED,
		    SPAN("the system refuses the connection"));
		client_free(x);
	} else if (why.n > 0)
		client_end_told(x, why);
}

void
clients_init(struct gate *g)
{
	unsigned char key[SIPHASH_KEY];

	randombytes_buf(key, sizeof(key));
	admission_init(&g->admission, key);
	pool_init(&g->client_pool, sizeof(struct client), "client");
	TAILQ_INIT(&g->waiting);
	g->patience.fire = patience_ends;
}

void
clients_stop(struct gate *g, struct span why)
{
	struct client *x;

	for (uint32_t i = 0; i < g->places.n; i++)
		if ((x = g->places.v[i]) != NULL) {
			trunk_send_closed(x, why);
			client_end_told(x, why);
		}
}

void
clients_fini(struct gate *g)
{
	struct client *x;

	for (uint32_t i = 0; i < g->places.n; i++) {
		if ((x = g->places.v[i]) == NULL)
			continue;
		trunk_leave(x);
		stream_close(x->stream, false);
		client_free(x);
	}
	free(g->places.v);
	free(g->places.empty);
	if (g->loop != NULL)
		loop_timer_clear(g->loop, &g->patience);
	admission_fini(&g->admission);
	pool_fini(&g->client_pool);
}
