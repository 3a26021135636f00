#include "daemon/endpoint.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/brokers.h"
#include "daemon/dialling.h"
#include "daemon/port.h"
#include "daemon/pump.h"
#include "host/sockaddr.h"
#include "net/dial.h"
#include "wire/foreign.h"
#include "wire/utf8.h"

#define LINES_PER_TURN 64    /* of one connection, then others have a turn */
#define ANSWER_PER_TURN 4096 /* bytes of answers to one client, likewise */
#define LINK_SENDQ ((size_t)64 * 1024 * 1024)
/* The node closes a trunk before so much waits (trunk/trunk.h). */
#define TRUNK_SENDQ ((size_t)96 * 1024 * 1024)
#define LINK_RECVQ ((size_t)256 * 1024)
#define SETUP_MS 10000 /* connecting, TLS and WebSocket together */
#define CIPHER_LEN 96

static const struct stream_ops client_ops, draining_ops, link_ops;

/* A closed endpoint of which the node has not been told yet. */
struct closing {
	struct endpoint *endpoint;
	char *reason;
	STAILQ_ENTRY(closing) link;
};

struct endpoint *
endpoint_find(struct banyand *bd, struct conn_id id)
{
	return slot_find(&bd->slots, id);
}

/* Make an endpoint that has no number yet. */
static struct endpoint *
endpoint_make(struct banyand *bd, bool is_link)
{
	struct endpoint *ep = pool_take(&bd->endpoint_pool);

	ep->banyand = bd;
	ep->link = is_link;
	if (is_link)
		frame_init_link(&ep->frame);
	else {
		frame_init_client(&ep->frame);
		bd->nclients++;
	}
	return ep;
}

static struct endpoint *
endpoint_new(struct banyand *bd, bool is_link)
{
	struct endpoint *ep = endpoint_make(bd, is_link);

	ep->id = slot_take(&bd->slots, ep);
	return ep;
}

/* Return the counts of handshakes for the kind of port at which it came. */
static struct admission *
counts_of(const struct endpoint *ep)
{
	struct banyand *bd = ep->banyand;

	return ep->link ? &bd->linking : &bd->opening;
}

static void
uncount(struct endpoint *ep)
{
	if (ep->counted)
		admission_del(counts_of(ep), &ep->addr);
	ep->counted = false;
}

static void
endpoint_free(struct endpoint *ep)
{
	uncount(ep);
	free(ep->cipher);
	free(ep->asked);
	if (ep->drains)
		SLIST_REMOVE(&ep->banyand->drained, ep, endpoint, drained_link);
	if (!ep->link)
		ep->banyand->nclients--;
	if (ep->port_serial != 0)
		port_count(ep->banyand, ep->port_serial, -1);
	slot_give(&ep->banyand->slots, ep->id);
	pool_give(&ep->banyand->endpoint_pool, ep);
}

/* ---- from the stream ------------------------------------------------- */

/* Log a client by its address, since it has no nick yet or no longer. */
static void
log_client(struct endpoint *ep, enum log_row row, struct span why)
{
	char text[ADDR_TEXT];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	addr_build(&w, &ep->addr);
	logger_with(&ep->banyand->log, row, { "address", writer_done(&w) },
	    { "why", why });
}

/* Return the kind of event that says of a trunk what this one says of a link.
 */
static enum event_kind
kind_of(const struct endpoint *ep, enum event_kind of_link)
{
	if (!ep->trunk)
		return of_link;
	if (of_link == EV_LINK_OPEN)
		return EV_TRUNK_OPEN;
	if (of_link == EV_LINK_LINE)
		return EV_TRUNK_LINE;
	return of_link == EV_LINK_CLOSED ? EV_TRUNK_CLOSED : EV_TRUNK_WRITABLE;
}

