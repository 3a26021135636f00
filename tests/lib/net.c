/*
 * All items that are to happen are in one heap, ordered by time and then by the
 * order in which they were put there; the deadlines of the nodes are beside it.
 * No step happens inside another: effects and calls only put items into the
 * heap.
 *
 * The bytes of a link leave one behind the other (busy), travel for a delay,
 * and arrive no earlier than those before them (last). An item about a node
 * that was restarted meanwhile is ignored (life).
 */
#include "lib/net.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "lib/handed.h"
#include "lib/mutation.h"
#include "lib/net_bus.h"
#include "lib/net_inside.h"
#include "lib/net_record.h"
#include "lib/net_trunk.h"
#include "link/info.h"
#include "link/link.h"
#include "link/net.h"
#include "node/handover.h"

#ifdef BANYAN_MUTATE
int test_mutation;
#endif

#define SPIN 20000 /* steps of a node while the clock stands */
#define LATE_NS INT64_C(1000000000)

enum item_kind {
	ITEM_DATA,   /* bytes for a link's end */
	ITEM_GO_ON,  /* a link's end is read again */
	ITEM_TAKEN,  /* bytes of a link's end are gone out */
	ITEM_OPEN,   /* of a link's end */
	ITEM_CLOSED, /* of a link's end */
	ITEM_DIAL,   /* arrives at the other server */
	ITEM_DIAL_FAILED,
	ITEM_READ, /* a client may pass on lines */
	ITEM_DRAINED,
	ITEM_CONN_CLOSED,
	ITEM_ANSWERED,
	ITEM_THAW,
	ITEM_NODE_CALL,
	ITEM_CALL
};

struct net_item {
	int64_t at;
	uint64_t serial;
	enum item_kind kind;
	unsigned node;
	unsigned life;
	struct net_link *link;
	unsigned side;
	struct net_client *client;
	struct rcbuf *buf;
	uint64_t n; /* bytes, token, dial, mark of uids */
	struct addr addr;
	uint16_t port;
	bool flag; /* tls */
	enum request_kind request;
	enum answer_status status;
	uint64_t uids; /* the mark to store; 0: none */
	const char *reason;
	void (*fn)(void *, int64_t);
	void *ctx;
};

/* EV_SEED makes the state anew, so a mutation is set after it. */
static void
mutate(const struct net *net, unsigned i)
{
#ifdef BANYAN_MUTATE
	node_set_mutation(net->node[i].node, net->node[i].mutation);
#else
	(void)net;
	(void)i;
#endif
}

/* ---- bytes, failures, items ---- */

void
net_bytes_add(struct net_bytes *b, struct span s)
{
	if (s.n == 0)
		return;
	if (b->n + s.n > b->cap) {
		b->cap = (b->n + s.n) * 2;
		b->p = mem_realloc(b->p, b->cap);
	}
	memcpy(b->p + b->n, s.p, s.n);
	b->n += s.n;
}

void
net_bytes_cut(struct net_bytes *b, size_t n)
{
	if (n == 0)
		return; /* there may be no bytes at all, and no memory */
	memmove(b->p, b->p + n, b->n - n);
	b->n -= n;
}

void
net_fail(struct net *net, const char *fmt, ...)
{
	va_list ap;

	if (net->failed)
		return;
	net->failed = true;
	va_start(ap, fmt);
	vsnprintf(net->why, sizeof(net->why), fmt, ap);
	va_end(ap);
}

static bool
item_before(const struct net_item *a, const struct net_item *b)
{
	return a->at != b->at ? a->at < b->at : a->serial < b->serial;
}

static struct net_item *
item_put(struct net *net, enum item_kind kind, int64_t at)
{
	struct net_item *it, **h;
	size_t i;

	it = mem_zalloc(sizeof(*it));
	it->kind = kind;
	it->at = at;
	it->serial = net->serial++;
	if (net->nheap == net->capheap) {
		net->capheap = net->capheap == 0 ? 256 : net->capheap * 2;
		net->heap = mem_array(net->heap, net->capheap, sizeof(*h));
	}
	h = net->heap;
	for (i = net->nheap++; i > 0 && item_before(it, h[(i - 1) / 2]);
	     i = (i - 1) / 2)
		h[i] = h[(i - 1) / 2];
	h[i] = it;
	return it;
}

static struct net_item *
item_take(struct net *net)
{
	struct net_item **h = net->heap, *top, *last;
	size_t i, k;

	top = h[0];
	last = h[--net->nheap];
	for (i = 0; (k = 2 * i + 1) < net->nheap; i = k) {
		if (k + 1 < net->nheap && item_before(h[k + 1], h[k]))
			k++;
		if (!item_before(h[k], last))
			break;
		h[i] = h[k];
	}
	h[i] = last;
	return top;
}

static void
item_free(struct net_item *it)
{
	rcbuf_unref(it->buf);
	free(it);
}

static int64_t
delay(struct net *net)
{
	return net->delay_min +
	       (int64_t)rng_below(&net->rng,
		   (uint64_t)(net->delay_max - net->delay_min) + 1);
}

/* ---- connections of a node ---- */

struct conn_id
net_conn_new(struct net *net, unsigned i, enum net_conn_kind kind)
{
	struct net_node *nn = &net->node[i];
	struct conn_id id;
	size_t slot;

	for (slot = 1; slot < nn->nconn; slot++)
		if (nn->conn[slot].kind == CONN_NONE)
			break;
	if (slot >= nn->nconn) {
		nn->conn = mem_array(nn->conn, slot + 1, sizeof(*nn->conn));
		memset(nn->conn + nn->nconn, 0,
		    (slot + 1 - nn->nconn) * sizeof(*nn->conn));
		nn->nconn = slot + 1;
	}
	id.slot = (uint32_t)slot;
	id.gen = ++nn->gen;
	nn->conn[slot].kind = kind;
	nn->conn[slot].gen = id.gen;
	return id;
}

struct net_conn *
net_conn_find(struct net *net, unsigned i, struct conn_id id)
{
	struct net_node *nn = &net->node[i];

	if (id.slot >= nn->nconn || nn->conn[id.slot].gen != id.gen ||
	    nn->conn[id.slot].kind == CONN_NONE)
		return NULL;
	return &nn->conn[id.slot];
}

void
net_conn_free(struct net *net, unsigned i, struct conn_id id)
{
	struct net_conn *c;

	if ((c = net_conn_find(net, i, id)) != NULL)
		memset(c, 0, sizeof(*c));
}

/* ---- steps ---- */

/* banyand writes this row, and nothing else is done here. */
static void
stops(struct net *net, unsigned i, const struct effect *e)
{
	char buf[600];
	struct writer w;

	if (net->hooks.logged == NULL)
		return;
	writer_init(&w, buf, sizeof(buf));
	writer_str(&w, e->u.stop.restart ? "again=yes why=" : "again=no why=");
	writer_span(&w, e->u.stop.reason);
	net->hooks.logged(net->hooks.ctx, i, LOG_STOP, writer_done(&w));
}

static void apply_effect(struct net *, unsigned, const struct effect *);

/* Return how many lines an effect sends, counted for each receiver. */
static uint64_t
lines_of(const struct effect *e)
{
	struct span rest;
	uint64_t n = 0;

	if (e->kind != EFF_SEND)
		return 0;
	for (rest = rcbuf_span(e->u.send.buf); rest.n > 0; n++)
		(void)span_cut(&rest, '\n');
	return n * e->u.send.nto;
}

