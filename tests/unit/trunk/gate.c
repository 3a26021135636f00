#include "unit/trunk/gate.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/core.h"
#include "lib/limits.h"
#include "lib/unit.h"
#include "link/net.h"
#include "node/handover.h"

#define START_MS INT64_C(1700000000000)
#define TRUNK_SLOT 100 /* of trunk 0 */

static void
check(struct gates *g)
{
	struct arena *arena = arena_new(4096);
	const char *why = trunk_check(node_trunks(g->node));

	if (why == NULL)
		why = core_check(node_core(g->node), arena);
	if (why == NULL)
		why = link_check(node_links(g->node), arena);
	ck_assert_msg(why == NULL, "%s", why);
	arena_free(arena);
}

static struct heard *
heard_of(struct gates *g, struct conn_id id)
{
	if (conn_id_is_stream(id) || id.gen != 1)
		return NULL;
	if (id.slot >= TRUNK_SLOT + GATES)
		return NULL;
	if (id.slot >= TRUNK_SLOT)
		return &g->trunk[id.slot - TRUNK_SLOT];
	return &g->plain[id.slot];
}

static void
hear(struct heard *h, struct span s)
{
	while (h->n + s.n + 1 > h->cap)
		h->text = mem_grow(h->text, &h->cap, 1024, 1);
	memcpy(h->text + h->n, s.p, s.n);
	h->n += s.n;
	h->text[h->n] = '\0';
	h->bytes += s.n;
}

static void
note_log(struct gates *g, enum log_row row)
{
	const char *name = log_row_name(row);
	size_t n = strlen(name);

	g->log = mem_realloc(g->log, g->nlog + n + 2);
	memcpy(g->log + g->nlog, name, n);
	memcpy(g->log + g->nlog + n, " ", 2);
	g->nlog += n + 1;
}

static void
carry(struct gates *g, const struct effect *e)
{
	struct heard *h;

	if (e->kind == EFF_SEND)
		for (size_t i = 0; i < e->u.send.nto; i++)
			if ((h = heard_of(g, e->u.send.to[i])) != NULL)
				hear(h, rcbuf_span(e->u.send.buf));
	if (e->kind == EFF_CLOSE && (h = heard_of(g, e->u.close.conn)) != NULL)
		h->closed = true;
	if (e->kind == EFF_CONTROL && e->u.control.line.n > 0) {
		hear(&g->control, e->u.control.line);
		hear(&g->control, SPAN("\n"));
	}
	if (e->kind == EFF_LOG)
		note_log(g, e->u.log.row);
}

static void
take_all(struct gates *g)
{
	for (unsigned k = 0; k < GATES; k++)
		if (g->trunk[k].takes && g->trunk[k].bytes > 0)
			gate_take(g, k, g->trunk[k].bytes);
}

void
gates_step(struct gates *g, struct event *ev)
{
	ev->now = (struct mono){ g->ms * NS_PER_MS };
	ev->wall = (struct wall){ START_MS + g->ms };
	node_step(g->node, ev, &g->fx);
	for (size_t i = 0; i < g->fx.n; i++)
		carry(g, &g->fx.v[i]);
	g->deadline = g->fx.deadline;
	effects_clear(&g->fx);
	if (!g->unchecked)
		check(g);
	take_all(g);
}

void
gates_run(struct gates *g, int64_t ms)
{
	int64_t until = g->ms + ms;

	while (g->ms < until) {
		struct event ev = { .kind = EV_TICK };
		int64_t due = mono_is_never(g->deadline)
				  ? until
				  : g->deadline.ns / NS_PER_MS + 1;

		g->ms = due < g->ms + 1 ? g->ms + 1 : due < until ? due : until;
		gates_step(g, &ev);
	}
}

/* ---- the server ---------------------------------------------------------- */

static void
fill(struct gates *g)
{
	g->class = (struct class_settings){ .name = SPAN_INIT("all"),
		.sendq = 1 << 20,
		.recvq = 16384,
		.ping_s = 3600,
		.ping_close_s = 60 };
	g->gate[0] = (struct gate_settings){ .name = SPAN_INIT("gate1"),
		.has_pin = true,
		.plaintext = true,
		.streams = 20000 };
	memset(g->gate[0].pin, '1', sizeof(g->gate[0].pin));
	g->gate[1] = (struct gate_settings){
		.name = SPAN_INIT("gate2"), .has_pin = true, .streams = 2
	};
	memset(g->gate[1].pin, '2', sizeof(g->gate[1].pin));
	g->set = (struct settings){
		.name = SPAN_INIT("irc.example.org"),
		.sid = { "001" },
		.network = SPAN_INIT("ExampleNet"),
		.region = SPAN_INIT("eu"),
		.weight = 100,
		DEFAULT_LIMITS,
		.class = &g->class,
		.nclass = 1,
		.gate = g->gate,
		.ngate = 2,
		.keep_s = 60,
		.keep_bytes = 1 << 20,
		.link_silence_s = 60,
	};
}

