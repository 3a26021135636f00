/*
 * trunk: a node and a gate, which sends the lines of the input. It has said
 * GATE and brought two clients before, or not if the first byte is 'h'. Clients
 * of another trunk and of the server itself are in the same channel. A line "!"
 * lets time pass, a line "?" ends the trunk and opens it again. After each step
 * the invariants of trunks and facts hold.
 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "core/core.h"
#include "lib/limits.h"
#include "node/node.h"
#include "trunk/net.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define START_MS INT64_C(1700000000000)

struct fuzz {
	struct node *node;
	struct effects fx;
	struct arena *arena;
	int64_t ms;
	uint32_t gen; /* of the trunk of the input */
};

static void
step(struct fuzz *f, struct event *ev)
{
	const char *why;

	ev->now = (struct mono){ f->ms * NS_PER_MS };
	ev->wall = (struct wall){ START_MS + f->ms };
	node_step(f->node, ev, &f->fx);
	effects_clear(&f->fx);
	why = trunk_check(node_trunks(f->node));
	assert(why == NULL);
	why = core_check(node_core(f->node), f->arena);
	assert(why == NULL);
	arena_reset(f->arena);
}

static void
open_trunk(struct fuzz *f, struct conn_id id)
{
	struct event ev = { .kind = EV_TRUNK_OPEN, .conn = id };

	ev.u.link_open.proof.loopback = true;
	step(f, &ev);
}

static void
line(struct fuzz *f, struct conn_id id, struct span s)
{
	struct event ev = { .kind = EV_TRUNK_LINE, .conn = id };

	ev.u.line.line = s;
	step(f, &ev);
}

static struct conn_id
fuzzed(const struct fuzz *f)
{
	return (struct conn_id){ 1, f->gen };
}

static void
client(struct fuzz *f, struct conn_id id, const char *const lines[5])
{
	for (int i = 0; i < 5; i++)
		line(f, id, span_of(lines[i]));
}

static void
begin(struct fuzz *f)
{
	static const char *const one[] = { "@addr=192.0.2.1;port=6667 NEW 1",
		"CMD 1 1 :NICK a", "CMD 1 2 :USER a 0 * :a", "CMD 1 3 :JOIN #c",
		"BEAT 1" };
	static const char *const two[] = { "@addr=192.0.2.2;port=6667 NEW 2",
		"CMD 2 1 :NICK b", "CMD 2 2 :USER b 0 * :b", "CMD 2 3 :JOIN #c",
		"BEAT 2" };

	open_trunk(f, fuzzed(f));
	line(f, fuzzed(f), SPAN("GATE 1 gate1 eu :peers load place"));
	client(f, fuzzed(f), one);
	client(f, fuzzed(f), two);
}

static void
pass_time(struct fuzz *f)
{
	struct event ev = { .kind = EV_TICK };

	f->ms += 1500;
	step(f, &ev);
}

static void
end_trunk(struct fuzz *f)
{
	struct event ev = { .kind = EV_TRUNK_CLOSED, .conn = fuzzed(f) };

	ev.u.closed.reason = SPAN("Connection reset by peer");
	ev.u.closed.held = f->gen % 2 == 0;
	step(f, &ev);
	f->gen++;
	begin(f);
}

static void
start(struct fuzz *f, const struct settings *set, bool gate)
{
	static const char *const other[] = { "@addr=192.0.2.3;port=6667 NEW 1",
		"CMD 1 1 :NICK d", "CMD 1 2 :USER d 0 * :d", "CMD 1 3 :JOIN #c",
		"BEAT 1" };
	const struct conn_id id = { 2, 1 };
	struct event ev = { .kind = EV_SEED };

	ev.u.seed.inc = 100;
	ev.u.seed.uid_upto = 100000;
	step(f, &ev);
	ev = (struct event){ .kind = EV_CONF };
	ev.u.conf.settings = set;
	step(f, &ev);
	pass_time(f);
	open_trunk(f, id);
	line(f, id, SPAN("GATE 1 gate2 eu :"));
	client(f, id, other);
	if (gate)
		begin(f);
	else
		open_trunk(f, fuzzed(f));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct class_settings all = { .name = SPAN_INIT("all"),
		.sendq = 1 << 16,
		.recvq = 16384,
		.ping_s = 120,
		.ping_close_s = 30 };
	static const struct gate_settings gate[] = {
		{ .name = SPAN_INIT("gate1"), .plaintext = true, .streams = 5 },
		{ .name = SPAN_INIT("gate2"), .plaintext = true, .streams = 5 },
	};
	static const struct settings set = {
		.name = SPAN_INIT("a.example.org"),
		.sid = { "001" },
		.network = SPAN_INIT("Test"),
		DEFAULT_LIMITS,
		.class = &all,
		.nclass = 1,
		.gate = gate,
		.ngate = 2,
		.gates_at.at = { .host = SPAN_INIT("a.example.org"),
		    .port = 7 },
		.weight = 100,
		.keep_s = 2,
		.keep_bytes = 1 << 16,
		.link_silence_s = 60,
		.hold_s = 30,
		.turn_work = 65536,
	};
	struct span rest = span_make(data, size), s;
	struct fuzz f = { .node = node_new(),
		.arena = arena_new(4096),
		.ms = 1000,
		.gen = 1 };

	effects_init(&f.fx);
	start(&f, &set, size == 0 || data[0] != 'h');
	if (size > 0 && data[0] == 'h')
		rest = span_tail(rest, 1);
	while (rest.n > 0) {
		s = span_cut(&rest, '\n');
		if (span_eq(s, SPAN("!")))
			pass_time(&f);
		else if (span_eq(s, SPAN("?")))
			end_trunk(&f);
		else
			line(&f, fuzzed(&f), s);
	}
	for (int i = 0; i < 12; i++)
		pass_time(&f);
	effects_fini(&f.fx);
	arena_free(f.arena);
	node_free(f.node);
	return 0;
}
