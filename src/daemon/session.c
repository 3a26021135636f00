#include "daemon/session.h"

#include <netinet/in.h>

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/foreign.h"
#include "daemon/pump.h"
#include "net/dial.h"

#define LINES_PER_TURN 64    /* of one connection, then others have a turn */
#define ANSWER_PER_TURN 4096 /* bytes of answers to one client, likewise */
#define LINK_SENDQ ((size_t)64 * 1024 * 1024)
#define LINK_RECVQ ((size_t)256 * 1024)
#define SETUP_MS 10000 /* connecting and TLS together */
#define CIPHER_LEN 72

static const struct stream_ops client_ops, draining_ops, link_ops;

/* A closed session of which the node has not been told yet. */
struct closing {
	struct session *session;
	char *reason;
	STAILQ_ENTRY(closing) link;
};

struct session *
session_find(struct server *sv, struct conn_id id)
{
	return slot_find(&sv->slots, id);
}

static struct session *
session_new(struct server *sv, bool is_link)
{
	struct session *s = pool_take(&sv->session_pool);

	s->server = sv;
	s->link = is_link;
	s->id = slot_take(&sv->slots, s);
	if (is_link)
		frame_init_link(&s->frame);
	else {
		frame_init_client(&s->frame);
		sv->nclients++;
	}
	return s;
}

static void
uncount(struct session *s)
{
	if (s->counted)
		tally_del(&s->server->opening, &s->addr);
	s->counted = false;
}

static void
session_free(struct session *s)
{
	uncount(s);
	if (s->drains)
		SLIST_REMOVE(&s->server->drained, s, session, drained_link);
	if (!s->link)
		s->server->nclients--;
	slot_give(&s->server->slots, s->id);
	pool_give(&s->server->session_pool, s);
}

/* ---- addresses ------------------------------------------------------ */

static struct addr
addr_of(const struct sockaddr_storage *ss)
{
	const struct sockaddr_in *v4 = (const void *)ss;
	const struct sockaddr_in6 *v6 = (const void *)ss;
	struct addr a = ADDR_NONE;

	if (ss->ss_family == AF_INET)
		return addr_v4((const unsigned char *)&v4->sin_addr);
	if (ss->ss_family == AF_INET6)
		memcpy(a.b, &v6->sin6_addr, sizeof(a.b));
	return a;
}

/* ---- from the stream ------------------------------------------------ */

/* Log a client by its address, since it has no nick yet or no longer. */
static void
log_client(struct session *s, enum log_row row, struct span why)
{
	char text[ADDR_TEXT];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	addr_build(&w, &s->addr);
	logger_with(&s->server->log, row, { "address", writer_done(&w) },
	    { "why", why });
}

static void
session_opened(void *ctx)
{
	struct session *s = ctx;
	struct event ev = { .conn = s->id };
	struct tls_info info;
	char cipher[CIPHER_LEN];
	struct writer w;
	bool tls = stream_tls(s->stream, &info);

	s->open = true;
	uncount(s);
	if (s->link) {
		ev.kind = EV_LINK_OPEN;
		ev.u.link_open.dialled = s->dial != 0;
		ev.u.link_open.dial = s->dial;
		ev.u.link_open.addr = s->addr;
		ev.u.link_open.proof.tls = tls;
		ev.u.link_open.proof.loopback = s->loopback;
		ev.u.link_open.proof.has_pin = tls && info.has_pin;
		if (tls)
			memcpy(ev.u.link_open.proof.pin, info.pin,
			    sizeof(info.pin));
	} else {
		ev.kind = EV_CONN_OPEN;
		ev.u.open.addr = s->addr;
		ev.u.open.port = s->port;
		ev.u.open.tls = tls;
		writer_init(&w, cipher, sizeof(cipher));
		if (tls) {
			writer_str(&w, info.version);
			writer_char(&w, '-');
			writer_str(&w, info.cipher);
		}
		ev.u.open.cipher = writer_done(&w);
	}
	pump_event(s->server, &ev);
}

