/*
 * Effects are carried out in order, right after the step. A connection has two
 * ends. Bytes that are sent into one end wait at the other as text, and are cut
 * into lines when they are delivered: one line at a time, connections in turn,
 * so that lines of different links interleave as on a network.
 */
#include "unit/node/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "lib/limits.h"
#include "lib/mutation.h"
#include "lib/unit.h"
#include "wire/addr.h"

#define START_MS INT64_C(1700000000000)
#define EVENT_MAX 2000000 /* steps; more mean an endless loop */

struct bytes {
	char *p;
	size_t n, at; /* at: bytes that are delivered */
};

/* One end of a connection. */
struct end {
	unsigned node; /* 0: played by the test */
	bool is_link, open, takes;
	bool on_hold;	   /* its node reads nothing of it */
	bool drain;	   /* its node waits until nothing is held */
	unsigned other;	   /* index of the other end; 0: the test */
	struct bytes in;   /* lines for this node, or heard */
	struct bytes held; /* played by the test: not taken yet */
	size_t taken;	   /* bytes that went out and were not reported */
};

struct server_box {
	struct node *node;
	struct effects fx;
	struct settings set;
	struct peer_settings peer[WORLD_NODES];
	struct peer_address address[WORLD_NODES];
	struct class_settings class;
	char name[32];
	int64_t skew;
	uint32_t inc;
	bool renews; /* asked for a new run, with an inc above renew */
	uint32_t renew;
	struct mono deadline;
	unsigned logged[LOG_COUNT];
	char log_text[LOG_COUNT][512];
	char control[8192];
};

struct world {
	unsigned n;
	int64_t ms;
	struct server_box box[WORLD_NODES];
	struct end end[WORLD_CONNS];
	unsigned nend;
	bool allowed[WORLD_NODES][WORLD_NODES];
	struct arena *arena;
	unsigned steps, depth; /* depth: of steps within steps */
	bool no_ticks;	       /* by themselves */
	bool held;	       /* nothing is delivered */
	char *sent;	       /* verbs of all lines of links */
	size_t nsent, capsent;
};

static const char *const names[WORLD_NODES] = { "", "001.example.org",
	"002.example.org", "003.example.org", "004.example.org",
	"005.example.org" };

static struct sid
sid_of(unsigned i)
{
	struct sid sid = { "000" };

	sid.s[2] = (char)('0' + i);
	return sid;
}

static void
bytes_add(struct bytes *t, const void *p, size_t n)
{
	t->p = realloc(t->p, t->n + n + 1);
	memcpy(t->p + t->n, p, n);
	t->n += n;
	t->p[t->n] = '\0';
}

static void
settings_init(struct world *w, unsigned i)
{
	struct server_box *b = &w->box[i];
	unsigned char lo[4] = { 127, 0, 0, 1 };

	b->class = (struct class_settings){ .name = SPAN("all"),
		.sendq = 1 << 20,
		.recvq = 16384,
		.registration_s = 30,
		.ping_s = 120,
		.ping_close_s = 60 };
	b->set = (struct settings){ .name = span_of(names[i]),
		.sid = sid_of(i),
		.network = SPAN("Test"),
		.description = SPAN("a server"),
		.utf8only = true,
		DEFAULT_LIMITS,
		.class = &b->class,
		.nclass = 1,
		.keep_s = 60,
		.keep_bytes = 1 << 20,
		.link_silence_s = 4,
		.alone_ms = 1000 };
	for (unsigned k = 1; k <= w->n; k++) {
		if (k == i)
			continue;
		b->address[b->set.npeer] =
		    (struct peer_address){ .addr = addr_v4(lo),
			    .port = (uint16_t)k };
		b->peer[b->set.npeer] =
		    (struct peer_settings){ .name = span_of(names[k]),
			    .sid = sid_of(k),
			    .plaintext = true,
			    .naddress = 1,
			    .address = &b->address[b->set.npeer] };
		b->set.npeer++;
	}
	b->set.peer = b->peer;
}

struct world *
world_new(unsigned n)
{
	struct world *w = calloc(1, sizeof(*w));

	w->n = n;
	w->ms = 1000;
	w->nend = 1;
	w->arena = arena_new(4096);
	for (unsigned i = 1; i <= n; i++)
		settings_init(w, i);
	return w;
}

