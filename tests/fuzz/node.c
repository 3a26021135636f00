/*
 * node: a stream of events into one node, from clients and a linked server.
 * Each line of the input is one event. Effects that want an answer get one.
 * After each step the invariants hold, and at the end every pool is empty.
 *
 *	oN		client N (a letter) connects
 *	N LINE		client N sends LINE, whether it may or not
 *	EN, FN		client N sends no more; more than it may
 *	cN		the connection of client N breaks
 *	hN		it ends by a restart, which may hold the user
 *	+MS		time passes
 *	L, K LINE, X	a server links, sends a line, goes away
 *	W		it has taken what was sent
 *	R		the configuration is read again
 *	S KEY TAB TEXT	the store had this; a bar in TEXT stands for LF. Without
 *			TEXT it has a note that the key was removed
 *	T, U		the store has no more; it has lost everything
 *	H		requests are not answered from now on
 *	AN		the last request but N is answered: late, out of order,
 *			once more, or after it has expired
 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "core/core.h"
#include "link/net.h"
#include "node/node.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define START_MS INT64_C(1700000000000)
#define CLIENTS 26
#define EVENTS_MAX 400 /* of one input */
#define ANSWERS_MAX 256
#define LINK_SLOT 100
#define HELD 16 /* requests that can be answered later */

struct fuzz {
	struct node *node;
	struct effects fx;
	struct arena *arena;
	struct settings settings;
	struct class_settings class;
	struct peer_settings peer;
	struct oper_settings oper;
	struct net_settings net;
	struct gateway_settings gateway;
	int64_t ms;
	uint32_t gen[CLIENTS];
	bool open[CLIENTS];
	uint32_t link_gen;
	bool link_open;
	size_t taken; /* bytes sent to the link */
	struct event answer[ANSWERS_MAX];
	size_t nanswers;
	bool holds;		 /* H came */
	struct event held[HELD]; /* answers of the last requests */
	size_t nheld;
};

static void
answer(struct fuzz *f, const struct event *ev)
{
	if (f->nanswers < ANSWERS_MAX)
		f->answer[f->nanswers++] = *ev;
}

static void
closed(struct fuzz *f, struct conn_id id)
{
	struct event ev = { .conn = id };

	ev.u.closed.reason = SPAN("closed by the node");
	if (id.slot == LINK_SLOT && f->link_open && id.gen == f->link_gen) {
		f->link_open = false;
		ev.kind = EV_LINK_CLOSED;
	} else if (id.slot < CLIENTS && f->open[id.slot] &&
		   id.gen == f->gen[id.slot]) {
		f->open[id.slot] = false;
		ev.kind = EV_CONN_CLOSED;
	} else
		return;
	answer(f, &ev);
}

static enum answer_status
judge_password(const struct fuzz *f, struct span bytes)
{
	struct span verifier, password;

	request_password_split(bytes, &verifier, &password);
	assert(span_eq(verifier, f->oper.verifier));
	if (span_eq(password, SPAN("busy")))
		return ANSWER_REFUSED;
	return password.n > 3 ? ANSWER_OK : ANSWER_NO;
}

/* Answer a request, unless requests wait for AN. A password is right if it is
 * long enough, and all else is ok. */
static void
answer_request(struct fuzz *f, const struct effect *e)
{
	struct event ev = { .kind = EV_ANSWERED };

	ev.u.answered.token = e->u.ask.token;
	ev.u.answered.kind = e->u.ask.kind;
	if (e->u.ask.kind == REQUEST_OPER || e->u.ask.kind == REQUEST_PASS ||
	    e->u.ask.kind == REQUEST_WEBIRC)
		ev.u.answered.status = judge_password(f, e->u.ask.bytes);
	if (e->u.ask.kind == REQUEST_NAME)
		ev.u.answered.bytes = SPAN("host.example");
	if (e->u.ask.kind == REQUEST_LISTED)
		ev.u.answered.bytes = SPAN("127.0.0.2 127.0.0.4");
	if (e->u.ask.kind == REQUEST_COUNTRY)
		ev.u.answered.bytes = SPAN("DE");
	if (e->u.ask.kind == REQUEST_FIGURES)
		ev.u.answered.bytes = SPAN("6667 * 2 clients\n");
	f->held[f->nheld++ % HELD] = ev;
	if (!f->holds)
		answer(f, &ev);
}