/* Carry out the effects of a step. */
static void
carry_out(struct net *net, unsigned i)
{
	struct net_node *nn = &net->node[i];

	nn->arena += arena_taken(nn->fx.arena);
	net->steps++;
	net_hash_effects(&net->hash, i, &nn->fx);
	nn->deadline = nn->fx.deadline;
	if (nn->deadline.ns < nn->next_tick_ns)
		nn->deadline.ns = nn->next_tick_ns;
	for (size_t k = 0; k < nn->fx.n; k++) {
		nn->lines += lines_of(&nn->fx.v[k]);
		apply_effect(net, i, &nn->fx.v[k]);
	}
	effects_clear(&nn->fx);
}

void
net_step(struct net *net, unsigned i, struct event *ev)
{
	struct net_node *nn = &net->node[i];

	if (nn->node == NULL || net->failed)
		return;
	if (nn->frozen)
		net_fail(net, "s%u is frozen, and is told %s", i + 1,
		    event_name(ev->kind));
	ev->now.ns = net->now;
	ev->wall.ms = NET_EPOCH_MS + net->now / NS_PER_MS + nn->skew_ms;
	net_record_add(net, RECORD_STEP, i, ev);
	if (net->trace != NULL)
		net_event_print(net->trace, i, ev);
	node_step(nn->node, ev, &nn->fx);
	if (ev->kind == EV_TICK)
		nn->next_tick_ns = net->now + nn->turn_ns;
	carry_out(net, i);
	if (++nn->same > SPIN)
		net_fail(net, "s%u spins: %u steps at one moment, last %s",
		    i + 1, SPIN, event_name(ev->kind));
	if (net->hooks.stepped != NULL && !net->failed)
		net->hooks.stepped(net->hooks.ctx, i, ev);
}

static void
step_closed(struct net *net, unsigned i, enum event_kind kind,
    struct conn_id id, const char *reason)
{
	struct event ev = { .kind = kind, .conn = id };

	ev.u.closed.reason = span_of(reason);
	net_conn_free(net, i, id);
	net_step(net, i, &ev);
}

/* ---- clients ---- */

static void
client_wake(struct net_client *c)
{
	if (c->queued || !c->open || c->in.n == 0)
		return;
	c->queued = true;
	item_put(c->net, ITEM_READ, c->net->now)->client = c;
}

static const struct class_settings *
client_class(const struct net_client *c)
{
	return settings_class(&c->net->node[c->node].setup->settings, &c->addr);
}

struct net_client *
net_client_new(struct net *net, unsigned node, struct addr addr, void *ctx)
{
	struct net_client *c = mem_zalloc(sizeof(*c));

	TAILQ_INSERT_TAIL(&net->clients, c, link);
	c->net = net;
	c->node = node;
	c->addr = addr;
	c->sendq = client_class(c)->sendq;
	c->recvq = client_class(c)->recvq;
	c->ctx = ctx;
	frame_init_client(&c->frame);
	return c;
}

struct net_client *
net_connect(struct net *net, unsigned node, struct addr addr, uint16_t port,
    bool tls, void *ctx)
{
	struct net_client *c = net_client_new(net, node, addr, ctx);
	struct event ev = { .kind = EV_CONN_OPEN };
	struct net_conn *conn;

	if (net->node[node].node == NULL)
		return c;
	c->open = true;
	c->id = net_conn_new(net, node, CONN_CLIENT);
	conn = net_conn_find(net, node, c->id);
	conn->client = c;
	ev.conn = c->id;
	ev.u.open.addr = addr;
	ev.u.open.port = port;
	ev.u.open.tls = tls;
	ev.u.open.web = net->web;
	ev.u.open.has_pin = net->cert != '\0';
	memset(ev.u.open.pin, net->cert, sizeof(ev.u.open.pin));
	if (tls) {
		ev.u.open.cipher = SPAN("TLSv1.3-TLS_AES_256_GCM_SHA384");
		ev.u.open.asked = span_of(net->asked);
	}
	if (net->by != NULL && net->by[0] != '\0')
		ev.u.open.gate = rcbuf_new(span_of(net->by));
	net_step(net, node, &ev);
	rcbuf_unref(ev.u.open.gate);
	return c;
}

void
net_client_send(struct net_client *c, struct span bytes)
{
	if (!c->open || (c->stream != NULL && c->stream->eof))
		return;
	net_bytes_add(&c->in, bytes);
	client_wake(c);
}

void
net_client_say(struct net_client *c, const char *line)
{
	net_client_send(c, span_of(line));
	net_client_send(c, SPAN("\r\n"));
}

void
net_client_drop(struct net_client *c, const char *reason)
{
	if (!c->open)
		return;
	/* lines of it wait for a grant: they may still come */
	if (c->stream != NULL && net_stream_eof(c->stream))
		return;
	c->open = false;
	if (c->stream != NULL)
		net_stream_close(c->stream, reason);
	else
		step_closed(c->net, c->node, EV_CONN_CLOSED, c->id, reason);
}

void
net_client_hold(struct net_client *c)
{
	if (!c->open)
		return;
	c->open = false;
	step_closed(c->net, c->node, EV_CONN_HELD, c->id, "Server restarts");
}

static void
client_line(struct net_client *c, struct span line, enum frame_result r)
{
	struct event ev = { .kind = EV_LINE, .conn = c->id };

	if (c->stream != NULL) {
		net_stream_line(c->stream, line, r);
		return;
	}
	ev.u.line.line = line;
	ev.u.line.too_long = r == FRAME_LONG;
	ev.u.line.bad = r == FRAME_BAD;
	net_step(c->net, c->node, &ev);
}

static void
client_excess(struct net_client *c)
{
	struct event ev = { .kind = EV_CONN_EXCESS, .conn = c->id };

	if (c->stream != NULL)
		net_stream_excess(c->stream);
	else
		net_step(c->net, c->node, &ev);
}

static bool
has_line(const struct net_bytes *b)
{
	return b->n > 0 && memchr(b->p, '\n', b->n) != NULL;
}

static void
client_read(struct net_client *c)
{
	struct span win, line;
	enum frame_result r;

	c->queued = false;
	while (c->open && !c->closing && c->granted > 0) {
		win = span_make(c->in.p, c->in.n);
		r = frame_next(&c->frame, &win, &line);
		if (r == FRAME_MORE) {
			net_bytes_cut(&c->in, c->in.n - win.n);
			break;
		}
		c->granted--;
		c->net->lines++;
		line = arena_span_dup(c->net->arena, line);
		net_bytes_cut(&c->in, c->in.n - win.n);
		client_line(c, line, r);
	}
	if (c->open && !c->closing && c->in.n > c->recvq)
		client_excess(c);
	if (c->open && c->stream != NULL && c->stream->eof &&
	    !has_line(&c->in)) {
		c->open = false;
		net_stream_close(c->stream, "Connection closed");
	}
}

static void
client_hear(struct net_client *c)
{
	struct net *net = c->net;
	struct span rest, line;
	const char *end;

	rest = span_make(c->out.p, c->out.n);
	while ((end = rest.n == 0 ? NULL : memchr(rest.p, '\n', rest.n)) !=
	       NULL) {
		line = span_head(rest, (size_t)(end - rest.p));
		rest = span_tail(rest, line.n + 1);
		if (line.n == 0 || line.p[line.n - 1] != '\r')
			net_fail(net, "a line to a client without CR: %.*s",
			    SPAN_ARG(line));
		else
			line.n--;
		if (net->hooks.heard != NULL)
			net->hooks.heard(net->hooks.ctx, c, line);
	}
	net_bytes_cut(&c->out, c->out.n - rest.n);
}