/* Answer and close a connection to a plaintext port that does not speak IRC.
 * Return true if it was one. */
static bool
is_foreign(struct session *s, struct span first)
{
	const char *answer, *why;

	if (s->sniffed || s->tls)
		return false;
	s->sniffed = true;
	if ((answer = foreign_answer(first, &why)) == NULL)
		return false;
	stream_send_bytes(s->stream, span_of(answer));
	session_close(s, span_of(why));
	return true;
}

static void
hand_in(struct session *s, struct span line, bool too_long)
{
	struct event ev = { .kind = s->link ? EV_LINK_LINE : EV_LINE,
		.conn = s->id };

	ev.u.line.line = line;
	ev.u.line.too_long = too_long;
	if (!s->link)
		s->granted--;
	pump_event(s->server, &ev);
}

/* Return true if other connections must have a turn first. A question of twenty
 * bytes can cost a walk over all users, so the bytes of the answers count as
 * well as the lines; the bytes that waited before the first line do not count.
 */
static bool
has_had_its_turn(const struct session *s, unsigned lines, size_t waited)
{
	return lines >= LINES_PER_TURN ||
	       (!s->link &&
		   stream_queued(s->stream) > waited + ANSWER_PER_TURN);
}

static size_t
session_consume(void *ctx, struct span unread, bool eof)
{
	struct session *s = ctx;
	struct span in = unread, line;
	enum frame_result got = FRAME_LINE;
	size_t waited = stream_queued(s->stream);
	unsigned n = 0;
	bool later = false;

	if (is_foreign(s, unread)) {
		session_tell_closed(s->server);
		return unread.n;
	}
	s->busy = true;
	while (s->stream != NULL && (s->link || s->granted > 0) &&
	       !(later = has_had_its_turn(s, n++, waited)) &&
	       (got = frame_next(&s->frame, &in, &line)) != FRAME_MORE) {
		/* a line with a NUL or CR is not a message (modern-irc) */
		if (got == FRAME_BAD && !s->link)
			line = SPAN_NONE;
		hand_in(s, line, got == FRAME_LONG);
	}
	s->busy = false;
	if (s->stream == NULL) {
		session_free(s);
		return unread.n;
	}
	if (later)
		stream_pull(s->stream);
	/* at the end of the stream, drop a line without an end, but keep lines
	 * that wait for a grant */
	return eof && got == FRAME_MORE ? unread.n : unread.n - in.n;
}

static bool
is_drained(const struct session *s)
{
	return s->drain != 0 && s->open && s->stream != NULL &&
	       stream_queued(s->stream) < s->drain;
}

static void
tell_drained(struct session *s)
{
	struct event ev = { .kind = EV_DRAINED, .conn = s->id };

	s->drain = 0;
	stream_set_owner(s->stream, &client_ops, s);
	pump_event(s->server, &ev);
}

static void
session_drains(void *ctx, size_t n)
{
	struct session *s = ctx;

	(void)n;
	if (is_drained(s))
		tell_drained(s);
}

static void
session_taken(void *ctx, size_t n)
{
	struct session *s = ctx;
	struct event ev = { .kind = EV_LINK_WRITABLE, .conn = s->id };

	if (!s->open)
		return;
	ev.u.writable.taken = n;
	pump_event(s->server, &ev);
}

static void
session_plaintext(void *ctx, struct span first)
{
	struct session *s = ctx;

	stream_send_bytes(s->stream, span_of(foreign_answer_tls(first)));
}

static void
tell_closed(struct session *s, struct span why)
{
	struct event ev = { .conn = s->id };

	if (s->open) {
		ev.kind = s->link ? EV_LINK_CLOSED : EV_CONN_CLOSED;
		ev.u.closed.reason = why;
	} else if (s->dial != 0) {
		ev.kind = EV_DIAL_FAILED;
		ev.u.dial_failed.dial = s->dial;
		ev.u.dial_failed.reason = why;
	} else {
		log_client(s, LOG_TLS_FAILED, why);
		return;
	}
	if (!s->link)
		log_client(s, LOG_CLIENT_CLOSED, why);
	s->open = false;
	pump_event(s->server, &ev);
}