static void
endpoint_opened(void *ctx)
{
	struct endpoint *ep = ctx;
	struct event ev = { .conn = ep->id };
	struct tls_info info;
	char cipher[CIPHER_LEN];
	struct writer w;
	bool tls = stream_tls(ep->stream, &info);

	ep->open = true;
	ep->banyand->meter.handshakes += tls;
	ep->banyand->meter.upgrades += ep->web;
	uncount(ep);
	if (ep->dial != 0)
		dialling_end(ep->banyand, ep->dial);
	if (ep->link) {
		ev.kind = kind_of(ep, EV_LINK_OPEN);
		ev.u.link_open.dialled = ep->dial != 0;
		ev.u.link_open.dial = ep->dial;
		ev.u.link_open.addr = ep->addr;
		ev.u.link_open.proof.tls = tls;
		ev.u.link_open.proof.loopback = ep->loopback;
		ev.u.link_open.proof.has_pin = tls && info.has_pin;
		if (tls)
			memcpy(ev.u.link_open.proof.pin, info.pin,
			    sizeof(info.pin));
	} else {
		ev.kind = EV_CONN_OPEN;
		ev.u.open.addr = ep->addr;
		ev.u.open.port = ep->port;
		ev.u.open.tls = tls;
		ev.u.open.web = ep->web;
		writer_init(&w, cipher, sizeof(cipher));
		ev.u.open.has_pin = tls && info.has_pin;
		if (tls) {
			memcpy(ev.u.open.pin, info.pin, sizeof(info.pin));
			writer_str(&w, info.version);
			writer_char(&w, '-');
			writer_str(&w, info.cipher);
		}
		ev.u.open.cipher = writer_done(&w);
		if (tls)
			ev.u.open.asked = span_of(info.asked);
		if (!tls && ep->proxied_tls) {
			ev.u.open.tls = true;
			ev.u.open.cipher = span_of(ep->cipher);
			ev.u.open.asked = span_of(ep->asked);
		}
	}
	pump_event(ep->banyand, &ev);
}

/* A PROXY header came where none is expected: at this port, or behind the
 * header of the proxy, as a client may send it. */
static void
tell_proxy(struct endpoint *ep)
{
	if (ep->proxied)
		log_client(ep, LOG_ACCEPT_REFUSED,
		    SPAN("a second PROXY header"));
	else
		port_warn_proxy(ep->banyand, ep->port_serial);
}

/* Answer and close a connection to a plaintext port that does not speak IRC.
 * Return true if it was one. */
static bool
is_foreign(struct endpoint *ep, struct span first)
{
	const struct foreign *f;

	if (ep->sniffed || ep->tls)
		return false;
	ep->sniffed = true;
	if ((f = foreign_find(first)) == NULL)
		return false;
	if (f->proxy)
		tell_proxy(ep);
	stream_send_bytes(ep->stream, span_of(f->answer));
	endpoint_close(ep, span_of(f->why));
	return true;
}

static void
hand_in(struct endpoint *ep, struct span line, enum frame_result got)
{
	struct event ev = { .kind =
				ep->link ? kind_of(ep, EV_LINK_LINE) : EV_LINE,
		.conn = ep->id };

	ev.u.line.line = line;
	ev.u.line.too_long = got == FRAME_LONG;
	ev.u.line.bad = got == FRAME_BAD;
	if (!ep->link)
		ep->granted--;
	pump_event(ep->banyand, &ev);
}

/* Return true if other connections must have a turn first. A question of twenty
 * bytes can cost a walk over all users, so the bytes of the answers count as
 * well as the lines; the bytes that waited before the first line do not count.
 */
static bool
has_had_its_turn(const struct endpoint *ep, unsigned lines, size_t waited)
{
	return lines >= LINES_PER_TURN ||
	       (!ep->link &&
		   stream_queued(ep->stream) > waited + ANSWER_PER_TURN);
}

/* Lines of a client lie unread and wait for a grant, and no more will come. */
static void
tell_ended(struct endpoint *ep)
{
	struct event ev = { .kind = EV_CONN_ENDED, .conn = ep->id };

	if (ep->link || ep->ended || ep->stream == NULL || ep->granted > 0)
		return;
	ep->ended = true;
	pump_event(ep->banyand, &ev);
}

static bool
may_hand_in(const struct endpoint *ep)
{
	if (ep->link)
		return !ep->held;
	return ep->granted > 0 && !ep->banyand->stay.holds;
}