void
world_free(struct world *w)
{
	for (unsigned i = 1; i <= w->n; i++)
		if (w->box[i].node != NULL)
			world_kill(w, i);
	for (unsigned i = 0; i < w->nend; i++) {
		free(w->end[i].in.p);
		free(w->end[i].held.p);
	}
	free(w->sent);
	arena_free(w->arena);
	free(w);
}

struct settings *
world_settings(struct world *w, unsigned i)
{
	return &w->box[i].set;
}

/* ---- carrying out effects ------------------------------------------- */

static void step(struct world *, unsigned i, struct event *);

static struct conn_id
conn_of(unsigned end)
{
	return (struct conn_id){ .slot = end, .gen = end };
}

static unsigned
end_new(struct world *w, unsigned node, bool is_link)
{
	ck_assert_uint_lt(w->nend, WORLD_CONNS);
	w->end[w->nend] = (struct end){
		.node = node, .is_link = is_link, .open = true, .takes = true
	};
	return w->nend++;
}

/*
 * Close both ends. A node that has not closed its end itself is told after it
 * has read everything.
 */
static void
hang_up(struct world *w, unsigned end)
{
	if (!w->end[end].open)
		return;
	w->end[end].open = false;
	if (w->end[end].other != 0 && w->end[w->end[end].other].open) {
		unsigned other = w->end[end].other;

		bytes_add(&w->end[other].in, "\n", 1); /* an empty line */
	}
}

static void
count_line(struct world *w, const char *line)
{
	size_t n = strcspn(line, " \r") + 1;

	if (w->nsent + n + 1 > w->capsent) {
		w->capsent = 2 * w->capsent + 4096;
		w->sent = realloc(w->sent, w->capsent);
	}
	memcpy(w->sent + w->nsent, line, n - 1);
	w->nsent += n;
	w->sent[w->nsent - 1] = '\0';
}

static void
on_send(struct world *w, const struct effect *e)
{
	struct span s = rcbuf_span(e->u.send.buf);

	for (size_t i = 0; i < e->u.send.nto; i++) {
		struct end *from = &w->end[e->u.send.to[i].slot];

		if (!from->open)
			continue;
		if (from->other != 0)
			bytes_add(&w->end[from->other].in, s.p, s.n);
		else
			bytes_add(from->takes ? &from->in : &from->held, s.p,
			    s.n);
		if (from->is_link && from->takes)
			from->taken += s.n;
	}
}

static void
open_link(struct world *w, unsigned end, bool dialled, uint64_t dial,
    const struct peer_proof *proof)
{
	struct event ev = { .kind = EV_LINK_OPEN, .conn = conn_of(end) };
	unsigned char lo[4] = { 127, 0, 0, 1 };

	ev.u.link_open.proof = *proof;
	ev.u.link_open.dialled = dialled;
	ev.u.link_open.dial = dial;
	ev.u.link_open.addr = addr_v4(lo);
	step(w, w->end[end].node, &ev);
}

static void
on_dial(struct world *w, unsigned i, const struct effect *e)
{
	const struct peer_proof proof = { .loopback = true };
	unsigned to = e->u.dial.port, a, b;

	if (to == 0 || to > w->n || w->box[to].node == NULL ||
	    !w->allowed[i][to]) {
		struct event ev = { .kind = EV_DIAL_FAILED };

		ev.u.dial_failed.dial = e->u.dial.dial;
		ev.u.dial_failed.reason = SPAN("refused");
		step(w, i, &ev);
		return;
	}
	a = end_new(w, i, true);
	b = end_new(w, to, true);
	w->end[a].other = b;
	w->end[b].other = a;
	open_link(w, a, true, e->u.dial.dial, &proof);
	open_link(w, b, false, 0, &proof);
}

static void
on_log(struct world *w, unsigned i, const struct effect *e)
{
	char *text = w->box[i].log_text[e->u.log.row];
	size_t n = 0;

	w->box[i].logged[e->u.log.row]++;
	for (size_t k = 0; k < e->u.log.nfield; k++)
		n += (size_t)snprintf(text + n, n < 512 ? 512 - n : 0,
		    "%s%s=%.*s", k > 0 ? " " : "", e->u.log.field[k].key,
		    SPAN_ARG(e->u.log.field[k].value));
}