static void
session_closed(void *ctx, enum stream_end end, struct span why)
{
	struct session *s = ctx;

	(void)end;
	s->stream = NULL;
	tell_closed(s, why);
	session_free(s);
}

static const struct stream_ops client_ops = {
	.open = session_opened,
	.consume = session_consume,
	.plaintext = session_plaintext,
	.closed = session_closed,
};

/* A client has these only while the node waits for session_drain, because
 * taken() is called for every write to a client. */
static const struct stream_ops draining_ops = {
	.open = session_opened,
	.consume = session_consume,
	.taken = session_drains,
	.plaintext = session_plaintext,
	.closed = session_closed,
};

static const struct stream_ops link_ops = {
	.open = session_opened,
	.consume = session_consume,
	.taken = session_taken,
	.plaintext = session_plaintext,
	.closed = session_closed,
};

/* ---- from the node -------------------------------------------------- */

void
session_grant(struct session *s, unsigned n)
{
	s->granted += n;
	if (s->stream != NULL && !s->busy && stream_unread(s->stream) > 0)
		stream_pull(s->stream);
}

void
session_drain(struct session *s, size_t n)
{
	if (s->link || s->stream == NULL)
		return;
	s->drain = (uint32_t)n + 1;
	stream_set_owner(s->stream, &draining_ops, s);
	if (!s->drains)
		SLIST_INSERT_HEAD(&s->server->drained, s, drained_link);
	s->drains = true;
}

/* This runs after the step, when the lines of the step are queued, so most
 * sessions are not drained yet. */
void
session_tell_drained(struct server *sv)
{
	struct session *s;

	while (!sv->stepping && (s = SLIST_FIRST(&sv->drained)) != NULL) {
		SLIST_REMOVE_HEAD(&sv->drained, drained_link);
		s->drains = false;
		if (is_drained(s))
			tell_drained(s);
	}
}

void
session_close(struct session *s, struct span reason)
{
	struct closing *c;

	if (s->closing || s->stream == NULL)
		return;
	stream_close(s->stream, true);
	s->stream = NULL;
	s->closing = true;
	c = mem_alloc(sizeof(*c));
	*c = (struct closing){ .session = s, .reason = span_dup(reason) };
	STAILQ_INSERT_TAIL(&s->server->closing, c, link);
}

static struct closing *
closing_take(struct server *sv)
{
	struct closing *c = STAILQ_FIRST(&sv->closing);

	if (c != NULL)
		STAILQ_REMOVE_HEAD(&sv->closing, link);
	return c;
}

static void
closing_free(struct closing *c)
{
	free(c->reason);
	free(c);
}

void
session_tell_closed(struct server *sv)
{
	struct closing *c;
	struct session *s;

	while (!sv->stepping && (c = closing_take(sv)) != NULL) {
		s = c->session;
		s->closing = false;
		if (s->open)
			tell_closed(s, span_of(c->reason));
		if (!s->busy)
			session_free(s);
		closing_free(c);
	}
}

/* ---- new sessions --------------------------------------------------- */

void
session_init(struct server *sv)
{
	unsigned char key[SIPHASH_KEY];

	STAILQ_INIT(&sv->closing);
	SLIST_INIT(&sv->drained);
	pool_init(&sv->session_pool, sizeof(struct session), "session");
	randombytes_buf(key, sizeof(key));
	tally_init(&sv->opening, key);
}

static struct stream_limits
limits_of(const struct session *s)
{
	const struct class_settings *c;

	if (s->link)
		return (struct stream_limits){ LINK_SENDQ, LINK_RECVQ, true };
	c = settings_class(&s->server->conf->settings, &s->addr);
	return (struct stream_limits){ c->sendq, c->recvq, false };
}

/*
 * Return false if the address has as many unfinished handshakes as the class
 * allows connections; otherwise an address that only begins handshakes could
 * take all descriptors. Loopback is not counted, as in the core.
 */