static size_t
endpoint_consume(void *ctx, struct span unread, bool eof)
{
	struct endpoint *ep = ctx;
	struct span in = unread, line;
	enum frame_result got = FRAME_LINE;
	size_t waited = stream_queued(ep->stream);
	unsigned n = 0;
	bool later = false;

	if (!ep->sniffed && !ep->tls && !eof && foreign_needs_more(unread))
		return 0;
	if (is_foreign(ep, unread)) {
		endpoint_tell_closed(ep->banyand);
		return unread.n;
	}
	ep->busy = true;
	while (ep->stream != NULL && may_hand_in(ep) &&
	       !(later = has_had_its_turn(ep, n++, waited)) &&
	       (got = frame_next(&ep->frame, &in, &line)) != FRAME_MORE)
		hand_in(ep, line, got);
	if (eof && in.n > 0 && !later)
		tell_ended(ep);
	ep->busy = false;
	if (ep->stream == NULL) {
		endpoint_free(ep);
		return unread.n;
	}
	if (later)
		stream_pull(ep->stream);
	/* at the end of the stream, drop a line without an end, but keep lines
	 * that wait for a grant */
	return eof && got == FRAME_MORE ? unread.n : unread.n - in.n;
}

/* Return true if the node keeps the client: the server itself is behind. */
static bool
endpoint_overfull(void *ctx)
{
	struct endpoint *ep = ctx;
	struct event ev = { .kind = EV_CONN_EXCESS, .conn = ep->id };
	bool kept;

	ep->busy = true;
	pump_event(ep->banyand, &ev);
	ep->busy = false;
	kept = ep->stream != NULL;
	if (!kept)
		endpoint_free(ep);
	return kept;
}

static bool
is_drained(const struct endpoint *ep)
{
	return ep->drain != 0 && ep->open && ep->stream != NULL &&
	       stream_queued(ep->stream) < ep->drain;
}

static void
tell_drained(struct endpoint *ep)
{
	struct event ev = { .kind = EV_DRAINED, .conn = ep->id };

	ep->drain = 0;
	stream_set_owner(ep->stream, &client_ops, ep);
	pump_event(ep->banyand, &ev);
}

static void
endpoint_drains(void *ctx, size_t n)
{
	struct endpoint *ep = ctx;

	(void)n;
	if (is_drained(ep))
		tell_drained(ep);
}

static void
endpoint_taken(void *ctx, size_t n)
{
	struct endpoint *ep = ctx;
	struct event ev = { .kind = kind_of(ep, EV_LINK_WRITABLE),
		.conn = ep->id };

	if (!ep->open)
		return;
	ev.u.writable.taken = n;
	pump_event(ep->banyand, &ev);
}

static void
endpoint_plaintext(void *ctx, struct span first)
{
	struct endpoint *ep = ctx;
	const struct foreign *f = foreign_find_tls(first);

	if (f->proxy)
		tell_proxy(ep);
	stream_send_bytes(ep->stream, span_of(f->answer));
}

/* Return the event that a connection failed before it was open. */
static enum log_row
setup_failed(const struct endpoint *ep, enum stream_end end)
{
	if (ep->web && (end == STREAM_WEBSOCKET || !ep->tls))
		return LOG_WEBSOCKET_FAILED;
	return LOG_TLS_FAILED;
}

/* Return the reason with which a client quits: a full sendq has a name that
 * people know, and gates say the same (gate-protocol.md, 5.9). */
static struct span
reason_of(const struct endpoint *ep, enum stream_end end, struct span why)
{
	return end == STREAM_SENDQ && !ep->link ? SPAN("SendQ exceeded") : why;
}

static void
tell_closed(struct endpoint *ep, enum stream_end end, struct span why)
{
	struct event ev = { .conn = ep->id };

	if (ep->open) {
		ev.kind =
		    ep->link ? kind_of(ep, EV_LINK_CLOSED) : EV_CONN_CLOSED;
		ev.u.closed.reason = reason_of(ep, end, why);
		ev.u.closed.held = ep->trunk && ep->banyand->again.go;
	} else if (ep->dial != 0) {
		if (dialling_failed(ep->banyand, ep->dial, why))
			return;
		ev.kind = EV_DIAL_FAILED;
		ev.u.dial_failed.dial = ep->dial;
		ev.u.dial_failed.reason = why;
	} else {
		log_client(ep, setup_failed(ep, end), why);
		return;
	}
	if (!ep->link)
		log_client(ep, LOG_CLIENT_CLOSED, why);
	ep->open = false;
	pump_event(ep->banyand, &ev);
}

/* A client that goes before its first byte has begun no handshake: a proxy that
 * checks whether this server is up does so again and again. */
