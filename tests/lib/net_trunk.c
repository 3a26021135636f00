/*
 * The effects of a step are carried out in their order, and those of streams
 * stand before the bytes of their trunk. So what the effects want is known when
 * the gate reads these bytes. It may read them later than that, never earlier.
 *
 * Nothing is said to a server inside a step of it.
 */
#include "lib/net_trunk.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "lib/net_inside.h"
#include "link/info.h"
#include "trunk/state.h"

#define BEAT_MS_MOST 2000
#define EARLY_BYTES 65536		/* gate-protocol.md, 5.8 */
#define READ_BYTES ((size_t)256 * 1024) /* gate-protocol.md, 8 */

static uint64_t
now_ms(const struct net *net)
{
	return (uint64_t)(net->now / NS_PER_MS) + 1;
}

static void fail(struct net_trunk *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
fail(struct net_trunk *t, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	net_fail(t->net, "gate%u on s%u: %s", t->gate + 1, t->node + 1, text);
}

static struct net_stream *
stream_of(const struct net_trunk *t, uint32_t s)
{
	return s == 0 || s > t->nstream ? NULL : t->stream[s - 1];
}

/* ---- what effects want --------------------------------------------------- */

/* Return the trunk as the server has it, or NULL. */
static const struct trunk *
at_server(const struct net_trunk *t)
{
	return trunk_find(node_trunks(t->net->node[t->node].node), t->id);
}

/* Return true if the server has all the streams of the gate that it said it
 * accepts. */
static bool
is_full(const struct net_trunk *t)
{
	const struct trunk_net *x = node_trunks(t->net->node[t->node].node);
	const struct trunk *own = at_server(t);
	size_t n = 0;

	for (size_t i = 0; own != NULL && i < x->ntrunk; i++)
		if (x->trunk[i]->gate == own->gate)
			n += x->trunk[i]->nstreams;
	return n >= t->in.streams;
}

/* Learn the ids of streams from the server, as it makes them in its step. */
static void
learn_id(struct net_stream *s)
{
	const struct trunk *t;
	const struct trunk_stream *x;

	if (!conn_id_is_none(s->client->id))
		return;
	t = at_server(s->trunk);
	x = t == NULL ? NULL : trunk_stream_of(t, s->number);
	if (x == NULL)
		return;
	s->client->id = x->id;
	if (s->refused)
		fail(s->trunk, "8: stream %u is one of more than %ju",
		    s->number, (uintmax_t)s->trunk->in.streams);
}

static bool
is_of(struct net_stream *s, struct conn_id id)
{
	if (!s->new_sent || s->want_gone)
		return false;
	learn_id(s);
	return conn_id_eq(s->client->id, id);
}

/* Return the stream of that id, or NULL if it has ended for the server. A
 * stream that is opened and ended in one step has no id any more: then it is
 * the one that comes in this step. */
static struct net_stream *
find(struct net *net, unsigned node, struct conn_id id)
{
	struct net_stream *s, *coming = NULL;
	struct net_trunk *t;

	TAILQ_FOREACH(t, &net->trunks, link) {
		if (t->node != node || t->dead || t->ending ||
		    t->life != net->node[node].life)
			continue;
		for (size_t i = 0; i < t->nstream; i++)
			if (is_of(t->stream[i], id))
				return t->stream[i];
		s = stream_of(t, t->coming);
		if (s != NULL && !s->want_gone &&
		    conn_id_is_none(s->client->id))
			coming = s;
	}
	return coming;
}

static size_t
count_lines(struct span lines)
{
	size_t n = 0;

	while (lines.n > 0) {
		(void)span_cut(&lines, '\n');
		n++;
	}
	return n;
}

void
net_trunk_want_lines(struct net *net, unsigned node, const struct effect *e)
{
	struct span lines = rcbuf_span(e->u.send.buf);
	struct net_stream *s;
	struct net_trunk *t;

	TAILQ_FOREACH(t, &net->trunks, link)
		t->shares = false;
	for (size_t i = 0; i < e->u.send.nto; i++) {
		if (!conn_id_is_stream(e->u.send.to[i]) ||
		    (s = find(net, node, e->u.send.to[i])) == NULL)
			continue;
		net_bytes_add(&s->want, lines);
		if (!s->trunk->shares)
			s->trunk->want_copies += count_lines(lines);
		s->trunk->shares = true;
	}
}

void
net_trunk_want(struct net *net, unsigned node, const struct effect *e)
{
	struct net_stream *s;

	switch (e->kind) {
	case EFF_READ:
		if ((s = find(net, node, e->u.read.conn)) != NULL)
			s->core_reads += e->u.read.n;
		break;
	case EFF_CLOSE:
		if ((s = find(net, node, e->u.close.conn)) != NULL)
			s->want_gone = true;
		break;
	case EFF_QUEUES:
		if ((s = find(net, node, e->u.queues.conn)) == NULL)
			break;
		s->sendq = e->u.queues.sendq;
		s->recvq = e->u.queues.recvq;
		break;
	case EFF_DRAIN:
		if ((s = find(net, node, e->u.drain.conn)) != NULL)
			s->want_drains++;
		break;
	case EFF_SEND:
	case EFF_HOLD:
	case EFF_ASK:
	case EFF_DIAL:
	case EFF_RENEW:
	case EFF_STOP:
	case EFF_STORE:
	case EFF_LOG:
	case EFF_CONTROL:
	case EFF_COUNT:
		break;
	}
}

/* ---- from the gate to its clients ---------------------------------------- */

/* Take the line off those that are wanted. */
static void
check_line(struct net_stream *s, struct span line)
{
	struct span want = span_make(s->want.p, s->want.n), first;

	first = span_cut(&want, '\n');
	if (first.n > 0 && first.p[first.n - 1] == '\r')
		first.n--;
	if (s->want.n == 0)
		fail(s->trunk, "stream %u gets a line too many: %.*s",
		    s->number, SPAN_ARG(line));
	else if (!span_eq(first, line))
		fail(s->trunk, "stream %u gets %.*s, should get %.*s",
		    s->number, SPAN_ARG(line), SPAN_ARG(first));
	net_bytes_cut(&s->want, s->want.n - want.n);
}

static void
on_line(void *ctx, uint32_t number, struct span line)
{
	struct net_trunk *t = ctx;
	struct net_stream *s = stream_of(t, number);

	/* the server has read CLOSED before it said the line, or ends it */
	if (s->closed && s->want.n == 0)
		return;
	check_line(s, line);
	t->net->gate_counts.crossed += s->closed;
	if (s->closed)
		return;
	net_client_hears(s->client, line);
}

static void
on_read(void *ctx, uint32_t number, uint64_t n)
{
	struct net_trunk *t = ctx;
	struct net_stream *s = stream_of(t, number);

	s->reads += n;
	if (s->reads > s->core_reads + TRUNK_AHEAD)
		fail(t, "5.4: stream %u is granted %ju lines, the core %ju",
		    number, (uintmax_t)s->reads, (uintmax_t)s->core_reads);
	s->excess = false;
	if (!s->closed)
		net_client_granted(s->client, (unsigned)n);
}

static void
on_queues(void *ctx, uint32_t number, uint64_t sendq, uint64_t recvq)
{
	struct net_stream *s = stream_of(ctx, number);

	s->client->sendq = sendq;
	s->client->recvq = recvq;
}

static void
on_drain(void *ctx, uint32_t number, uint64_t n)
{
	struct net_trunk *t = ctx;
	struct net_stream *s = stream_of(t, number);

	if (s->want_drains == 0)
		fail(t, "stream %u has a DRAIN too many", number);
	s->want_drains--;
	if (!s->closed)
		net_client_asked(s->client, n);
}

static void
on_gone(void *ctx, uint32_t number, struct span reason)
{
	struct net_trunk *t = ctx;
	struct net_stream *s = stream_of(t, number);

	if (s->want.n > 0)
		fail(t, "stream %u is gone before a line: %.*s", number,
		    (int)s->want.n, s->want.p);
	if (!s->want_gone && !s->refused)
		fail(t, "stream %u is gone without a cause", number);
	if (s->refused !=
	    span_eq(reason, SPAN("The gate has too many clients")))
		fail(t, "8: stream %u of %ju is gone: %.*s", number,
		    (uintmax_t)t->in.streams, SPAN_ARG(reason));
	t->net->gate_counts.refused += s->refused;
	s->gone = s->want_gone = true;
	if (!s->closed)
		net_client_ends(s->client, reason);
}

static void
on_error(void *ctx, struct span code, struct span reason)
{
	struct net_trunk *t = ctx;

	if (!t->expects)
		fail(t, "ERROR %.*s: %.*s", SPAN_ARG(code), SPAN_ARG(reason));
}

static const struct gate_ops ops = { on_line, on_read, on_queues, on_drain,
	on_gone, on_error };

/* ---- from the server to the gate ----------------------------------------- */

/* Compare the position with what the server had processed behind that byte. */
static void
check_mark(struct net_trunk *t, const struct net_mark *m)
{
	if (t->in.state != GATE_UP)
		return;
	if (!t->in.at_pos)
		fail(t, "5.11: a step does not end with POS");
	for (size_t i = 0; i < m->done.n; i++)
		if (vector_get(&t->in.pos, m->done.v[i].o) != m->done.v[i].n)
			fail(t, "5.11: a position is %ju, the server says %ju",
			    (uintmax_t)m->done.v[i].n,
			    (uintmax_t)vector_get(&t->in.pos, m->done.v[i].o));
}

static void
pass_marks(struct net_trunk *t)
{
	size_t k = 0;

	for (; k < t->nmark && t->mark[k].at <= t->read; k++) {
		if (t->mark[k].at == t->read)
			check_mark(t, &t->mark[k]);
		vector_fini(&t->mark[k].done);
	}
	memmove(t->mark, t->mark + k, (t->nmark - k) * sizeof(*t->mark));
	t->nmark -= k;
}

/* Each line crosses the trunk once, for all who get it. */
static void
check_copies(struct net_trunk *t)
{
	if (t->way[WAY_DOWN].n == 0 && t->in.copies != t->want_copies)
		fail(t, "6.1: %ju lines have come, should be %ju",
		    (uintmax_t)t->in.copies, (uintmax_t)t->want_copies);
}

static void
tell_taken(void *ctx, int64_t unused)
{
	struct net_trunk *t = ctx;
	struct event ev = { .kind = EV_TRUNK_WRITABLE, .conn = t->id };

	(void)unused;
	t->taking = false;
	ev.u.writable.taken = t->taken;
	t->unsent -= t->taken;
	t->taken = 0;
	if (!t->dead && !t->ending)
		net_step(t->net, t->node, &ev);
}

static void
read_down(struct net_trunk *t, size_t upto)
{
	struct span win = span_make(t->way[WAY_DOWN].p, upto), line;
	struct net *net = t->net;
	enum frame_result r = FRAME_MORE;
	size_t before = 0;

	while (!net->failed && (r = frame_next(&t->frame[WAY_DOWN], &win,
				    &line)) == FRAME_LINE) {
		gate_line(&t->in, line, now_ms(net));
		if (t->in.why[0] != '\0')
			fail(t, "%s", t->in.why);
		t->read += upto - before - win.n;
		before = upto - win.n;
		pass_marks(t);
	}
	if (r != FRAME_LINE && r != FRAME_MORE)
		fail(t, "3.1: a line is too long, or holds a CR or NUL");
	t->heard = net_ran(net, t->node);
	t->taken += upto - win.n;
	net_bytes_cut(&t->way[WAY_DOWN], upto - win.n);
}

static void
read_all(struct net_trunk *t)
{
	read_down(t, t->way[WAY_DOWN].n);
	if (!t->net->failed && !t->ending)
		check_copies(t);
	if (t->taking || t->taken == 0)
		return;
	t->taking = true;
	net_call_node(t->net, t->node, tell_taken, t, 0);
}

/* READ waits while more is unsent than may be (gate-protocol.md, 8). */
static void
check_reads(struct net_trunk *t, struct span bytes)
{
	const struct settings *set =
	    core_settings(node_core(t->net->node[t->node].node));
	size_t most = set->pump_bytes;
	struct span line;

	if (most == 0 || most > READ_BYTES)
		most = READ_BYTES;
	while (t->unsent > most && bytes.n > 0) {
		line = span_cut(&bytes, '\n');
		if (span_eq(span_word(&line), SPAN("READ")))
			fail(t, "8: READ comes with %zu bytes unsent",
			    t->unsent);
	}
}

void
net_trunk_out(struct net_trunk *t, struct span bytes)
{
	const struct node *node = t->net->node[t->node].node;
	struct net_mark *m;

	if (t->dead || t->ending)
		return;
	check_reads(t, bytes);
	t->sent += bytes.n;
	t->unsent += bytes.n;
	if (t->nmark == t->capmark)
		t->mark = mem_grow(t->mark, &t->capmark, 16, sizeof(*t->mark));
	m = &t->mark[t->nmark++];
	*m = (struct net_mark){ .at = t->sent };
	vector_copy(&m->done, &link_net_log(node_links(node))->done);
	net_bytes_add(&t->way[WAY_DOWN], bytes);
	if (!t->held[WAY_DOWN])
		read_all(t);
}

/* ---- from the gate to the server ----------------------------------------- */

static bool
lives(const struct net_trunk *t)
{
	return !t->net->failed && t->net->node[t->node].life == t->life &&
	       t->net->node[t->node].node != NULL;
}

static bool
hears(const struct net_trunk *t)
{
	return !t->dead && !t->ending && lives(t);
}

/* Note which stream has come or gone for the server with this line. */
static void
note_line(struct net_trunk *t, struct span line)
{
	struct net_stream *s;
	struct span verb;
	uint64_t n;

	if (line.p[0] == '@')
		(void)span_word(&line);
	verb = span_word(&line);
	if (!span_u64(span_word(&line), &n) ||
	    (s = stream_of(t, (uint32_t)n)) == NULL)
		return;
	if (span_eq(verb, SPAN("NEW"))) {
		s->new_sent = true;
		s->refused = is_full(t);
		t->coming = s->number;
	}
	if (span_eq(verb, SPAN("CLOSED")))
		s->new_sent = false; /* nothing is for it any more */
}

static void pump(struct net_trunk *);

static void
pump_later(void *ctx, int64_t unused)
{
	struct net_trunk *t = ctx;

	(void)unused;
	t->queued = false;
	pump(t);
}

static void
give_lines(struct net_trunk *t, size_t upto)
{
	struct event ev = { .kind = EV_TRUNK_LINE, .conn = t->id };
	struct net_bytes *up = &t->way[WAY_UP];
	enum frame_result r;
	struct span win, line;

	while (hears(t)) {
		win = span_make(up->p, upto);
		r = frame_next(&t->frame[WAY_UP], &win, &line);
		ev.u.line.line = arena_span_dup(t->net->arena, line);
		net_bytes_cut(up, upto - win.n);
		upto = win.n;
		if (r == FRAME_MORE)
			break;
		note_line(t, ev.u.line.line);
		net_step(t->net, t->node, &ev);
		if (t->coming != 0)
			learn_id(t->stream[t->coming - 1]);
		t->coming = 0;
	}
}

static void
pump(struct net_trunk *t)
{
	if (t->pumping || t->held[WAY_UP] || !hears(t) || t->way[WAY_UP].n == 0)
		return;
	if (net_is_frozen(t->net, t->node)) {
		if (!t->queued)
			net_call_node(t->net, t->node, pump_later, t, 0);
		t->queued = true;
		return;
	}
	t->pumping = true;
	give_lines(t, t->way[WAY_UP].n);
	t->pumping = false;
}

static void say(struct net_trunk *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
say(struct net_trunk *t, const char *fmt, ...)
{
	char text[600];
	va_list ap;
	int n;

	if (t->dead)
		return;
	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	net_bytes_add(&t->way[WAY_UP], span_make(text, (size_t)n));
	net_bytes_add(&t->way[WAY_UP], SPAN("\r\n"));
	pump(t);
}

void
net_stream_line(struct net_stream *s, struct span line, enum frame_result r)
{
	struct net_bytes *up = &s->trunk->way[WAY_UP];
	char text[64];
	int n;

	n = snprintf(text, sizeof(text), "%sCMD %u %ju :",
	    r == FRAME_LONG  ? "@long "
	    : r == FRAME_BAD ? "@bad "
			     : "",
	    s->number, (uintmax_t)++s->c);
	net_bytes_add(up, span_make(text, (size_t)n));
	if (r != FRAME_BAD)
		net_bytes_add(up, line);
	net_bytes_add(up, SPAN("\r\n"));
	pump(s->trunk);
}

void
net_stream_excess(struct net_stream *s)
{
	if (s->excess || s->client->granted > 0)
		return;
	s->excess = true;
	s->trunk->net->gate_counts.excess++;
	say(s->trunk, "EXCESS %u", s->number);
}

void
net_stream_drained(struct net_stream *s)
{
	s->trunk->net->gate_counts.drained++;
	say(s->trunk, "DRAINED %u", s->number);
}

bool
net_stream_is_next(const struct net_stream *s)
{
	return s->core_reads > s->c && s->reads > s->c &&
	       net_trunk_is_idle(s->trunk);
}

bool
net_stream_eof(struct net_stream *s)
{
	const struct net_client *c = s->client;

	if (s->eof || s->closed || s->gone || c->granted > 0 || c->in.n == 0 ||
	    memchr(c->in.p, '\n', c->in.n) == NULL)
		return s->eof;
	s->eof = true;
	s->trunk->net->gate_counts.eof++;
	say(s->trunk, "EOF %u", s->number);
	return true;
}

void
net_stream_close(struct net_stream *s, const char *reason)
{
	if (s->closed || s->gone)
		return;
	s->closed = true;
	say(s->trunk, "CLOSED %u :%s", s->number, reason);
}

/* ---- the trunk ----------------------------------------------------------- */

struct net_trunk *
net_trunk_dial(struct net *net, unsigned gate, unsigned node)
{
	struct event ev = { .kind = EV_TRUNK_OPEN };
	struct net_trunk *t;

	if (!net_is_up(net, node) || net_is_frozen(net, node))
		return NULL;
	t = mem_zalloc(sizeof(*t));
	TAILQ_INSERT_TAIL(&net->trunks, t, link);
	t->net = net;
	t->gate = gate;
	t->node = node;
	t->life = net->node[node].life;
	t->id = net_conn_new(net, node, CONN_TRUNK);
	net_conn_find(net, node, t->id)->trunk = t;
	t->heard = net_ran(net, node);
	frame_init_link(&t->frame[WAY_UP]);
	frame_init_link(&t->frame[WAY_DOWN]);
	gate_init(&t->in, &ops, t);
	ev.conn = t->id;
	ev.u.link_open.addr = setup_gate_addr(gate);
	ev.u.link_open.proof.tls = true;
	ev.u.link_open.proof.has_pin = true;
	setup_gate_pin(gate, ev.u.link_open.proof.pin);
	net_step(net, node, &ev);
	say(t, "GATE 1 gate%u * :network=Test later=1 peers load place",
	    gate + 1);
	return t;
}

bool
net_trunk_is_up(const struct net_trunk *t)
{
	return !t->dead && !t->ending && t->in.state == GATE_UP;
}

bool
net_trunk_is_idle(const struct net_trunk *t)
{
	return !t->held[WAY_UP] && !t->held[WAY_DOWN] &&
	       t->way[WAY_UP].n == 0 && t->way[WAY_DOWN].n == 0;
}

/* End it for the gate, and all its clients. */
static void
end(struct net_trunk *t, const char *reason)
{
	struct net_gate_counts *n = &t->net->gate_counts;
	struct net_client *c;

	if (t->dead)
		return;
	t->dead = true;
	n->copies += t->in.copies;
	n->listed += t->in.listed;
	n->unlisted += t->in.unlisted;
	n->differences += t->in.differences;
	n->came += t->in.came;
	n->went += t->in.went;
	n->loads += t->in.loads;
	n->known += t->in.known;
	n->cut_up += t->way[WAY_UP].n > 0;
	n->cut_down += t->way[WAY_DOWN].n > 0;
	for (size_t i = 0; i < t->nstream; i++) {
		c = t->stream[i]->client;
		if (c->open)
			net_client_ends(c, span_of(reason));
	}
}

static void
tell_closed(struct net_trunk *t, bool held, const char *reason)
{
	struct event ev = { .kind = EV_TRUNK_CLOSED, .conn = t->id };

	net_conn_free(t->net, t->node, t->id);
	ev.u.closed.reason = span_of(reason);
	ev.u.closed.held = held;
	net_step(t->net, t->node, &ev);
}

void
net_trunk_cut(struct net_trunk *t, bool held, const char *reason)
{
	struct net *net = t->net;

	if (t->dead || t->ending || net_is_frozen(net, t->node))
		return;
	if (t->way[WAY_UP].n > 0)
		give_lines(t, (size_t)rng_below(&net->gates, t->way[WAY_UP].n));
	if (t->dead || t->ending || net->failed)
		return;
	if (held)
		net_bytes_add(&t->way[WAY_DOWN],
		    SPAN("ERROR restart :The server starts again\r\n"));
	t->expects = held;
	read_down(t, (size_t)rng_below(&net->gates, t->way[WAY_DOWN].n + 1));
	end(t, reason);
	if (lives(t))
		tell_closed(t, held, reason);
}

static void
finish(void *ctx, int64_t unused)
{
	struct net_trunk *t = ctx;

	(void)unused;
	if (t->dead)
		return;
	read_down(t, t->way[WAY_DOWN].n);
	end(t, "the server has closed the trunk");
	tell_closed(t, false, "closed");
}

void
net_trunk_finish(struct net_trunk *t)
{
	if (t->dead || t->ending)
		return;
	t->ending = true;
	net_call_node(t->net, t->node, finish, t, 0);
}

void
net_trunk_close(struct net_trunk *t)
{
	if (t->dead || t->ending)
		return;
	say(t, "ERROR stop :The gate stops");
}

void
net_trunk_lose_all(struct net *net, unsigned node)
{
	struct net_trunk *t;

	TAILQ_FOREACH(t, &net->trunks, link)
		if (t->node == node && !t->dead) {
			end(t, "killed");
			net_conn_free(net, node, t->id);
		}
}

void
net_trunk_hold(struct net_trunk *t, enum net_way way, bool on)
{
	t->held[way] = on;
	if (on || t->dead)
		return;
	if (way == WAY_UP)
		pump(t);
	else if (t->way[WAY_DOWN].n > 0)
		read_all(t);
}

void
net_trunk_beat(struct net_trunk *t)
{
	uint64_t ms = now_ms(t->net);

	if (t->dead || t->ending)
		return;
	gate_beat(&t->in, ms);
	say(t, "BEAT %ju", (uintmax_t)ms);
	if (t->in.state == GATE_UP)
		say(t, "PLACE %ju :* %s 127.0.0.1", (uintmax_t)gate_ask(&t->in),
		    ms % 2 == 0 ? "Ann" : "bob");
	if (hears(t) && !t->held[WAY_DOWN] && t->in.state == GATE_UP &&
	    net_ran(t->net, t->node) - t->heard >
		BEAT_MS_MOST * NS_PER_MS + t->net->node[t->node].turn_ns)
		fail(t, "4.4: nothing was heard for %ju ms",
		    (uintmax_t)((net_ran(t->net, t->node) - t->heard) /
				NS_PER_MS));
}

void
net_trunk_free(struct net_trunk *t)
{
	for (size_t i = 0; i < t->nstream; i++) {
		free(t->stream[i]->want.p);
		free(t->stream[i]);
	}
	for (size_t i = 0; i < t->nmark; i++)
		vector_fini(&t->mark[i].done);
	free(t->mark);
	free(t->stream);
	free(t->way[WAY_UP].p);
	free(t->way[WAY_DOWN].p);
	gate_fini(&t->in);
	free(t);
}

/* ---- clients ------------------------------------------------------------- */

static struct net_stream *
stream_new(struct net_trunk *t, struct net_client *c)
{
	struct net_stream *s = mem_zalloc(sizeof(*s));

	s->trunk = t;
	s->client = c;
	s->number = gate_new_stream(&t->in);
	s->sendq = c->sendq;
	s->recvq = c->recvq;
	if (t->nstream == t->capstream)
		t->stream = mem_grow(t->stream, &t->capstream, 16,
		    sizeof(struct net_stream *));
	t->stream[t->nstream++] = s;
	return s;
}

static void
write_pin(struct writer *w, char c)
{
	char pin[PIN_LEN];

	memset(pin, c, sizeof(pin));
	writer_str(w, ";pin=");
	writer_hex(w, span_make(pin, sizeof(pin)));
}

struct net_client *
net_trunk_connect(struct net_trunk *t, struct addr addr, uint16_t port,
    bool tls, void *ctx)
{
	struct net *net = t->net;
	struct net_client *c = net_client_new(net, t->node, addr, ctx);
	char text[500];
	struct writer w;

	c->open = true;
	c->stream = stream_new(t, c);
	c->sendq = c->recvq = EARLY_BYTES;
	writer_init(&w, text, sizeof(text));
	/* the simulator has people who insist on their server */
	writer_str(&w, "@over;rate=64;addr=");
	addr_build(&w, &addr);
	writer_str(&w, ";later=\\:x;port=");
	writer_u64(&w, port);
	if (tls) {
		writer_str(&w, ";tls=TLSv1.3-TLS_AES_256_GCM_SHA384");
		if (net->asked != NULL) {
			writer_str(&w, ";sni=");
			writer_str(&w, net->asked);
		}
		if (net->cert != '\0')
			write_pin(&w, net->cert);
	}
	writer_str(&w, net->web ? ";web" : "");
	writer_str(&w, " NEW ");
	writer_u64(&w, c->stream->number);
	say(t, "%.*s", SPAN_ARG(writer_done(&w)));
	return c;
}

size_t
net_trunk_streams(const struct net_trunk *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->nstream; i++)
		n += !t->stream[i]->closed && !t->stream[i]->gone;
	return n;
}

/* ---- at rest ------------------------------------------------------------- */

static void
check_stream(struct net_trunk *t, const struct net_stream *s)
{
	if (s->closed || s->gone)
		return;
	if (s->want_gone)
		fail(t, "stream %u has had no GONE", s->number);
	if (s->want.n > 0)
		fail(t, "stream %u never gets %.*s", s->number,
		    (int)(s->want.n < 200 ? s->want.n : 200), s->want.p);
	if (s->core_reads > s->c && s->reads <= s->c)
		fail(t, "stream %u is never granted line %ju", s->number,
		    (uintmax_t)s->c + 1);
	if (s->client->sendq != s->sendq || s->client->recvq != s->recvq)
		fail(t, "stream %u has other limits than the server says",
		    s->number);
}

/* Compare the lists of the gate with those of the server. */
static void
check_lists(struct net_trunk *t, const struct lists *x)
{
	const struct gate_list *mine;
	const struct list *l;
	size_t n = 0;

	TAILQ_FOREACH(l, &x->used, used) {
		mine = l->g > t->in.nlist ? NULL : &t->in.list[l->g - 1];
		n++;
		if (mine == NULL || !mine->used || mine->n != l->n) {
			fail(t, "list %u is another one", l->g);
			return;
		}
		for (uint32_t i = 0; i < l->n; i++)
			if (!gate_list_has(mine, l->v[i]))
				fail(t, "list %u lacks stream %u", l->g,
				    l->v[i]);
	}
	if (n != t->in.nused)
		fail(t, "%zu lists, the server has %zu", t->in.nused, n);
}

void
net_trunk_check_rest(struct net_trunk *t)
{
	const struct trunk *x;

	if (!net_trunk_is_idle(t) || !hears(t))
		return;
	if (!net_trunk_is_up(t)) {
		if (core_is_ready(node_core(t->net->node[t->node].node)))
			fail(t, "4.2: SERVER has not come");
		return;
	}
	x = at_server(t);
	if (x == NULL) {
		fail(t, "the server does not know the trunk");
		return;
	}
	if (t->in.answered != t->in.asked)
		fail(t, "12.2: %ju questions, and %ju answers",
		    (uintmax_t)t->in.asked, (uintmax_t)t->in.answered);
	if (x->nstreams != net_trunk_streams(t))
		fail(t, "%zu streams, the server has %zu", net_trunk_streams(t),
		    x->nstreams);
	for (size_t i = 0; i < t->nstream; i++)
		check_stream(t, t->stream[i]);
	check_lists(t, &x->lists);
}