static void
on_control(struct world *w, unsigned i, const struct effect *e)
{
	char *text = w->box[i].control;
	size_t n = strlen(text);

	if (e->u.control.line.n > 0)
		snprintf(text + n, sizeof(w->box[i].control) - n, "%.*s\n",
		    SPAN_ARG(e->u.control.line));
}

/* Uids are stored at once. Passwords are never compared. */
static void
on_ask(struct world *w, unsigned i, const struct effect *e)
{
	struct event ev = { .kind = EV_ANSWERED };

	ev.u.answered.token = e->u.ask.token;
	ev.u.answered.kind = e->u.ask.kind;
	if (e->u.ask.kind == REQUEST_UIDS)
		step(w, i, &ev);
}

static void
tell_drained(struct world *w, unsigned end)
{
	struct event ev = { .kind = EV_DRAINED, .conn = conn_of(end) };

	if (!w->end[end].drain)
		return;
	w->end[end].drain = false;
	step(w, w->end[end].node, &ev);
}

static void
carry_out(struct world *w, unsigned i, const struct effect *e)
{
	switch (e->kind) {
	case EFF_SEND:
		on_send(w, e);
		break;
	case EFF_CLOSE:
		hang_up(w, e->u.close.conn.slot);
		break;
	case EFF_LOG:
		on_log(w, i, e);
		break;
	case EFF_CONTROL:
		on_control(w, i, e);
		break;
	case EFF_DIAL:
		on_dial(w, i, e);
		break;
	case EFF_HOLD:
		w->end[e->u.hold.conn.slot].on_hold = e->u.hold.on;
		break;
	case EFF_DRAIN:
		w->end[e->u.drain.conn.slot].drain = true;
		if (w->end[e->u.drain.conn.slot].takes)
			tell_drained(w, e->u.drain.conn.slot);
		break;
	case EFF_RENEW:
		w->box[i].renew = e->u.renew.above;
		w->box[i].renews = true;
		break;
	case EFF_ASK:
		on_ask(w, i, e);
		break;
	case EFF_READ:
	case EFF_QUEUES:
	case EFF_STOP:
	case EFF_STORE:
	case EFF_COUNT:
		break;
	}
}

static void
look_after(struct world *w, unsigned i)
{
	const char *why = link_check(world_links(w, i), w->arena);

	if (why == NULL)
		why = core_check(node_core(w->box[i].node), w->arena);
	ck_assert_msg(why == NULL, "node %u: %s", i, why);
	arena_reset(w->arena);
}

static void
begin_again(struct world *w, unsigned i)
{
	struct server_box *b = &w->box[i];
	uint32_t inc = b->inc > b->renew ? b->inc : b->renew;

	b->renews = false;
	world_kill(w, i);
	world_start(w, i, inc + 1);
}

/*
 * A step of a node may lie within the effects of another node's step: each step
 * has its own list.
 */
static void
step(struct world *w, unsigned i, struct event *ev)
{
	struct server_box *b = &w->box[i];
	struct effects fx;

	if (b->node == NULL)
		return;
	ck_assert_uint_lt(++w->steps, EVENT_MAX);
	w->depth++;
	ev->now = (struct mono){ w->ms * NS_PER_MS };
	ev->wall = (struct wall){ START_MS + w->ms + b->skew };
	effects_init(&fx);
	node_step(b->node, ev, &fx);
	b->deadline = fx.deadline;
	look_after(w, i);
	for (size_t k = 0; k < fx.n; k++)
		if (b->node != NULL)
			carry_out(w, i, &fx.v[k]);
	effects_fini(&fx);
	w->depth--;
	for (unsigned k = 1; k <= w->n && w->depth == 0; k++)
		if (w->box[k].renews)
			begin_again(w, k);
}

/* ---- nodes ---------------------------------------------------------- */