static void
endpoint_closed(void *ctx, enum stream_end end, struct span why)
{
	struct endpoint *ep = ctx;

	ep->stream = NULL;
	if (end == STREAM_SILENT && !ep->link)
		log_client(ep, LOG_CLIENT_CLOSED, why);
	else
		tell_closed(ep, end, why);
	endpoint_free(ep);
}

static const struct stream_ops client_ops = {
	.open = endpoint_opened,
	.consume = endpoint_consume,
	.plaintext = endpoint_plaintext,
	.overfull = endpoint_overfull,
	.closed = endpoint_closed,
};

/* A client has these only while the node waits for endpoint_drain, because
 * taken() is called for every write to a client. */
static const struct stream_ops draining_ops = {
	.open = endpoint_opened,
	.consume = endpoint_consume,
	.taken = endpoint_drains,
	.plaintext = endpoint_plaintext,
	.overfull = endpoint_overfull,
	.closed = endpoint_closed,
};

static const struct stream_ops link_ops = {
	.open = endpoint_opened,
	.consume = endpoint_consume,
	.taken = endpoint_taken,
	.plaintext = endpoint_plaintext,
	.closed = endpoint_closed,
};

/* ---- from the node --------------------------------------------------- */

void
endpoint_grant(struct endpoint *ep, unsigned n)
{
	ep->granted += n;
	if (ep->stream != NULL && !ep->busy && stream_unread(ep->stream) > 0)
		stream_pull(ep->stream);
}

void
endpoint_hold(struct endpoint *ep, bool on)
{
	if (ep->via != NULL) {
		broker_hold(ep, on);
		return;
	}
	ep->held = on;
	if (!on && ep->stream != NULL && !ep->busy)
		stream_pull(ep->stream);
}

void
endpoint_bound(struct endpoint *ep, uint32_t sendq, uint32_t recvq)
{
	const struct stream_limits limits = { sendq, recvq, false };

	if (ep->stream != NULL)
		stream_set_limits(ep->stream, &limits);
}

void
endpoint_drain(struct endpoint *ep, size_t n)
{
	if (ep->link || ep->stream == NULL)
		return;
	ep->drain = (uint32_t)n + 1;
	stream_set_owner(ep->stream, &draining_ops, ep);
	if (!ep->drains)
		SLIST_INSERT_HEAD(&ep->banyand->drained, ep, drained_link);
	ep->drains = true;
}

/* This runs after the step, when the lines of the step are queued, so most
 * endpoints are not drained yet. */
void
endpoint_tell_drained(struct banyand *bd)
{
	struct endpoint *ep;

	while (!bd->stepping && (ep = SLIST_FIRST(&bd->drained)) != NULL) {
		SLIST_REMOVE_HEAD(&bd->drained, drained_link);
		ep->drains = false;
		if (is_drained(ep))
			tell_drained(ep);
	}
}

static bool
is_there(const struct endpoint *ep)
{
	return ep->stream != NULL || ep->via != NULL;
}

void
endpoint_close(struct endpoint *ep, struct span reason)
{
	struct closing *c;

	if (ep->closing || !is_there(ep))
		return;
	if (ep->via != NULL)
		broker_close(ep);
	else
		stream_close(ep->stream, true);
	ep->stream = NULL;
	ep->closing = true;
	c = mem_alloc(sizeof(*c));
	*c = (struct closing){ .endpoint = ep, .reason = span_dup(reason) };
	STAILQ_INSERT_TAIL(&ep->banyand->closing, c, link);
}

static struct closing *
closing_take(struct banyand *bd)
{
	struct closing *c = STAILQ_FIRST(&bd->closing);

	if (c != NULL)
		STAILQ_REMOVE_HEAD(&bd->closing, link);
	return c;
}

static void
closing_free(struct closing *c)
{
	free(c->reason);
	free(c);
}

void
endpoint_tell_closed(struct banyand *bd)
{
	struct closing *c;
	struct endpoint *ep;

	while (!bd->stepping && (c = closing_take(bd)) != NULL) {
		ep = c->endpoint;
		ep->closing = false;
		if (ep->open)
			tell_closed(ep, STREAM_EOF, span_of(c->reason));
		if (!ep->busy)
			endpoint_free(ep);
		closing_free(c);
	}
}

/* ---- new endpoints --------------------------------------------------- */