static void
client_out(struct net_client *c, struct span bytes)
{
	if (!c->open || c->closing)
		return;
	net_bytes_add(&c->out, bytes);
	if (!c->deaf) {
		client_hear(c);
	} else if (c->out.n > c->sendq) {
		c->open = false;
		item_put(c->net, ITEM_CONN_CLOSED, c->net->now)->client = c;
	}
}

static void
client_drain(struct net_client *c)
{
	if (c->drain != 0)
		item_put(c->net, ITEM_DRAINED, c->net->now)->client = c;
}

/* Tell the node if the client has read as much as it asked to be told of. */
static void
client_drained(struct net_client *c)
{
	struct event ev = { .kind = EV_DRAINED, .conn = c->id };

	if (!c->open || c->closing || c->out.n >= c->drain)
		return;
	c->drain = 0;
	if (c->stream != NULL)
		net_stream_drained(c->stream);
	else
		net_step(c->net, c->node, &ev);
}

void
net_client_deaf(struct net_client *c, bool deaf)
{
	c->deaf = deaf;
	if (deaf || !c->open || c->closing)
		return;
	client_hear(c);
	client_drain(c);
}

void
net_client_hears(struct net_client *c, struct span line)
{
	char *text = arena_alloc(c->net->arena, line.n + 2);

	memcpy(text, line.p, line.n);
	memcpy(text + line.n, "\r\n", 2);
	client_out(c, span_make(text, line.n + 2));
}

void
net_client_granted(struct net_client *c, unsigned lines)
{
	c->granted += lines;
	client_wake(c);
}

void
net_client_asked(struct net_client *c, size_t n)
{
	c->drain = n + 1;
	client_drain(c);
}

void
net_client_ends(struct net_client *c, struct span reason)
{
	if (c->closing)
		return;
	c->closing = true;
	c->open = false;
	if (c->net->hooks.closed != NULL)
		c->net->hooks.closed(c->net->hooks.ctx, c, reason);
}

/* ---- links ---- */

static void
link_closed(struct net *net, struct net_link *l, unsigned side, int64_t at,
    const char *reason)
{
	struct net_item *it;

	it = item_put(net, ITEM_CLOSED, at);
	it->link = l;
	it->side = side;
	it->reason = reason;
}

static void
link_out(struct net *net, struct net_link *l, unsigned side, struct rcbuf *buf)
{
	struct net_end *e = &l->end[side];
	struct net_item *it;
	int64_t gone, at;

	if (e->state != END_OPEN || e->closing)
		return;
	gone = e->busy > net->now ? e->busy : net->now;
	if (net->bandwidth > 0)
		gone += (int64_t)((uint64_t)buf->n * UINT64_C(1000000000) /
				  net->bandwidth);
	e->busy = gone;
	if (l->dark)
		return; /* no acknowledgement comes */
	it = item_put(net, ITEM_TAKEN, gone);
	it->link = l;
	it->side = side;
	it->n = buf->n;
	at = gone + delay(net) + net->delay_more[e->node][l->end[!side].node];
	if (at < e->last)
		at = e->last;
	e->last = at;
	it = item_put(net, ITEM_DATA, at);
	it->link = l;
	it->side = !side;
	it->buf = rcbuf_ref(buf);
}

/* Close an end as its node asked: the bytes it wrote go out first. */
static void
link_finish(struct net *net, struct net_link *l, unsigned side)
{
	struct net_end *e = &l->end[side];
	int64_t at;

	if (e->closing || e->state != END_OPEN)
		return;
	e->closing = true;
	at = e->busy > net->now ? e->busy : net->now;
	link_closed(net, l, side, at, "closed");
	if (l->dark)
		return;
	at += delay(net);
	if (at < e->last)
		at = e->last;
	e->last = at;
	link_closed(net, l, !side, at, "closed by the other side");
}

static void
link_dial(struct net *net, struct net_item *it)
{
	struct net_link *l;
	struct net_item *open;
	struct net_end *e;
	unsigned i, k;

	for (i = 0; i < net->n; i++) {
		struct addr addr = setup_addr(i);

		if (addr_eq(&addr, &it->addr))
			break;
	}
	if (i == net->n || net->node[i].node == NULL || i == it->node ||
	    it->port != SETUP_PORT || net_is_blocked(net, i, it->node) ||
	    rng_below(&net->rng, 100) < net->dial_fails) {
		open = item_put(net, ITEM_DIAL_FAILED, net->now + delay(net));
		open->node = it->node;
		open->life = it->life;
		open->n = it->n;
		open->reason = "Connection refused";
		return;
	}
	l = mem_zalloc(sizeof(*l));
	TAILQ_INSERT_TAIL(&net->links, l, link);
	l->dial = it->n;
	l->tls = it->flag;
	for (k = 0; k < 2; k++) {
		e = &l->end[k];
		e->node = k == 0 ? it->node : i;
		e->life = net->node[e->node].life;
		frame_init_link(&e->frame);
		open = item_put(net, ITEM_OPEN,
		    net->now + (k == 0 ? delay(net) : 0));
		open->link = l;
		open->side = k;
		l->end[!k].last = open->at;
	}
}

static void
link_open(struct net *net, struct net_link *l, unsigned side)
{
	struct net_end *e = &l->end[side];
	struct event ev = { .kind = EV_LINK_OPEN };
	struct net_conn *c;

	if (net->node[e->node].life != e->life ||
	    net->node[e->node].node == NULL || e->state != END_NONE)
		return;
	if (l->dead || l->dark) {
		if (side == 1)
			return;
		ev.kind = EV_DIAL_FAILED;
		ev.u.dial_failed.dial = l->dial;
		ev.u.dial_failed.reason = SPAN("Connection reset by peer");
		net_step(net, e->node, &ev);
		return;
	}
	e->state = END_OPEN;
	e->heard = net_ran(net, e->node);
	e->id = net_conn_new(net, e->node, CONN_LINK);
	c = net_conn_find(net, e->node, e->id);
	c->link = l;
	c->side = side;
	ev.conn = e->id;
	ev.u.link_open.dialled = side == 0;
	ev.u.link_open.dial = side == 0 ? l->dial : 0;
	ev.u.link_open.addr = setup_addr(l->end[!side].node);
	ev.u.link_open.proof.tls = l->tls;
	ev.u.link_open.proof.loopback = false;
	ev.u.link_open.proof.has_pin = l->tls;
	if (l->tls)
		setup_pin(net->node[l->end[!side].node].as,
		    ev.u.link_open.proof.pin);
	net_step(net, e->node, &ev);
}

static bool
end_hears(const struct net *net, const struct net_link *l, unsigned side)
{
	const struct net_end *e = &l->end[side];

	return !l->dead && e->state == END_OPEN && !e->closing &&
	       net->node[e->node].life == e->life &&
	       net->node[e->node].node != NULL;
}

/* Return the line as it is if one of the two nodes is of a version without
 * capabilities: then a HELLO has none. */
static struct span
line_between(const struct net *net, const struct net_link *l, struct span line)
{
	uint32_t both = 1u << l->end[0].node | 1u << l->end[1].node;
	const char *colon;

	if ((net->older & both) == 0 || !span_starts(line, SPAN("HELLO ")) ||
	    (colon = memchr(line.p, ':', line.n)) == NULL)
		return line;
	return span_head(line, (size_t)(colon + 1 - line.p));
}