struct gates *
gates_with(void (*change)(struct settings *))
{
	struct gates *g = mem_zalloc(sizeof(*g));
	struct event ev = { .kind = EV_SEED };

	g->node = node_new();
	g->ms = 1000;
	effects_init(&g->fx);
	fill(g);
	if (change != NULL)
		change(&g->set);
	ev.u.seed.inc = 100;
	ev.u.seed.uid_upto = 100000;
	gates_step(g, &ev);
	ev = (struct event){ .kind = EV_CONF };
	ev.u.conf.settings = &g->set;
	gates_step(g, &ev);
	gates_run(g, 10);
	return g;
}

struct gates *
gates_new(void)
{
	return gates_with(NULL);
}

void
gates_free(struct gates *g)
{
	node_free(g->node);
	effects_fini(&g->fx);
	for (unsigned k = 0; k < GATES; k++)
		free(g->trunk[k].text);
	for (unsigned i = 0; i < PLAINS; i++)
		free(g->plain[i].text);
	free(g->control.text);
	free(g->log);
	free(g);
}

bool
gates_logged(struct gates *g, const char *row)
{
	bool found = g->log != NULL && strstr(g->log, row) != NULL;

	free(g->log);
	g->log = NULL;
	g->nlog = 0;
	return found;
}

/* ---- trunks -------------------------------------------------------------- */

static struct conn_id
trunk_id(unsigned k)
{
	return (struct conn_id){ TRUNK_SLOT + k, 1 };
}

static void
open_trunk(struct gates *g, unsigned k, struct event *ev)
{
	ev->kind = EV_TRUNK_OPEN;
	ev->conn = trunk_id(k);
	g->trunk[k].takes = true;
	g->trunk[k].closed = false;
	gates_step(g, ev);
}

void
gate_open(struct gates *g, unsigned k)
{
	struct event ev = { .u.link_open.proof.loopback = true };

	ck_assert(addr_parse(SPAN("127.0.0.1"), &ev.u.link_open.addr));
	open_trunk(g, k, &ev);
}

void
gate_open_tls(struct gates *g, unsigned k, char pin)
{
	struct event ev = { .u.link_open.proof.tls = true };

	ck_assert(addr_parse(SPAN("192.0.2.1"), &ev.u.link_open.addr));
	ev.u.link_open.proof.has_pin = pin != '\0';
	memset(ev.u.link_open.proof.pin, pin, PIN_LEN);
	open_trunk(g, k, &ev);
}

void
gate_begin(struct gates *g, unsigned k)
{
	gate_open(g, k);
	gate_say(g, k, "GATE 1 gate1 eu :network=ExampleNet");
	(void)gate_heard(g, k);
}

void
gate_say(struct gates *g, unsigned k, const char *line)
{
	struct event ev = { .kind = EV_TRUNK_LINE, .conn = trunk_id(k) };

	ev.u.line.line = span_of(line);
	gates_step(g, &ev);
}

void
gate_sayf(struct gates *g, unsigned k, const char *form, ...)
{
	char line[20000];
	va_list ap;

	va_start(ap, form);
	ck_assert_int_lt(vsnprintf(line, sizeof(line), form, ap),
	    (int)sizeof(line));
	va_end(ap);
	gate_say(g, k, line);
}

void
gate_cut(struct gates *g, unsigned k, bool held)
{
	struct event ev = { .kind = EV_TRUNK_CLOSED, .conn = trunk_id(k) };

	ev.u.closed.reason = SPAN("Connection reset by peer");
	ev.u.closed.held = held;
	gates_step(g, &ev);
}

void
gate_stop_taking(struct gates *g, unsigned k)
{
	g->trunk[k].takes = false;
}

void
gate_take(struct gates *g, unsigned k, size_t bytes)
{
	struct event ev = { .kind = EV_TRUNK_WRITABLE, .conn = trunk_id(k) };

	ev.u.writable.taken = bytes;
	g->trunk[k].bytes -= bytes;
	gates_step(g, &ev);
}