void
endpoint_init(struct banyand *bd)
{
	unsigned char key[SIPHASH_KEY];

	STAILQ_INIT(&bd->closing);
	SLIST_INIT(&bd->drained);
	pool_init(&bd->endpoint_pool, sizeof(struct endpoint), "endpoint");
	randombytes_buf(key, sizeof(key));
	admission_init(&bd->opening, key);
	admission_init(&bd->linking, key);
}

static struct stream_limits
limits_of(const struct endpoint *ep)
{
	const struct class_settings *c;

	if (ep->link)
		return (struct stream_limits){
			ep->trunk ? TRUNK_SENDQ : LINK_SENDQ, LINK_RECVQ, true
		};
	c = settings_class(&ep->banyand->conf->settings, &ep->addr);
	return (struct stream_limits){ c->sendq, c->recvq, false };
}

/* Return true if limits of connections do not hold for the address. */
static bool
is_exempt(const struct endpoint *ep)
{
	const struct banyand *bd = ep->banyand;
	const struct settings *set = &bd->conf->settings;

	if (!ep->link)
		return settings_is_gateway(set, &ep->addr);
	return settings_is_peer(set, &ep->addr) ||
	       dialling_knows(bd, &ep->addr);
}

/*
 * Count a handshake of TLS or WebSocket that begins. Return why it is refused,
 * or no span: an address that only begins handshakes could otherwise take all
 * descriptors, and one that makes many keep the server from its users. A
 * gateway makes one for each of its clients. The address of a peer is not
 * refused on a port for links, or strangers of its network could keep the peer
 * away. The address of a gate is not known before its key; what strangers do at
 * ports for clients does not count against it.
 */
static struct span
begin_handshake(struct endpoint *ep)
{
	struct banyand *bd = ep->banyand;
	const struct settings *set = &bd->conf->settings;
	const struct class_settings *class;
	struct admission_limits limits;

	if (!ep->tls && !ep->web)
		return SPAN_NONE;
	admission_add(counts_of(ep), &ep->addr);
	ep->counted = true;
	if (is_exempt(ep))
		return SPAN_NONE;
	class = settings_class(set, &ep->addr);
	limits = (struct admission_limits){ class->per_address,
		class->per_network, class->connect_rate };
	return admission_judge(counts_of(ep), &ep->addr, &limits,
	    loop_now(bd->loop));
}

/* Return why the connection is closed at once, or no span. */
static struct span
refusal(struct endpoint *ep)
{
	const struct banyand *bd = ep->banyand;
	struct span why = begin_handshake(ep);

	if (why.n > 0)
		return why;
	/* No TLS handshake is made for a banned address. A client without TLS
	 * is told the reason, when the node knows of it (core/banned.h). */
	if (!ep->link && ep->tls &&
	    node_refuses(bd->node, &ep->addr, loop_wall(bd->loop)))
		return SPAN("a ban refuses this address");
	return SPAN_NONE;
}

/* Return "TLSv1.3-CIPHER", as the core shows it; the caller frees it. */
static char *
cipher_of_proxy(const struct accepted *a)
{
	char text[CIPHER_LEN];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	writer_span(&w, a->version);
	writer_str(&w, a->version.n > 0 && a->cipher.n > 0 ? "-" : "");
	writer_span(&w, a->cipher);
	return span_dup(writer_done(&w));
}

void
endpoint_accept(struct port *p, const struct accepted *a)
{
	struct banyand *bd = p->banyand;
	bool is_trunk = p->conf.purpose == CONF_FOR_GATES;
	bool is_link = is_trunk || p->conf.purpose == CONF_FOR_LINKS;
	struct endpoint *ep = endpoint_new(bd, is_link);
	struct stream_conf sc = { .ops = is_link ? &link_ops : &client_ops,
		.ctx = ep,
		.setup_ms = SETUP_MS };
	const struct ws_conf web = { .origins = p->conf.origins };
	struct span why;

	ep->trunk = is_trunk;
	ep->addr = a->addr;
	ep->proxied = a->proxied;
	ep->proxied_tls = a->tls;
	if (a->tls) {
		ep->cipher = cipher_of_proxy(a);
		ep->asked = span_dup(a->asked);
	}
	ep->port = listen_port(p->listener);
	ep->port_serial = p->serial;
	port_count(bd, p->serial, 1);
	ep->tls = p->conf.tls;
	ep->web = ep->sniffed = p->conf.websocket;
	ep->loopback = addr_is_loopback(&ep->addr);
	sc.limits = limits_of(ep);
	if (ep->tls)
		sc.tls = is_link ? bd->tls.link_accept : bd->tls.clients;
	if (ep->web)
		sc.web = &web;
	if ((why = refusal(ep)).n > 0) {
		log_client(ep, LOG_ACCEPT_REFUSED, why);
		(void)close(a->fd);
		endpoint_free(ep);
		return;
	}
	ep->stream = stream_accept(bd->streams, a->fd, &sc);
	if (ep->stream == NULL) {
		log_client(ep, LOG_ACCEPT_REFUSED,
		    SPAN("the system refuses the connection"));
		endpoint_free(ep);
	}
}