static bool
may_open(struct session *s)
{
	struct server *sv = s->server;
	uint32_t max =
	    settings_class(&sv->conf->settings, &s->addr)->per_address;

	if (!s->tls || s->loopback)
		return true;
	if (max != 0 && tally_count(&sv->opening, &s->addr) >= max)
		return false;
	tally_add(&sv->opening, &s->addr);
	s->counted = true;
	return true;
}

void
session_accept(struct port *p, int fd, const struct sockaddr_storage *peer)
{
	struct server *sv = p->server;
	bool is_link = p->conf.purpose == CONF_FOR_LINKS;
	struct session *s = session_new(sv, is_link);
	struct stream_conf sc = { .ops = is_link ? &link_ops : &client_ops,
		.ctx = s,
		.setup_ms = SETUP_MS };

	s->addr = addr_of(peer);
	s->port = listen_port(p->listener);
	s->tls = p->conf.tls;
	s->loopback = addr_is_loopback(&s->addr);
	sc.limits = limits_of(s);
	if (s->tls)
		sc.tls = is_link ? sv->tls.link_accept : sv->tls.clients;
	if (!may_open(s)) {
		logger_with(&sv->log, LOG_ACCEPT_REFUSED,
		    { "why",
			SPAN("too many unfinished TLS handshakes from this "
			     "address") });
		(void)close(fd);
		session_free(s);
		return;
	}
	s->stream = stream_accept(sv->streams, fd, &sc);
	if (s->stream == NULL) {
		logger_with(&sv->log, LOG_ACCEPT_REFUSED,
		    { "why", SPAN("the system refuses the connection") });
		session_free(s);
	}
}

void
session_dial(struct server *sv, uint64_t dial, struct addr addr, uint16_t port,
    bool tls, struct span name)
{
	struct session *s = session_new(sv, true);
	struct stream_conf sc = {
		.ops = &link_ops, .ctx = s, .setup_ms = SETUP_MS
	};
	struct sockaddr_in v4 = { .sin_family = AF_INET,
		.sin_port = htons(port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
		.sin6_port = htons(port) };
	char *sni = span_dup(name);

	s->addr = addr;
	s->dial = dial;
	s->tls = tls;
	s->loopback = addr_is_loopback(&addr);
	sc.limits = limits_of(s);
	if (tls)
		sc.tls = sv->tls.link_dial;
	if (addr_is_v4(&addr)) {
		memcpy(&v4.sin_addr, addr.b + 12, 4);
		s->stream = dial_tcp(sv->streams, (const void *)&v4, sizeof(v4),
		    sni, &sc);
	} else {
		memcpy(&v6.sin6_addr, addr.b, 16);
		s->stream = dial_tcp(sv->streams, (const void *)&v6, sizeof(v6),
		    sni, &sc);
	}
	free(sni);
}

void
session_end_clients(struct server *sv, struct span reason)
{
	struct session *s;

	for (uint32_t i = 0; i < sv->slots.n; i++) {
		s = sv->slots.v[i].session;
		if (s == NULL || s->stream == NULL)
			continue;
		if (!s->link) {
			stream_send_bytes(s->stream, SPAN("ERROR :"));
			stream_send_bytes(s->stream, reason);
			stream_send_bytes(s->stream, SPAN("\r\n"));
		}
		stream_close(s->stream, true);
		s->stream = NULL;
	}
}

void
session_drop_all(struct server *sv)
{
	struct closing *c;
	struct session *s;

	for (uint32_t i = 0; i < sv->slots.n; i++) {
		s = sv->slots.v[i].session;
		if (s == NULL)
			continue;
		if (s->stream != NULL)
			stream_close(s->stream, false);
		session_free(s);
	}
	while ((c = closing_take(sv)) != NULL)
		closing_free(c);
	pool_fini(&sv->session_pool);
	tally_fini(&sv->opening);
	slots_fini(&sv->slots);
}