static const char *
heard_text(struct heard *h)
{
	h->n = 0;
	if (h->text == NULL)
		return "";
	return h->text;
}

const char *
gate_heard(struct gates *g, unsigned k)
{
	struct heard *h = &g->trunk[k];

	if (h->n == 0 && h->text != NULL)
		h->text[0] = '\0';
	return heard_text(h);
}

/* The same, without the CR of each line. */
static char *
without_cr(const char *text)
{
	char *to = mem_alloc(strlen(text) + 1), *p = to;

	for (; *text != '\0'; text++)
		if (*text != '\r')
			*p++ = *text;
	*p = '\0';
	return to;
}

void
gate_hears(struct gates *g, unsigned k, const char *text)
{
	char *got = without_cr(gate_heard(g, k));

	ck_assert_str_eq(got, text);
	free(got);
}

void
gate_is_refused(struct gates *g, unsigned k, const char *code)
{
	const char *text = gate_heard(g, k), *line = strstr(text, "ERROR ");
	size_t n = strlen(code);

	ck_assert_msg(line != NULL && strncmp(line + 6, code, n) == 0 &&
			  strncmp(line + 6 + n, " :", 2) == 0 &&
			  strchr(line, '\n')[1] == '\0',
	    "expected ERROR %s: %s", code, text);
	ck_assert(g->trunk[k].closed);
}

void
gate_cmd(struct gates *g, unsigned k, unsigned s, unsigned c, const char *line)
{
	gate_sayf(g, k, "CMD %u %u :%s", s, c, line);
}

void
gate_user(struct gates *g, unsigned k, unsigned s, const char *nick)
{
	char line[64];

	gate_sayf(g, k, "@addr=192.0.2.%u;port=6667 NEW %u", 1 + s % 250, s);
	(void)snprintf(line, sizeof(line), "NICK %s", nick);
	gate_cmd(g, k, s, 1, line);
	gate_cmd(g, k, s, 2, "USER u 0 * :Somebody");
	ck_assert_ptr_nonnull(strstr(gate_heard(g, k), " 001 "));
}

/* ---- clients of the server itself ---------------------------------------- */

void
plain_say(struct gates *g, unsigned i, const char *line)
{
	struct event ev = { .kind = EV_LINE, .conn = { i, 1 } };

	ev.u.line.line = span_of(line);
	gates_step(g, &ev);
}

void
plain_user(struct gates *g, unsigned i, const char *nick)
{
	struct event ev = { .kind = EV_CONN_OPEN, .conn = { i, 1 } };
	char line[64];

	ck_assert(addr_parse(SPAN("198.51.100.9"), &ev.u.open.addr));
	gates_step(g, &ev);
	(void)snprintf(line, sizeof(line), "NICK %s", nick);
	plain_say(g, i, line);
	plain_say(g, i, "USER u 0 * :Somebody");
	ck_assert_ptr_nonnull(strstr(plain_heard(g, i), " 001 "));
}

const char *
plain_heard(struct gates *g, unsigned i)
{
	struct heard *h = &g->plain[i];

	if (h->n == 0 && h->text != NULL)
		h->text[0] = '\0';
	return heard_text(h);
}

const char *
gates_ask(struct gates *g, const char *line)
{
	struct event ev = { .kind = EV_CONTROL };

	g->control.n = 0;
	ev.u.control.line = span_of(line);
	gates_step(g, &ev);
	return g->control.n == 0 ? "" : g->control.text;
}

static void
add_line(void *ctx, struct span line)
{
	hear(ctx, line);
	hear(ctx, SPAN("\n"));
}

void
gates_hand_over(struct gates *g)
{
	struct event ev = { .kind = EV_TICK,
		.now = { g->ms * NS_PER_MS },
		.wall = { START_MS + g->ms } };
	struct handover h = {
		.settings = &g->set, .now = ev.now, .wall = ev.wall
	};
	struct handover_fault fault;
	struct heard text = { .n = 0 };
	struct node *next = node_new();

	ck_assert_ptr_null(handover_awaits(g->node));
	handover_give(g->node, &ev, add_line, &text);
	h.text = span_make(text.text, text.n);
	ck_assert(handover_take(next, &h, &g->fx, &fault));
	effects_clear(&g->fx);
	node_free(g->node);
	g->node = next;
	free(text.text);
	gates_run(g, 1);
}