void
endpoint_dial(struct banyand *bd, uint64_t dial, struct addr addr,
    uint16_t port, bool tls, struct span name)
{
	struct endpoint *ep = endpoint_new(bd, true);
	struct stream_conf sc = {
		.ops = &link_ops, .ctx = ep, .setup_ms = SETUP_MS
	};
	struct sockaddr_storage ss;
	socklen_t len = sockaddr_build(&ss, &addr, port);
	char *sni = span_dup(name);

	ep->addr = addr;
	ep->dial = dial;
	ep->tls = tls;
	ep->loopback = addr_is_loopback(&addr);
	sc.limits = limits_of(ep);
	if (tls)
		sc.tls = bd->tls.link_dial;
	ep->stream = dial_tcp(bd->streams, (const void *)&ss, len, sni, &sc);
	free(sni);
}

struct endpoint *
endpoint_through(struct banyand *bd, struct broker *via, unsigned slot)
{
	struct endpoint *ep = endpoint_new(bd, true);

	ep->via = via;
	ep->via_slot = slot;
	ep->open = true;
	return ep;
}

void
endpoint_through_ended(struct endpoint *ep, struct span why)
{
	ep->via = NULL;
	tell_closed(ep, STREAM_EOF, why);
	endpoint_free(ep);
}

static void
send_bytes(struct endpoint *ep, struct span bytes)
{
	struct rcbuf *b;

	if (ep->via == NULL) {
		stream_send_bytes(ep->stream, bytes);
		return;
	}
	b = rcbuf_new(bytes);
	broker_send(ep, b);
	rcbuf_unref(b);
}

#define ERROR_MAX 512	 /* bytes of a line ERROR */
#define FAREWELL_MAX 128 /* bytes of a link state without edges */

/* Tell a linked server, and through it all others, that this one stops. */
static void
send_farewell(struct endpoint *ep)
{
	char text[FAREWELL_MAX];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	node_farewell(ep->banyand->node, ep->id, &w);
	send_bytes(ep, writer_done(&w));
}

/* Say why the connection ends; a peer or gate is told if it shall come back at
 * once (link-protocol.md, 12.4; gate-protocol.md, 7.1). */
static void
send_error(struct endpoint *ep, struct span reason)
{
	struct banyand *bd = ep->banyand;
	char text[ERROR_MAX];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	if (!ep->link)
		writer_str(&w, "ERROR :");
	else if (bd->again.go || (ep->trunk && !bd->stopping))
		writer_str(&w, "ERROR restart :");
	else if (bd->stopping) {
		if (!ep->trunk)
			send_farewell(ep);
		writer_str(&w, "ERROR stop :");
	} else
		return;
	writer_span(&w,
	    utf8_cut(reason, ERROR_MAX - sizeof("ERROR restart :\r\n")));
	writer_str(&w, "\r\n");
	send_bytes(ep, writer_done(&w));
}

void
endpoint_close_all(struct banyand *bd, struct span reason)
{
	struct endpoint *ep;

	for (uint32_t i = 0; i < bd->slots.n; i++) {
		ep = bd->slots.v[i].endpoint;
		if (ep == NULL || !is_there(ep))
			continue;
		send_error(ep, reason);
		endpoint_close(ep, reason);
	}
	endpoint_tell_closed(bd);
}

void
endpoint_close_trunks(struct banyand *bd, struct span reason)
{
	struct endpoint *ep;

	for (uint32_t i = 0; i < bd->slots.n; i++) {
		ep = bd->slots.v[i].endpoint;
		if (ep == NULL || ep->stream == NULL || !ep->trunk)
			continue;
		send_error(ep, reason);
		endpoint_close(ep, reason);
	}
	endpoint_tell_closed(bd);
}