static void
carry(struct fuzz *f, const struct effect *e)
{
	struct event ev = { 0 };

	switch (e->kind) {
	case EFF_SEND:
		for (size_t i = 0; i < e->u.send.nto; i++)
			if (e->u.send.to[i].slot == LINK_SLOT)
				f->taken += e->u.send.buf->n;
		break;
	case EFF_CLOSE:
		closed(f, e->u.close.conn);
		break;
	case EFF_DRAIN:
		ev.kind = EV_DRAINED;
		ev.conn = e->u.drain.conn;
		answer(f, &ev);
		break;
	case EFF_ASK:
		answer_request(f, e);
		break;
	case EFF_DIAL:
		ev.kind = EV_DIAL_FAILED;
		ev.u.dial_failed.dial = e->u.dial.dial;
		ev.u.dial_failed.reason = SPAN("refused");
		answer(f, &ev);
		break;
	case EFF_READ:
	case EFF_QUEUES:
	case EFF_HOLD:
	case EFF_STORE:
	case EFF_RENEW:
	case EFF_STOP:
	case EFF_LOG:
	case EFF_CONTROL:
	case EFF_COUNT:
		break;
	}
}

static void
one(struct fuzz *f, struct event *ev)
{
	const char *why;

	ev->now = (struct mono){ f->ms * NS_PER_MS };
	ev->wall = (struct wall){ START_MS + f->ms };
	node_step(f->node, ev, &f->fx);
	for (size_t i = 0; i < f->fx.n; i++)
		carry(f, &f->fx.v[i]);
	effects_clear(&f->fx);
	why = link_check(node_links(f->node), f->arena);
	assert(why == NULL);
	why = core_check(node_core(f->node), f->arena);
	assert(why == NULL);
	arena_reset(f->arena);
}

/* Step the node with the event, and answer its effects. */
static void
step(struct fuzz *f, struct event *ev)
{
	struct event next;

	one(f, ev);
	for (size_t i = 0; i < f->nanswers; i++) {
		next = f->answer[i];
		one(f, &next);
	}
	f->nanswers = 0;
}

static void
begin(struct fuzz *f)
{
	struct event ev = { .kind = EV_SEED };

	memset(f, 0, sizeof(*f));
	f->arena = arena_new(64 * 1024);
	effects_init(&f->fx);
	f->node = node_new();
	f->class = (struct class_settings){ .name = SPAN("all"),
		.flood_burst = 20,
		.flood_rate = 5,
		.per_address = 3,
		.channels = 5,
		.nick_changes = 3,
		.sendq = 1 << 20,
		.recvq = 16384,
		.registration_s = 30,
		.ping_s = 120,
		.ping_close_s = 60 };
	f->peer =
	    (struct peer_settings){ .name = SPAN("b.test"), .plaintext = true };
	f->oper = (struct oper_settings){ .name = SPAN("root"),
		.verifier = SPAN("$argon2id$x") };
	f->gateway = (struct gateway_settings){ .name = SPAN("gate"),
		.nets = { &f->net, 1 },
		.verifier = f->oper.verifier };
	f->settings = (struct settings){ .name = SPAN("a.test"),
		.network = SPAN("Test"),
		.description = SPAN("a"),
		.utf8only = true,
		.nick_len = 9,
		.channel_len = 16,
		.topic_len = 40,
		.kick_len = 40,
		.away_len = 40,
		.key_len = 8,
		.user_len = 10,
		.host_len = 63,
		.real_len = 40,
		.modes = 4,
		.list_max = 4,
		.targets_max = 4,
		.multiline_lines = 5,
		.multiline_bytes = 100,
		.class = &f->class,
		.nclass = 1,
		.oper = &f->oper,
		.noper = 1,
		.gateway = &f->gateway,
		.ngateway = 1,
		.peer = &f->peer,
		.npeer = 1,
		.hold_s = 20,
		.keep_s = 30,
		.keep_bytes = 100000,
		.link_silence_s = 4,
		.grace_s = 10,
		.alone_ms = 0,
		.dns_enabled = true,
		.dns_private = true };
	assert(sid_parse(SPAN("1AA"), &f->settings.sid));
	assert(sid_parse(SPAN("2BB"), &f->peer.sid));
	ev.u.seed.inc = 1700000000;
	ev.u.seed.uid_upto = 2; /* so marks are asked for */
	step(f, &ev);
	ev = (struct event){ .kind = EV_CONF };
	ev.u.conf.settings = &f->settings;
	step(f, &ev);
	f->ms = 100;
	ev = (struct event){ .kind = EV_TICK };
	step(f, &ev);
}

static void
client_open(struct fuzz *f, unsigned n)
{
	struct event ev = { .kind = EV_CONN_OPEN };

	if (f->open[n])
		return;
	f->open[n] = true;
	ev.conn = (struct conn_id){ n, ++f->gen[n] };
	ev.u.open.addr = addr_v4((const unsigned char[]){ 192, 0, 2, 1 });
	ev.u.open.addr.b[15] = (unsigned char)(n / 2);
	ev.u.open.tls = n % 2 == 1;
	ev.u.open.has_pin = n % 4 == 3;
	step(f, &ev);
}

static void
client_close(struct fuzz *f, unsigned n, enum event_kind kind)
{
	struct event ev = { .kind = kind };

	if (!f->open[n])
		return;
	f->open[n] = false;
	ev.conn = (struct conn_id){ n, f->gen[n] };
	ev.u.closed.reason = SPAN("reset");
	step(f, &ev);
}