static void
link_read(struct net *net, struct net_link *l, unsigned side)
{
	struct net_end *e = &l->end[side];
	struct event ev = { .kind = EV_LINK_LINE, .conn = e->id };
	struct span win, line;
	enum frame_result r;

	win = span_make(e->in.p, e->in.n);
	while (end_hears(net, l, side) && !e->on_hold &&
	       (r = frame_next(&e->frame, &win, &line)) != FRAME_MORE) {
		ev.u.line.line = line_between(net, l, line);
		ev.u.line.too_long = r == FRAME_LONG;
		e->heard = net_ran(net, e->node);
		net_step(net, e->node, &ev);
	}
	net_bytes_cut(&e->in, e->in.n - win.n);
}

static void
link_data(struct net *net, struct net_link *l, unsigned side,
    const struct rcbuf *buf)
{
	if (!end_hears(net, l, side) || l->dark)
		return;
	net_bytes_add(&l->end[side].in, rcbuf_span(buf));
	link_read(net, l, side);
}

static void
link_taken(struct net *net, struct net_link *l, unsigned side, size_t n)
{
	struct event ev = { .kind = EV_LINK_WRITABLE };

	if (!end_hears(net, l, side) || l->dark)
		return;
	ev.conn = l->end[side].id;
	ev.u.writable.taken = n;
	net_step(net, l->end[side].node, &ev);
}

static void
link_end_closed(struct net *net, struct net_link *l, unsigned side,
    const char *reason)
{
	struct net_end *e = &l->end[side];

	if (e->state == END_NONE) { /* the end was never told of the link */
		l->dead = true;
		return;
	}
	if (e->state != END_OPEN || net->node[e->node].life != e->life)
		return;
	e->state = END_CLOSED;
	step_closed(net, e->node, EV_LINK_CLOSED, e->id, reason);
}

/* ---- effects ---- */

static void
apply_log(struct net *net, unsigned i, const struct effect *e)
{
	char text[2048];
	size_t k, n;

	if (e->u.log.row == LOG_LINK_UP)
		net->node[i].links_up++;
	if (e->u.log.row == LOG_LINK_DOWN)
		net->node[i].links_down++;
	if (net->hooks.logged == NULL && net->trace == NULL)
		return;
	text[0] = '\0';
	for (k = n = 0; k < e->u.log.nfield && n < sizeof(text); k++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s=%.*s",
		    k > 0 ? " " : "", e->u.log.field[k].key,
		    SPAN_ARG(e->u.log.field[k].value));
	if (net->trace != NULL)
		fprintf(net->trace, "%12s s%u log %s %s\n", "", i + 1,
		    log_row_name(e->u.log.row), text);
	if (net->hooks.logged != NULL)
		net->hooks.logged(net->hooks.ctx, i, e->u.log.row,
		    span_of(text));
}

static void
apply_send(struct net *net, unsigned i, const struct effect *e)
{
	struct net_conn *c;
	size_t k;

	if (net->trace != NULL) {
		fprintf(net->trace, "%12s s%u send", "", i + 1);
		for (k = 0; k < e->u.send.nto; k++)
			fprintf(net->trace, " %u.%u", e->u.send.to[k].slot,
			    e->u.send.to[k].gen);
		fprintf(net->trace, " %.*s",
		    SPAN_ARG(rcbuf_span(e->u.send.buf)));
	}
	if (!TAILQ_EMPTY(&net->trunks))
		net_trunk_want_lines(net, i, e);
	for (k = 0; k < e->u.send.nto; k++) {
		if ((c = net_conn_find(net, i, e->u.send.to[k])) == NULL)
			continue;
		if (c->kind == CONN_CLIENT)
			client_out(c->client, rcbuf_span(e->u.send.buf));
		else if (c->kind == CONN_TRUNK)
			net_trunk_out(c->trunk, rcbuf_span(e->u.send.buf));
		else if (c->kind == CONN_BUS)
			net_bus_send(c->bus, e->u.send.buf);
		else
			link_out(net, c->link, c->side, e->u.send.buf);
	}
}

static void
apply_close(struct net *net, unsigned i, const struct effect *e)
{
	struct net_conn *c;

	if (net->trace != NULL)
		fprintf(net->trace, "%12s s%u close %u.%u %.*s\n", "", i + 1,
		    e->u.close.conn.slot, e->u.close.conn.gen,
		    SPAN_ARG(e->u.close.reason));
	if ((c = net_conn_find(net, i, e->u.close.conn)) == NULL)
		return;
	if (c->kind == CONN_LINK) {
		if (net->hooks.shut != NULL)
			net->hooks.shut(net->hooks.ctx, i,
			    &c->link->end[c->side]);
		link_finish(net, c->link, c->side);
		return;
	}
	if (c->kind == CONN_BUS) {
		if (net->hooks.shut != NULL)
			net->hooks.shut(net->hooks.ctx, i,
			    net_bus_end_of(c->bus));
		net_bus_close(c->bus);
		return;
	}
	if (c->kind == CONN_TRUNK) {
		net_trunk_finish(c->trunk);
		return;
	}
	if (c->client->closing || !c->client->open)
		return;
	c->client->closing = true;
	item_put(net, ITEM_CONN_CLOSED, net->now)->client = c->client;
	if (net->hooks.closed != NULL)
		net->hooks.closed(net->hooks.ctx, c->client, e->u.close.reason);
}

static void
apply_read(struct net *net, unsigned i, const struct effect *e)
{
	struct net_conn *c;

	c = net_conn_find(net, i, e->u.read.conn);
	if (c == NULL || c->kind != CONN_CLIENT)
		return;
	net_client_granted(c->client, e->u.read.n);
}

static void
apply_hold(struct net *net, unsigned i, const struct effect *e)
{
	struct net_conn *c = net_conn_find(net, i, e->u.hold.conn);
	struct net_item *it;

	if (c != NULL && c->kind == CONN_BUS)
		net_bus_hold(c->bus, e->u.hold.on);
	if (c == NULL || c->kind != CONN_LINK)
		return;
	c->link->end[c->side].on_hold = e->u.hold.on;
	if (e->u.hold.on)
		return;
	it = item_put(net, ITEM_GO_ON, net->now);
	it->link = c->link;
	it->side = c->side;
}

static void
apply_queues(struct net *net, unsigned i, const struct effect *e)
{
	struct net_conn *c = net_conn_find(net, i, e->u.queues.conn);

	if (c == NULL || c->kind != CONN_CLIENT)
		return;
	c->client->sendq = e->u.queues.sendq;
	c->client->recvq = e->u.queues.recvq;
}

static void
apply_drain(struct net *net, unsigned i, const struct effect *e)
{
	struct net_conn *c = net_conn_find(net, i, e->u.drain.conn);

	if (c == NULL || c->kind != CONN_CLIENT)
		return;
	net_client_asked(c->client, e->u.drain.n);
}

static bool
is_right(enum request_kind kind, struct span bytes)
{
	struct span verifier, password;

	switch (kind) {
	case REQUEST_OPER:
	case REQUEST_PASS:
	case REQUEST_WEBIRC:
		request_password_split(bytes, &verifier, &password);
		return setup_match(password, verifier);
	case REQUEST_UIDS:
	case REQUEST_FIGURES:
		return true;
	case REQUEST_NAME: /* give_name() */
	case REQUEST_LISTED:
	case REQUEST_COUNTRY:
	case REQUEST_REHASH:
	case REQUEST_QUESTION:
	case REQUEST_COUNT:
		break;
	}
	return false;
}

void
net_name(struct net *net, enum net_known known, struct addr addr,
    const char *name)
{
	struct net_name *n = &net->name[net->nnames++ % NET_NAMES];

	n->known = known;
	n->addr = addr;
	snprintf(n->name, sizeof(n->name), "%s", name);
}