void
endpoint_end_clients(struct banyand *bd, struct span reason)
{
	struct endpoint *ep;

	for (uint32_t i = 0; i < bd->slots.n; i++) {
		ep = bd->slots.v[i].endpoint;
		if (ep == NULL || !is_there(ep))
			continue;
		send_error(ep, reason);
		if (ep->via != NULL) {
			broker_close(ep);
		} else {
			stream_goes(ep->stream);
			stream_close(ep->stream, true);
		}
		ep->stream = NULL;
	}
}

/* ---- connections that stay over a restart ------------------------------- */

void
endpoint_hold_clients(struct banyand *bd)
{
	const struct endpoint *ep;

	bd->stay.holds = true;
	for (uint32_t i = 0; i < bd->slots.n; i++) {
		ep = bd->slots.v[i].endpoint;
		if (ep != NULL && !ep->link && ep->stream != NULL)
			stream_hold(ep->stream);
	}
}

bool
endpoint_fails(const struct banyand *bd)
{
	const struct endpoint *ep;

	for (uint32_t i = 0; i < bd->slots.n; i++) {
		ep = bd->slots.v[i].endpoint;
		if (ep != NULL && !ep->link && ep->stream != NULL &&
		    stream_fails(ep->stream))
			return true;
	}
	return false;
}

static struct span
bytes_of(const struct rcbuf *b)
{
	return b != NULL ? rcbuf_span(b) : SPAN_NONE;
}

bool
endpoint_release(struct endpoint *ep, struct kept_conn *k,
    struct stream_rest *rest)
{
	if (ep->link || !ep->open || ep->busy || ep->stream == NULL ||
	    !stream_release(ep->stream, rest))
		return false;
	ep->stream = NULL;
	*k = (struct kept_conn){ .id = ep->id,
		.fd = rest->fd,
		.addr = ep->addr,
		.proxied = ep->proxied,
		.skip = ep->frame.skip,
		.limits = rest->limits,
		.unread = bytes_of(rest->unread),
		.queued = bytes_of(rest->queued) };
	return true;
}

static struct stream *
stream_of_rest(struct endpoint *ep, const struct stream_rest *rest)
{
	const struct stream_conf sc = { .ops = &client_ops, .ctx = ep };

	return stream_adopt(ep->banyand->streams, rest, &sc);
}

void
endpoint_return(struct endpoint *ep, struct stream_rest *rest)
{
	ep->stream = stream_of_rest(ep, rest);
}

static struct rcbuf *
buffer_of(struct span bytes)
{
	return bytes.n > 0 ? rcbuf_new(bytes) : NULL;
}

bool
endpoint_adopt(struct banyand *bd, const struct kept_conn *k)
{
	struct stream_rest rest = { .fd = k->fd, .limits = k->limits };
	struct endpoint *ep = endpoint_make(bd, false);

	if (!slot_claim(&bd->slots, k->id, ep)) {
		(void)close(k->fd);
		bd->nclients--;
		pool_give(&bd->endpoint_pool, ep);
		return false;
	}
	ep->id = k->id;
	ep->addr = k->addr;
	ep->proxied = k->proxied;
	ep->loopback = addr_is_loopback(&k->addr);
	ep->open = ep->sniffed = true;
	ep->frame.skip = k->skip;
	ep->port_serial = port_find(bd, k->fd, &ep->port);
	if (ep->port_serial != 0)
		port_count(bd, ep->port_serial, 1);
	rest.unread = buffer_of(k->unread);
	rest.queued = buffer_of(k->queued);
	ep->stream = stream_of_rest(ep, &rest);
	rcbuf_unref(rest.unread);
	rcbuf_unref(rest.queued);
	if (ep->stream != NULL)
		return true;
	endpoint_free(ep);
	return false;
}

void
endpoint_drop_all(struct banyand *bd)
{
	struct closing *c;
	struct endpoint *ep;

	for (uint32_t i = 0; i < bd->slots.n; i++) {
		ep = bd->slots.v[i].endpoint;
		if (ep == NULL)
			continue;
		if (ep->stream != NULL)
			stream_close(ep->stream, false);
		endpoint_free(ep);
	}
	while ((c = closing_take(bd)) != NULL)
		closing_free(c);
	pool_fini(&bd->endpoint_pool);
	admission_fini(&bd->opening);
	admission_fini(&bd->linking);
	slots_fini(&bd->slots);
}