void
world_start(struct world *w, unsigned i, uint32_t inc)
{
	struct server_box *b = &w->box[i];
	struct event ev = { .kind = EV_SEED };

	ck_assert_ptr_null(b->node);
	b->node = node_new();
	b->inc = inc;
	b->deadline = MONO_NEVER;
	memset(ev.u.seed.seed, (int)(i * 16 + inc), sizeof(ev.u.seed.seed));
	ev.u.seed.inc = inc;
	ev.u.seed.uid_from = inc * UINT64_C(1000);
	ev.u.seed.uid_upto = ev.u.seed.uid_from + 1000;
	step(w, i, &ev);
	mutation_of_node(b->node); /* SEED sets up the facts */
	ev = (struct event){ .kind = EV_CONF };
	ev.u.conf.settings = &b->set;
	step(w, i, &ev);
}

void
world_start_two(struct world *w, int64_t ms)
{
	world_start(w, 1, 100);
	world_start(w, 2, 100);
	world_run(w, ms);
}

void
world_reload(struct world *w, unsigned i, const struct settings *set)
{
	struct event ev = { .kind = EV_CONF };

	ev.u.conf.settings = set;
	step(w, i, &ev);
}

void
world_kill(struct world *w, unsigned i)
{
	for (unsigned k = 1; k < w->nend; k++)
		if (w->end[k].node == i)
			hang_up(w, k);
	node_free(w->box[i].node);
	w->box[i].node = NULL;
	w->box[i].deadline = MONO_NEVER;
}

void
world_skew(struct world *w, unsigned i, int64_t ms)
{
	w->box[i].skew = ms;
}

void
world_allow(struct world *w, unsigned a, unsigned b, bool yes)
{
	w->allowed[a][b] = w->allowed[b][a] = yes;
	for (unsigned k = 1; k < w->nend && !yes; k++) {
		struct end *e = &w->end[k];
		bool there = e->other != 0 &&
			     ((e->node == a && w->end[e->other].node == b) ||
				 (e->node == b && w->end[e->other].node == a));

		if (there && e->open) {
			/* Bytes in flight are lost. */
			w->end[e->other].in.at = w->end[e->other].in.n;
			e->in.at = e->in.n;
			bytes_add(&e->in, "\n", 1);
			bytes_add(&w->end[e->other].in, "\n", 1);
		}
	}
}

void
world_allow_all(struct world *w)
{
	for (unsigned a = 1; a <= w->n; a++)
		for (unsigned b = 1; b <= w->n; b++)
			w->allowed[a][b] = a != b;
}

/* Deliver one line of an end, if there is one; an empty line is its end. */
static bool
deliver(struct world *w, unsigned k)
{
	struct end *e = &w->end[k];
	struct event ev = { .conn = conn_of(k) };
	const char *p, *nl;
	char *copy;

	if (e->node == 0 || e->other == 0 || !e->open || e->on_hold ||
	    e->in.at >= e->in.n)
		return false;
	p = e->in.p + e->in.at;
	nl = memchr(p, '\n', e->in.n - e->in.at);
	ck_assert_ptr_nonnull(nl);
	e->in.at += (size_t)(nl - p) + 1;
	if (nl == p) {
		e->open = false;
		ev.kind = EV_LINK_CLOSED;
		ev.u.closed.reason = SPAN("connection reset");
		step(w, e->node, &ev);
		return true;
	}
	count_line(w, p);
	copy = malloc((size_t)(nl - p));
	memcpy(copy, p, (size_t)(nl - p) - 1);
	ev.kind = EV_LINK_LINE;
	ev.u.line.line = span_make(copy, (size_t)(nl - p) - 1);
	step(w, e->node, &ev);
	free(copy);
	return true;
}

/* Tell the sender of bytes that went out. */
static bool
tell_taken(struct world *w, unsigned k)
{
	struct event ev = { .kind = EV_LINK_WRITABLE, .conn = conn_of(k) };

	if (!w->end[k].open || w->end[k].taken == 0)
		return false;
	ev.u.writable.taken = w->end[k].taken;
	w->end[k].taken = 0;
	step(w, w->end[k].node, &ev);
	return true;
}

/* A node that asks for a tick at once gets it, as from the loop. */
static bool
tick_now(struct world *w, unsigned i)
{
	struct event ev = { .kind = EV_TICK };

	if (w->box[i].node == NULL || w->no_ticks ||
	    w->box[i].deadline.ns > w->ms * NS_PER_MS)
		return false;
	step(w, i, &ev);
	return true;
}

void
world_ticks(struct world *w, bool yes)
{
	w->no_ticks = !yes;
}