static const struct net_name *
next_name(const struct net *net, size_t *i)
{
	return *i < net->nnames && *i < NET_NAMES ? &net->name[(*i)++] : NULL;
}

/* Answer with the name or the country that the test has given to the address,
 * if any. */
static void
give_name(const struct net *net, enum net_known known, struct span address,
    struct net_item *it)
{
	const struct net_name *n;
	struct addr addr;

	if (!addr_parse(address, &addr))
		return;
	for (size_t i = 0; (n = next_name(net, &i)) != NULL;)
		if (n->known == known && addr_eq(&n->addr, &addr) &&
		    it->buf == NULL) {
			it->status = ANSWER_OK;
			it->buf = rcbuf_new(span_of(n->name));
		}
}

/* Answer with the addresses that have the name. */
static void
give_addresses(const struct net *net, struct span name, struct net_item *it)
{
	const struct net_name *n;
	char text[NET_NAMES * (ADDR_TEXT + 1)];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	for (size_t i = 0; (n = next_name(net, &i)) != NULL;)
		if (n->known == NET_HOST && span_eq(span_of(n->name), name)) {
			writer_str(&w, w.n > 0 ? " " : "");
			addr_build(&w, &n->addr);
		}
	if (w.n == 0)
		return;
	it->status = ANSWER_OK;
	it->buf = rcbuf_new(writer_done(&w));
}

static bool
is_silent(const struct net *net, const struct effect *e)
{
	const struct net_name *n;

	if (e->u.ask.kind != REQUEST_LISTED)
		return false;
	for (size_t i = 0; (n = next_name(net, &i)) != NULL;)
		if (n->known == NET_SILENT &&
		    span_eq(span_of(n->name), e->u.ask.bytes))
			return true;
	return false;
}

static void
look_up(const struct net *net, const struct effect *e, struct net_item *it)
{
	struct span bytes = e->u.ask.bytes, path;

	if (e->u.ask.kind == REQUEST_FIGURES)
		it->buf = rcbuf_new(span_eq(bytes, SPAN("P"))
					? SPAN("6667 127.0.0.1 2 clients\n"
					       "7000 * 0 links, TLS\n")
					: SPAN("some figures: 1\nand more\n"));
	if (e->u.ask.kind == REQUEST_NAME)
		give_name(net, NET_HOST, bytes, it);
	if (e->u.ask.kind == REQUEST_LISTED)
		give_addresses(net, bytes, it);
	if (e->u.ask.kind == REQUEST_COUNTRY) {
		request_country_split(bytes, &path, &bytes);
		give_name(net, NET_COUNTRY, bytes, it);
	}
}

static struct net_item *
answer_at(struct net *net, unsigned i, const struct effect *e, int64_t at)
{
	struct net_item *it = item_put(net, ITEM_ANSWERED, at);

	it->n = e->u.ask.token;
	it->request = e->u.ask.kind;
	it->status =
	    is_right(e->u.ask.kind, e->u.ask.bytes) ? ANSWER_OK : ANSWER_NO;
	if (e->u.ask.kind == REQUEST_UIDS)
		(void)span_u64(e->u.ask.bytes, &it->uids);
	look_up(net, e, it);
	it->node = i;
	it->life = net->node[i].life;
	return it;
}

/* An odd answer does not come at all, or comes too late, late, or twice; or the
 * request is refused. */
static void
apply_ask(struct net *net, unsigned i, const struct effect *e)
{
	int64_t at = net->now + NS_PER_MS;
	int64_t expires = request_row(e->u.ask.kind)->expires_ms * NS_PER_MS;

	if (e->u.ask.kind == REQUEST_REHASH)
		at += net->reading_ns;
	if (is_silent(net, e))
		return;
	if (rng_below(&net->answers, 100) >= net->odd_answers) {
		(void)answer_at(net, i, e, at);
		return;
	}
	switch (rng_below(&net->answers, 5)) {
	case 0:
		break;
	case 1:
		(void)answer_at(net, i, e, at + expires);
		break;
	case 2:
		(void)answer_at(net, i, e,
		    at + (int64_t)rng_below(&net->answers, LATE_NS));
		break;
	case 3:
		(void)answer_at(net, i, e, at);
		(void)answer_at(net, i, e,
		    at + (int64_t)rng_below(&net->answers, LATE_NS));
		break;
	case 4:
		answer_at(net, i, e, at)->status = ANSWER_REFUSED;
		break;
	}
}

static void
apply_effect(struct net *net, unsigned i, const struct effect *e)
{
	struct net_item *it;

	if (e->kind != EFF_SEND && !TAILQ_EMPTY(&net->trunks))
		net_trunk_want(net, i, e);
	switch (e->kind) {
	case EFF_SEND:
		apply_send(net, i, e);
		return;
	case EFF_CLOSE:
		apply_close(net, i, e);
		return;
	case EFF_READ:
		apply_read(net, i, e);
		return;
	case EFF_HOLD:
		apply_hold(net, i, e);
		return;
	case EFF_QUEUES:
		apply_queues(net, i, e);
		return;
	case EFF_DRAIN:
		apply_drain(net, i, e);
		return;
	case EFF_LOG:
		apply_log(net, i, e);
		return;
	case EFF_CONTROL:
		if (net->hooks.control != NULL)
			net->hooks.control(net->hooks.ctx, i,
			    e->u.control.token, e->u.control.line,
			    e->u.control.last);
		return;
	case EFF_STORE:
		net_store_put(&net->node[i].store, e);
		return;
	case EFF_RENEW:
		if (net->hooks.renews != NULL)
			net->hooks.renews(net->hooks.ctx, i, e->u.renew.above);
		return;
	case EFF_STOP:
		stops(net, i, e);
		return;
	case EFF_ASK:
		apply_ask(net, i, e);
		return;
	case EFF_DIAL:
		if (e->u.dial.broker) {
			net_bus_dial(net, i, e);
			return;
		}
		it = item_put(net, ITEM_DIAL, net->now + delay(net));
		it->n = e->u.dial.dial;
		it->addr = e->u.dial.addr;
		/* DNS has that port for a service */
		it->port = e->u.dial.port == 0 ? SETUP_PORT : e->u.dial.port;
		it->flag = e->u.dial.tls;
		break;
	case EFF_COUNT:
	default:
		return;
	}
	it->node = i;
	it->life = net->node[i].life;
}

static void
conn_closed(struct net_client *c)
{
	bool sendq = !c->closing;

	if (c->stream != NULL && !sendq)
		return; /* it is gone by now */
	if (c->stream == NULL && net_conn_find(c->net, c->node, c->id) == NULL)
		return;
	c->open = false;
	if (sendq && c->net->hooks.closed != NULL)
		c->net->hooks.closed(c->net->hooks.ctx, c,
		    SPAN("SendQ exceeded"));
	if (c->stream != NULL) {
		net_stream_close(c->stream, "SendQ exceeded");
		return;
	}
	step_closed(c->net, c->node, EV_CONN_CLOSED, c->id,
	    sendq ? "SendQ exceeded" : "closed");
}

/*
 * Return the node that an item is about, or NET_NODES if there is none or if it
 * need not run.
 */
static unsigned
item_node(const struct net_item *it)
{
	switch (it->kind) {
	case ITEM_DATA:
	case ITEM_GO_ON:
	case ITEM_TAKEN:
	case ITEM_OPEN:
	case ITEM_CLOSED:
		return it->link->end[it->side].node;
	case ITEM_READ:
	case ITEM_DRAINED:
	case ITEM_CONN_CLOSED:
		return it->client->node;
	case ITEM_DIAL_FAILED:
	case ITEM_ANSWERED:
	case ITEM_NODE_CALL:
		return it->node;
	case ITEM_DIAL: /* the kernel answers */
	case ITEM_THAW:
	case ITEM_CALL:
		break;
	}
	return NET_NODES;
}