/* A client sends no more, or too much. */
static void
client_input(struct fuzz *f, unsigned n, enum event_kind kind)
{
	struct event ev = { .kind = kind };

	ev.conn = (struct conn_id){ n, f->gen[n] };
	if (f->open[n])
		step(f, &ev);
}

static void
link_event(struct fuzz *f, enum event_kind kind, struct span line)
{
	struct event ev = { .kind = kind };

	if (f->link_open == (kind == EV_LINK_OPEN))
		return;
	if (kind == EV_LINK_OPEN) {
		f->link_gen++;
		f->taken = 0;
		ev.u.link_open.proof.loopback = true;
	} else if (kind == EV_LINK_WRITABLE) {
		ev.u.writable.taken = f->taken;
		f->taken = 0;
	} else if (kind == EV_LINK_CLOSED)
		ev.u.closed.reason = SPAN("reset");
	else {
		ev.u.line.line = line;
		ev.u.line.too_long = line.n > 16382;
	}
	f->link_open = kind != EV_LINK_CLOSED;
	ev.conn = (struct conn_id){ LINK_SLOT, f->link_gen };
	step(f, &ev);
}

static void
answer_late(struct fuzz *f, struct span digits)
{
	struct event ev;
	uint64_t n;

	if (!span_u64(digits, &n) || n >= HELD || n >= f->nheld)
		return;
	ev = f->held[(f->nheld - 1 - n) % HELD];
	step(f, &ev);
}

static void
advance(struct fuzz *f, struct span digits)
{
	struct event ev = { .kind = EV_TICK };
	uint64_t ms;

	if (!span_u64(digits, &ms) || ms > 1000000)
		return;
	f->ms += (int64_t)ms;
	step(f, &ev);
}

static void
load(struct fuzz *f, struct span s)
{
	struct event ev = { .kind = EV_LOADED };
	struct stored one = { .key = span_cut(&s, '\t') };
	char *text = arena_alloc(f->arena, s.n + 1);

	for (size_t i = 0; i < s.n; i++)
		text[i] = s.p[i] == '|' ? '\n' : s.p[i];
	one.text = span_make(text, s.n);
	one.gone.ms = s.n == 0 ? START_MS : 0;
	ev.u.loaded.v = &one;
	ev.u.loaded.n = 1;
	step(f, &ev);
}

static void
play(struct fuzz *f, struct span s)
{
	struct event ev = { .kind = EV_LINE };
	unsigned n = s.n > 1 && s.p[1] >= 'a' && s.p[1] <= 'z'
			 ? (unsigned)(s.p[1] - 'a')
			 : 0;
	struct span rest = span_tail(s, 2);

	if (s.n == 0)
		return;
	if (s.n > 1 && s.p[1] == ' ' && s.p[0] >= 'a' && s.p[0] <= 'z') {
		n = (unsigned)(s.p[0] - 'a');
		ev.conn = (struct conn_id){ n, f->gen[n] };
		ev.u.line.line = rest;
		ev.u.line.too_long = rest.n > 4608;
		if (f->open[n])
			step(f, &ev);
		return;
	}
	switch (s.p[0]) {
	case 'o':
		client_open(f, n);
		break;
	case 'c':
		client_close(f, n, EV_CONN_CLOSED);
		break;
	case 'h':
		client_close(f, n, EV_CONN_HELD);
		break;
	case 'E':
		client_input(f, n, EV_CONN_ENDED);
		break;
	case 'F':
		client_input(f, n, EV_CONN_EXCESS);
		break;
	case '+':
		advance(f, span_tail(s, 1));
		break;
	case 'L':
		link_event(f, EV_LINK_OPEN, SPAN_NONE);
		break;
	case 'K':
		link_event(f, EV_LINK_LINE, rest);
		break;
	case 'X':
		link_event(f, EV_LINK_CLOSED, SPAN_NONE);
		break;
	case 'W':
		link_event(f, EV_LINK_WRITABLE, SPAN_NONE);
		break;
	case 'S':
		load(f, rest);
		break;
	case 'T':
		ev = (struct event){ .kind = EV_LOADED };
		ev.u.loaded.last = true;
		step(f, &ev);
		break;
	case 'U':
		ev = (struct event){ .kind = EV_UNSTORED };
		step(f, &ev);
		break;
	case 'H':
		f->holds = true;
		break;
	case 'A':
		answer_late(f, span_tail(s, 1));
		break;
	case 'R':
		ev = (struct event){ .kind = EV_CONF };
		ev.u.conf.settings = &f->settings;
		step(f, &ev);
		break;
	default:
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_make(data, size);
	struct fuzz f;

	begin(&f);
	for (unsigned i = 0; in.n > 0 && i < EVENTS_MAX; i++)
		play(&f, span_cut(&in, '\n'));
	node_free(f.node);
	effects_fini(&f.fx);
	arena_free(f.arena);
	return 0;
}