void
world_tick_after(struct world *w, unsigned i, int64_t ms)
{
	struct event ev = { .kind = EV_TICK };

	w->ms += ms;
	step(w, i, &ev);
}

void
world_tick(struct world *w, unsigned i)
{
	world_tick_after(w, i, 0);
}

static void
deliver_all(struct world *w)
{
	bool any;

	do {
		any = false;
		if (w->held)
			return;
		for (unsigned i = 1; i <= w->n; i++)
			any = tick_now(w, i) || any;
		for (unsigned k = 1; k < w->nend; k++) {
			any = tell_taken(w, k) || any;
			any = deliver(w, k) || any;
		}
	} while (any);
}

void
world_run(struct world *w, int64_t ms)
{
	int64_t until = w->ms + ms;

	deliver_all(w);
	while (w->ms < until) {
		int64_t next = until;

		for (unsigned i = 1; i <= w->n; i++) {
			struct mono at = w->box[i].deadline;
			int64_t due = mono_is_never(at)
					  ? until
					  : (at.ns + NS_PER_MS - 1) / NS_PER_MS;

			if (w->box[i].node != NULL && due < next)
				next = due;
		}
		w->ms = next > w->ms ? next : w->ms + 1;
		for (unsigned i = 1; i <= w->n; i++) {
			struct event ev = { .kind = EV_TICK };
			struct mono now = { w->ms * NS_PER_MS };

			if (w->box[i].node != NULL &&
			    mono_cmp(w->box[i].deadline, now) <= 0)
				step(w, i, &ev);
		}
		deliver_all(w);
	}
}

void
world_pause(struct world *w, unsigned i, int64_t ms)
{
	struct event ev = { .kind = EV_TICK };

	w->ms += ms;
	step(w, i, &ev);
}

const struct node *
world_node(struct world *w, unsigned i)
{
	return w->box[i].node;
}

const struct link_net *
world_links(struct world *w, unsigned i)
{
	return node_links(w->box[i].node);
}

struct arena *
world_arena(struct world *w)
{
	return w->arena;
}

uint32_t
world_visible(struct world *w, unsigned at, unsigned i)
{
	struct sid sid = { "000" };
	const struct map_server *s;

	sid.s[2] = (char)('0' + i);
	s = netmap_find(link_net_map(world_links(w, at)), sid);
	return s != NULL ? s->visible : 0;
}

bool
world_agrees(struct world *w, unsigned a, unsigned b)
{
	const struct log *la = link_net_log(world_links(w, a));
	const struct log *lb = link_net_log(world_links(w, b));
	struct arena *arena = arena_new(4096);
	bool yes = vector_eq(&la->have, &lb->have) &&
		   span_eq(core_canon(node_core(w->box[a].node), arena),
		       core_canon(node_core(w->box[b].node), arena));

	arena_free(arena);
	return yes;
}

bool
world_has_fact(struct world *w, unsigned i, const char *piece)
{
	struct arena *arena = arena_new(4096);
	struct span all = core_canon(node_core(w->box[i].node), arena);
	bool yes = memmem(all.p, all.n, piece, strlen(piece)) != NULL;

	arena_free(arena);
	return yes;
}

unsigned
world_runs(struct world *w, unsigned i, const char *sid)
{
	const struct vector *have = &link_net_log(world_links(w, i))->have;
	unsigned n = 0;

	for (size_t k = 0; k < have->n; k++)
		n += strcmp(have->v[k].o.sid.s, sid) == 0;
	return n;
}

/* ---- played by the test --------------------------------------------- */

unsigned
world_client(struct world *w, unsigned i)
{
	unsigned k = end_new(w, i, false);
	struct event ev = { .kind = EV_CONN_OPEN, .conn = conn_of(k) };
	unsigned char lo[4] = { 127, 0, 0, 1 };

	ev.u.open.addr = addr_v4(lo);
	ev.u.open.port = 6667;
	step(w, i, &ev);
	return k;
}

unsigned
world_peer_as(struct world *w, unsigned i, const struct peer_proof *proof)
{
	unsigned k = end_new(w, i, true);

	open_link(w, k, false, 0, proof);
	return k;
}