static bool
is_held(struct net *net, struct net_item *it)
{
	unsigned i = item_node(it);
	struct net_node *nn;

	if (i == NET_NODES || !net->node[i].frozen)
		return false;
	nn = &net->node[i];
	if (nn->nheld == nn->capheld)
		nn->held = mem_grow(nn->held, &nn->capheld, 64,
		    sizeof(struct net_item *));
	nn->held[nn->nheld++] = it;
	return true;
}

static void item_run(struct net *, struct net_item *);

static void
run_held(struct net *net, struct net_node *nn)
{
	for (size_t k = 0; k < nn->nheld; k++) {
		item_run(net, nn->held[k]);
		item_free(nn->held[k]);
	}
	nn->nheld = 0;
}

static void
unfreeze(struct net *net, struct net_node *nn)
{
	int64_t ns = net->now - nn->frozen_at - NET_FREEZE_MS * NS_PER_MS;

	nn->frozen = false;
	nn->frozen_ns += ns > 0 ? ns : 0;
}

static void
thaw(struct net *net, unsigned i)
{
	struct event tick = { .kind = EV_TICK };
	struct net_node *nn = &net->node[i];

	unfreeze(net, nn);
	if (net->hooks.thaws != NULL)
		net->hooks.thaws(net->hooks.ctx, i);
	if (rng_below(&net->rng, 2) == 0)
		net_step(net, i, &tick);
	run_held(net, nn);
}

static void
item_run(struct net *net, struct net_item *it)
{
	struct event ev = { .kind = EV_TICK };

	switch (it->kind) {
	case ITEM_DATA:
		link_data(net, it->link, it->side, it->buf);
		return;
	case ITEM_GO_ON:
		link_read(net, it->link, it->side);
		return;
	case ITEM_TAKEN:
		link_taken(net, it->link, it->side, it->n);
		return;
	case ITEM_OPEN:
		link_open(net, it->link, it->side);
		return;
	case ITEM_CLOSED:
		link_end_closed(net, it->link, it->side, it->reason);
		return;
	case ITEM_READ:
		client_read(it->client);
		return;
	case ITEM_DRAINED:
		client_drained(it->client);
		return;
	case ITEM_CONN_CLOSED:
		conn_closed(it->client);
		return;
	case ITEM_CALL:
		it->fn(it->ctx, (int64_t)it->n);
		return;
	case ITEM_DIAL:
	case ITEM_DIAL_FAILED:
	case ITEM_ANSWERED:
	case ITEM_NODE_CALL:
	case ITEM_THAW:
		break;
	}
	if (net->node[it->node].life != it->life ||
	    net->node[it->node].node == NULL)
		return;
	if (it->kind == ITEM_DIAL) {
		link_dial(net, it);
		return;
	}
	if (it->kind == ITEM_THAW) {
		thaw(net, it->node);
		return;
	}
	if (it->kind == ITEM_NODE_CALL) {
		it->fn(it->ctx, (int64_t)it->n);
		return;
	}
	if (it->kind == ITEM_DIAL_FAILED) {
		ev.kind = EV_DIAL_FAILED;
		ev.u.dial_failed.dial = it->n;
		ev.u.dial_failed.reason = span_of(it->reason);
	} else {
		if (it->status == ANSWER_OK &&
		    it->uids > net->node[it->node].uids)
			net->node[it->node].uids = it->uids;
		ev.kind = EV_ANSWERED;
		ev.u.answered.token = it->n;
		ev.u.answered.kind = it->request;
		ev.u.answered.status = it->status;
		if (it->buf != NULL)
			ev.u.answered.bytes = rcbuf_span(it->buf);
	}
	net_step(net, it->node, &ev);
}

/* ---- the clock ---- */

void
net_call(struct net *net, int64_t ns, void (*fn)(void *, int64_t), void *ctx,
    int64_t a)
{
	struct net_item *it;

	it = item_put(net, ITEM_CALL, ns > net->now ? ns : net->now);
	it->fn = fn;
	it->ctx = ctx;
	it->n = (uint64_t)a;
}

void
net_call_node(struct net *net, unsigned i, void (*fn)(void *, int64_t),
    void *ctx, int64_t a)
{
	struct net_item *it = item_put(net, ITEM_NODE_CALL, net->now);

	it->fn = fn;
	it->ctx = ctx;
	it->n = (uint64_t)a;
	it->node = i;
	it->life = net->node[i].life;
}

static void
set_now(struct net *net, int64_t ns)
{
	unsigned i;

	if (ns <= net->now)
		return;
	net->now = ns;
	for (i = 0; i < net->n; i++)
		net->node[i].same = 0;
}

void
net_run_until(struct net *net, int64_t until)
{
	struct net_item *it;
	int64_t at;
	unsigned i, who;

	while (!net->failed) {
		at = net->nheap > 0 ? net->heap[0]->at : INT64_MAX;
		who = NET_NODES;
		for (i = 0; i < net->n; i++)
			if (net->node[i].node != NULL && !net->node[i].frozen &&
			    net->node[i].deadline.ns < at) {
				at = net->node[i].deadline.ns;
				who = i;
			}
		if (at > until)
			break;
		set_now(net, at);
		if (who != NET_NODES) {
			struct event ev = { .kind = EV_TICK };

			net_step(net, who, &ev);
		} else {
			it = item_take(net);
			if (!is_held(net, it)) {
				item_run(net, it);
				item_free(it);
			}
		}
		arena_reset(net->arena);
	}
	set_now(net, until);
}

void
net_run(struct net *net, int64_t ms)
{
	net_run_until(net, net->now + ms * NS_PER_MS);
}

/* ---- nodes ---- */

void
net_setup(struct net *net, unsigned i, struct setup *s)
{
	setup_free(net->node[i].setup);
	net->node[i].setup = s;
}

bool
net_is_up(const struct net *net, unsigned i)
{
	return net->node[i].node != NULL;
}

static void
load_store(struct net *net, unsigned i)
{
	struct arena *arena = arena_new(4096);
	struct event ev;

	net_store_load(&net->node[i].store, arena, &ev);
	net_step(net, i, &ev);
	arena_free(arena);
}

void
net_start(struct net *net, unsigned i)
{
	struct net_node *nn = &net->node[i];
	struct event ev = { .kind = EV_SEED };
	int64_t s;

	s = (NET_EPOCH_MS + net->now / NS_PER_MS + nn->skew_ms) / MS_PER_S;
	nn->inc = s > (int64_t)nn->inc ? (uint32_t)s : nn->inc + 1;
	nn->life++;
	nn->deadline = MONO_NEVER;
	nn->node = node_new();
	net_record_add(net, RECORD_START, i, NULL);
	rng_bytes(&net->rng, ev.u.seed.seed, sizeof(ev.u.seed.seed));
	ev.u.seed.inc = nn->inc;
	ev.u.seed.uid_from = nn->uids;
	nn->uids += net->uids_ahead;
	ev.u.seed.uid_upto = nn->uids;
	net_step(net, i, &ev);
	mutate(net, i);
	ev = (struct event){ .kind = EV_CONF };
	ev.u.conf.settings = &nn->setup->settings;
	net_step(net, i, &ev);
	load_store(net, i);
	net_bus_start(net, i);
}

void
net_reload(struct net *net, unsigned i, struct setup *s)
{
	struct event ev = { .kind = EV_CONF };

	net->node[i].setup = s;
	ev.u.conf.settings = &s->settings;
	net_step(net, i, &ev);
}

void
net_freeze(struct net *net, unsigned i, int64_t ms)
{
	struct net_node *nn = &net->node[i];
	struct net_item *it;

	if (nn->node == NULL || nn->frozen)
		return;
	nn->frozen = true;
	nn->frozen_at = net->now;
	it = item_put(net, ITEM_THAW, net->now + ms * NS_PER_MS);
	it->node = i;
	it->life = nn->life;
}

bool
net_is_frozen(const struct net *net, unsigned i)
{
	return net->node[i].frozen;
}

int64_t
net_ran(const struct net *net, unsigned i)
{
	const struct net_node *nn = &net->node[i];

	return (nn->frozen ? nn->frozen_at : net->now) - nn->frozen_ns;
}

/* End a node. If it ends orderly, its closing links lose nothing that is in
 * flight. */
static void
end_node(struct net *net, unsigned i, bool orderly)
{
	struct net_node *nn = &net->node[i];
	struct net_client *c;
	struct net_link *l;
	unsigned k;

	if (nn->node == NULL)
		return;
	if (net->trace != NULL)
		fprintf(net->trace, "%12.6f s%u crashes\n",
		    (double)net->now / 1e9, i + 1);
	net_bus_stop(net, i, orderly);
	net_record_add(net, RECORD_STOP, i, NULL);
	node_free(nn->node);
	nn->node = NULL;
	nn->life++;
	nn->nconn = 0;
	if (nn->frozen)
		unfreeze(net, nn);
	TAILQ_FOREACH(c, &net->clients, link)
		if (c->node == i && c->open) {
			c->open = false;
			if (net->hooks.closed != NULL)
				net->hooks.closed(net->hooks.ctx, c,
				    SPAN("killed"));
		}
	net_trunk_lose_all(net, i);
	TAILQ_FOREACH(l, &net->links, link)
		for (k = 0; k < 2; k++)
			if (l->end[k].node == i && !l->dead) {
				l->end[k].state = END_CLOSED;
				if (l->dark || (orderly && l->end[k].closing))
					continue;
				l->dead = true;
				link_closed(net, l, !k, net->now + delay(net),
				    "Connection reset by peer");
			}
	run_held(net, nn); /* not to be delivered: the node is down */
}

/* ---- a node starts again in place ---- */

/* Nothing that was on its way to the former process comes to the next one. */
static void
lose_items(struct net *net, unsigned i)
{
	for (size_t k = 0; k < net->nheap; k++) {
		struct net_item *it = net->heap[k];

		if (it->node == i &&
		    (it->kind == ITEM_DIAL || it->kind == ITEM_DIAL_FAILED ||
			it->kind == ITEM_ANSWERED))
			it->life = UINT32_MAX;
	}
}

static void
lose_links(struct net *net, unsigned i)
{
	struct net_link *l;

	TAILQ_FOREACH(l, &net->links, link)
		for (unsigned k = 0; k < 2; k++) {
			if (l->end[k].node != i || l->dead)
				continue;
			if (l->end[k].state == END_OPEN)
				net_conn_free(net, i, l->end[k].id);
			l->end[k].state = END_CLOSED;
			if (l->dark)
				continue;
			l->dead = true;
			link_closed(net, l, !k, net->now + delay(net),
			    "Connection reset by peer");
		}
}

static bool
is_handed_over(const struct node *node, struct conn_id id)
{
	struct conn_id other;

	for (uint32_t i = 0; handover_next_client(node, &i, &other);)
		if (conn_id_eq(other, id))
			return true;
	return false;
}

static void
lose_clients(struct net *net, unsigned i)
{
	struct net_node *nn = &net->node[i];
	struct net_client *c;

	TAILQ_FOREACH(c, &net->clients, link) {
		if (c->node != i || net_conn_find(net, i, c->id) == NULL)
			continue;
		c->granted = 0;
		c->drain = 0;
		if (is_handed_over(nn->node, c->id))
			continue;
		net_conn_free(net, i, c->id);
		c->open = false;
		if (!c->closing && net->hooks.closed != NULL)
			net->hooks.closed(net->hooks.ctx, c,
			    SPAN("not handed over"));
	}
}

static struct handover
handover_of(struct net *net, unsigned i, struct span text)
{
	const struct net_node *nn = &net->node[i];
	struct handover h = { .text = text,
		.settings = &nn->setup->settings,
		.now.ns = net->now };

	h.wall.ms = NET_EPOCH_MS + net->now / NS_PER_MS + nn->skew_ms;
	rng_bytes(&net->rng, h.seed, sizeof(h.seed));
	return h;
}

static struct event
event_now(const struct net *net, unsigned i)
{
	struct event ev = { .kind = EV_TICK, .now.ns = net->now };

	ev.wall.ms = NET_EPOCH_MS + net->now / NS_PER_MS + net->node[i].skew_ms;
	return ev;
}

void
net_end_busy(struct net *net, unsigned i, bool all)
{
	struct net_node *nn = &net->node[i];
	struct event ev = event_now(net, i);

	if (nn->node == NULL || nn->frozen || net->failed)
		return;
	net_record_add_end(net, i, &ev, all);
	(void)handover_end_busy(nn->node, &ev, all, SPAN("Please come back"),
	    &nn->fx);
	net_step(net, i, &ev);
}

/* The new node says what it was told, if it is asked at once; and its log holds
 * all entries that neighbours may lack. */
static void
check_same(struct net *net, unsigned i, const struct handed *before,
    const struct vector *floor)
{
	const struct node *node = net->node[i].node;
	struct event ev = event_now(net, i);
	struct handed after = handed_of(node, &ev);

	if (!handed_same(before, &after))
		net_fail(net, "s%u says other lines than it was told", i + 1);
	if (!vector_le(&link_net_log(node_links(node))->floor, floor))
		net_fail(net, "s%u has lost entries of its log", i + 1);
	handed_free(&after);
}

/* Let a new node take the text over. Return false if it cannot. */
static bool
take_over(struct net *net, unsigned i, const struct handover *h)
{
	struct net_node *nn = &net->node[i];
	struct handover_fault fault;

	node_free(nn->node);
	nn->node = node_new();
	if (net->hooks.goes_on != NULL)
		net->hooks.goes_on(net->hooks.ctx, i);
	if (handover_take(nn->node, h, &nn->fx, &fault))
		return true;
	net_fail(net, "s%u cannot go on: line %zu: %s", i + 1, fault.line,
	    fault.why);
	return false;
}

/* Carry out what the new node wants, and give it the store. */
static void
begin_again(struct net *net, unsigned i)
{
	mutate(net, i);
	if (net->hooks.went_on != NULL)
		net->hooks.went_on(net->hooks.ctx, i);
	carry_out(net, i);
	load_store(net, i);
}