unsigned
world_peer(struct world *w, unsigned i)
{
	const struct peer_proof proof = { .loopback = true };

	return world_peer_as(w, i, &proof);
}

static void
say(struct world *w, unsigned conn, const char *line, unsigned other)
{
	struct end *e = &w->end[conn];
	struct event ev = { .conn = conn_of(conn) };
	struct conn_id also = conn_of(other);
	size_t n = strlen(line);
	char *copy = malloc(n + 1);

	memcpy(copy, line, n);
	ev.kind = e->is_link ? EV_LINK_LINE : EV_LINE;
	ev.u.line.line = span_make(copy, n);
	ev.u.line.also = &also;
	ev.u.line.nalso = other != conn;
	step(w, e->node, &ev);
	free(copy);
	deliver_all(w);
}

void
world_say(struct world *w, unsigned conn, const char *line)
{
	say(w, conn, line, conn);
}

void
world_say_also(struct world *w, unsigned conn, const char *line, unsigned other)
{
	say(w, conn, line, other);
}

void
world_hold(struct world *w, bool held)
{
	w->held = held;
	deliver_all(w);
}

unsigned
world_user(struct world *w, unsigned i, const char *nick)
{
	unsigned k = world_client(w, i);
	char line[128];

	snprintf(line, sizeof(line), "NICK %s", nick);
	world_say(w, k, line);
	snprintf(line, sizeof(line), "USER %s 0 * :%s", nick, nick);
	world_say(w, k, line);
	ck_assert_msg(world_hears(w, k, " 001 "), "not registered: %s",
	    world_heard(w, k));
	world_forget(w, k);
	return k;
}

void
world_hang_up(struct world *w, unsigned conn)
{
	struct event ev = { .kind = EV_CONN_CLOSED, .conn = conn_of(conn) };

	if (w->end[conn].is_link)
		ev.kind = EV_LINK_CLOSED;
	ev.u.closed.reason = SPAN("gone");
	w->end[conn].open = false;
	step(w, w->end[conn].node, &ev);
}

const char *
world_heard(struct world *w, unsigned conn)
{
	return w->end[conn].in.p != NULL ? w->end[conn].in.p : "";
}

bool
world_hears(struct world *w, unsigned conn, const char *piece)
{
	return strstr(world_heard(w, conn), piece) != NULL;
}

void
world_forget(struct world *w, unsigned conn)
{
	w->end[conn].in.n = 0;
	if (w->end[conn].in.p != NULL)
		w->end[conn].in.p[0] = '\0';
}

bool
world_is_closed(struct world *w, unsigned conn)
{
	return !w->end[conn].open;
}

bool
world_is_held(struct world *w, unsigned conn)
{
	return w->end[conn].on_hold;
}

void
world_takes(struct world *w, unsigned conn, bool yes)
{
	struct end *e = &w->end[conn];

	e->takes = yes;
	if (!yes)
		return;
	if (e->held.n > 0)
		bytes_add(&e->in, e->held.p, e->held.n);
	e->taken += e->held.n;
	e->held.n = 0;
	tell_drained(w, conn);
	deliver_all(w);
}

size_t
world_unread(const struct world *w, unsigned conn)
{
	return w->end[conn].held.n;
}

unsigned
world_logged(struct world *w, unsigned i, enum log_row row)
{
	return w->box[i].logged[row];
}

const char *
world_log_text(struct world *w, unsigned i, enum log_row row)
{
	return w->box[i].log_text[row];
}

unsigned
world_lines(struct world *w, const char *verb)
{
	unsigned n = 0;

	for (size_t at = 0; at < w->nsent; at += strlen(w->sent + at) + 1)
		n += strcmp(w->sent + at, verb) == 0;
	return n;
}

const char *
world_control(struct world *w, unsigned i, const char *line)
{
	struct event ev = { .kind = EV_CONTROL };

	w->box[i].control[0] = '\0';
	ev.u.control.token = 1;
	ev.u.control.line = span_of(line);
	step(w, i, &ev);
	return w->box[i].control;
}

void
world_order(struct world *w, unsigned i, const char *line, const char *answer)
{
	const char *got = world_control(w, i, line);

	ck_assert_msg(strncmp(got, answer, strlen(answer)) == 0,
	    "%s: \"%s\", not \"%s\"", line, got, answer);
}