bool
net_go_on(struct net *net, unsigned i)
{
	struct net_node *nn = &net->node[i];
	struct event ev = event_now(net, i);
	struct vector floor = { 0 };
	struct handed text;
	struct handover h;

	if (nn->node == NULL || nn->frozen || net->failed ||
	    handover_awaits(nn->node) != NULL)
		return false;
	text = handed_of(nn->node, &ev);
	h = handover_of(net, i, handed_text(&text));
	net_record_add_go_on(net, i, &ev, &h);
	if (net->trace != NULL)
		fprintf(net->trace, "%12.6f s%u goes on\n%.*s",
		    (double)net->now / 1e9, i + 1, SPAN_ARG(h.text));
	vector_copy(&floor, &link_net_log(node_links(nn->node))->floor);
	lose_items(net, i);
	lose_links(net, i);
	net_bus_stop(net, i, false);
	lose_clients(net, i);
	net_trunk_lose_all(net, i);
	if (take_over(net, i, &h)) {
		check_same(net, i, &text, &floor);
		begin_again(net, i);
		net_bus_start(net, i);
	}
	handed_free(&text);
	vector_fini(&floor);
	return true;
}

void
net_crash(struct net *net, unsigned i)
{
	end_node(net, i, false);
}

/* Send a link the last lines of a node that is stopped, as banyand does. */
static void
say_farewell(struct net *net, struct net_link *l, unsigned side)
{
	struct net_end *e = &l->end[side];
	char text[256];
	struct writer w;
	struct rcbuf *buf;

	if (l->dead || e->state != END_OPEN || e->closing)
		return;
	writer_init(&w, text, sizeof(text));
	node_farewell(net->node[e->node].node, e->id, &w);
	writer_str(&w, "ERROR stop :The server stops\r\n");
	buf = rcbuf_new(writer_done(&w));
	link_out(net, l, side, buf);
	rcbuf_unref(buf);
	link_finish(net, l, side);
}

void
net_stop(struct net *net, unsigned i)
{
	struct net_link *l;

	if (net->node[i].node == NULL)
		return;
	TAILQ_FOREACH(l, &net->links, link)
		for (unsigned k = 0; k < 2; k++)
			if (l->end[k].node == i)
				say_farewell(net, l, k);
	end_node(net, i, true);
}

/* ---- what happens to links ---- */

static bool
link_is_of(const struct net_link *l, unsigned a, unsigned b)
{
	return (l->end[0].node == a && l->end[1].node == b) ||
	       (l->end[0].node == b && l->end[1].node == a);
}

void
net_cut(struct net *net, unsigned a, unsigned b, enum net_cut how)
{
	struct net_link *l;
	unsigned k;
	int64_t at;

	net_bus_cut(net, a, b);
	TAILQ_FOREACH(l, &net->links, link) {
		if (!link_is_of(l, a, b) || l->dead || l->dark)
			continue;
		if (how == CUT_DARK) {
			l->dark = true;
			continue;
		}
		l->dead = true;
		for (k = 0; k < 2; k++) {
			if (l->end[k].state != END_OPEN)
				continue;
			at = net->now;
			if (how == CUT_LATE)
				at += (int64_t)rng_below(&net->rng, LATE_NS);
			link_closed(net, l, k, at, "Connection reset by peer");
		}
	}
}

void
net_block(struct net *net, unsigned a, unsigned b, bool blocked)
{
	if (blocked) {
		net->blocked[a] |= 1u << b;
		net->blocked[b] |= 1u << a;
	} else {
		net->blocked[a] &= ~(1u << b);
		net->blocked[b] &= ~(1u << a);
	}
}

bool
net_is_blocked(const struct net *net, unsigned a, unsigned b)
{
	return (net->blocked[a] >> b & 1) != 0;
}

bool
net_believes(const struct net *net, unsigned a, unsigned b)
{
	const struct link *l;
	struct sid sid;
	size_t i;

	sid = setup_sid(b);
	for (i = 0;
	     (l = link_net_link(node_links(net->node[a].node), i)) != NULL; i++)
		if (l->state == LINK_UP && sid_cmp(l->o.sid, sid) == 0)
			return true;
	return false;
}

/*
 * Return true if either end still believes in a connection that carries
 * nothing.
 */
static bool
is_deceived(const struct net *net, unsigned a, unsigned b)
{
	const struct net_link *l;

	TAILQ_FOREACH(l, &net->links, link)
		if (link_is_of(l, a, b) && l->dark &&
		    (end_hears(net, l, 0) || end_hears(net, l, 1)))
			return true;
	return false;
}

bool
net_linked(const struct net *net, unsigned a, unsigned b)
{
	return net_is_up(net, a) && net_is_up(net, b) &&
	       net_believes(net, a, b) && net_believes(net, b, a) &&
	       !is_deceived(net, a, b);
}

void
net_control(struct net *net, unsigned node, uint64_t token, struct span line)
{
	struct event ev = { .kind = EV_CONTROL };

	ev.u.control.token = token;
	ev.u.control.line = line;
	net_step(net, node, &ev);
}

void
net_make_home(struct net *net, unsigned node, const struct part_home *home)
{
	struct net_node *nn = &net->node[node];
	struct event ev = { .kind = EV_TICK, .now.ns = net->now };

	ev.wall.ms = NET_EPOCH_MS + net->now / NS_PER_MS + nn->skew_ms;
	net_record_add_home(net, node, &ev, home);
	node_make_home(nn->node, &ev, home, &nn->fx);
	net_step(net, node, &ev);
}

/* ---- all of it ---- */

struct net *
net_new(uint64_t seed, unsigned n)
{
	struct net *net;
	unsigned i;

	net = mem_zalloc(sizeof(*net));
	net->n = n;
	rng_seed(&net->rng, seed);
	rng_seed(&net->answers, seed ^ UINT64_C(0xa5));
	net->uids_ahead = 65536;
	net->delay_min = net->delay_max = NS_PER_MS;
	net->arena = arena_new(1 << 16);
	TAILQ_INIT(&net->clients);
	TAILQ_INIT(&net->links);
	TAILQ_INIT(&net->trunks);
	TAILQ_INIT(&net->brokers);
	rng_seed(&net->gates, seed ^ UINT64_C(0x9a7e));
	for (i = 0; i < n; i++) {
		effects_init(&net->node[i].fx);
		net->node[i].as = i;
		net->node[i].deadline = MONO_NEVER;
#ifdef BANYAN_MUTATE
		net->node[i].mutation = test_mutation;
#endif
	}
	return net;
}

static void
clients_free(struct net *net)
{
	struct net_client *c;

	while ((c = TAILQ_FIRST(&net->clients)) != NULL) {
		TAILQ_REMOVE(&net->clients, c, link);
		free(c->in.p);
		free(c->out.p);
		free(c);
	}
}

static void
links_free(struct net *net)
{
	struct net_link *l;

	while ((l = TAILQ_FIRST(&net->links)) != NULL) {
		TAILQ_REMOVE(&net->links, l, link);
		free(l->end[0].in.p);
		free(l->end[1].in.p);
		free(l);
	}
}

static void
trunks_free(struct net *net)
{
	struct net_trunk *t;

	while ((t = TAILQ_FIRST(&net->trunks)) != NULL) {
		TAILQ_REMOVE(&net->trunks, t, link);
		net_trunk_free(t);
	}
}

void
net_free(struct net *net)
{
	unsigned i;

	if (net == NULL)
		return;
	net_brokers_free(net);
	for (i = 0; i < net->n; i++) {
		if (net->node[i].node != NULL)
			node_free(net->node[i].node);
		effects_fini(&net->node[i].fx);
		setup_free(net->node[i].setup);
		free(net->node[i].conn);
		net_store_clear(&net->node[i].store);
		for (size_t k = 0; k < net->node[i].nheld; k++)
			item_free(net->node[i].held[k]);
		free(net->node[i].held);
	}
	while (net->nheap > 0)
		item_free(item_take(net));
	free(net->heap);
	clients_free(net);
	links_free(net);
	trunks_free(net);
	net_record_free(net);
	arena_free(net->arena);
	free(net);
}
