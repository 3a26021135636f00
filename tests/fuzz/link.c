/*
 * link: a node and a peer, which sends the lines of the input. It has said
 * HELLO and SYNC before, or not if the first byte is 'h'. A line "!" lets time
 * pass. Another neighbour is linked, so that lines are passed on. After each
 * step the invariants of links and facts hold.
 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "core/core.h"
#include "lib/limits.h"
#include "link/net.h"
#include "node/node.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define START_MS INT64_C(1700000000000)

struct fuzz {
	struct node *node;
	struct effects fx;
	struct arena *arena;
	int64_t ms;
};

static void
step(struct fuzz *f, struct event *ev)
{
	const char *why;

	ev->now = (struct mono){ f->ms * NS_PER_MS };
	ev->wall = (struct wall){ START_MS + f->ms };
	node_step(f->node, ev, &f->fx);
	effects_clear(&f->fx);
	why = link_check(node_links(f->node), f->arena);
	assert(why == NULL);
	why = core_check(node_core(f->node), f->arena);
	assert(why == NULL);
	arena_reset(f->arena);
}

static void
open_link(struct fuzz *f, uint32_t slot)
{
	struct event ev = { .kind = EV_LINK_OPEN, .conn = { slot, 1 } };

	ev.u.link_open.proof.loopback = true;
	step(f, &ev);
}

static void
line(struct fuzz *f, uint32_t slot, struct span s)
{
	struct event ev = { .kind = EV_LINK_LINE, .conn = { slot, 1 } };
	const struct conn_id both[] = { { 1, 1 }, { 2, 1 } };

	ev.u.line.line = s;
	ev.u.line.also = both; /* as if a broker had given it to both */
	ev.u.line.nalso = 2;
	step(f, &ev);
}

static void
pass_time(struct fuzz *f)
{
	struct event ev = { .kind = EV_TICK };

	f->ms += 300;
	step(f, &ev);
}

static void
start(struct fuzz *f, const struct settings *set, bool hello)
{
	struct event ev = { .kind = EV_SEED };

	ev.u.seed.inc = 100;
	ev.u.seed.uid_upto = 1000;
	step(f, &ev);
	ev = (struct event){ .kind = EV_CONF };
	ev.u.conf.settings = set;
	step(f, &ev);
	open_link(f, 2);
	line(f, 2,
	    SPAN("HELLO 1 003.50 1700000001000 c.example.org 78 :skip offer"));
	line(f, 2, SPAN("LSA 003.50 1 1 001,78,1 :"));
	line(f, 2, SPAN("SYNC"));
	open_link(f, 1);
	if (!hello)
		return;
	line(f, 1,
	    SPAN("HELLO 1 002.50 1700000001000 b.example.org 77 :skip offer"));
	line(f, 1, SPAN("LSA 002.50 1 1 001,77,1 :"));
	line(f, 1, SPAN("SYNC"));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct class_settings all = {
		.name = SPAN_INIT("all"), .sendq = 1 << 20, .recvq = 16384
	};
	static const struct peer_settings peer[] = {
		{ .name = SPAN_INIT("b.example.org"),
		    .sid = { "002" },
		    .plaintext = true },
		{ .name = SPAN_INIT("c.example.org"),
		    .sid = { "003" },
		    .plaintext = true },
	};
	static const struct settings set = {
		.name = SPAN_INIT("a.example.org"),
		.sid = { "001" },
		.network = SPAN_INIT("Test"),
		DEFAULT_LIMITS,
		.class = &all,
		.nclass = 1,
		.peer = peer,
		.npeer = 2,
		.keep_s = 2,
		.keep_bytes = 1 << 16,
		.link_silence_s = 60,
	};
	struct span rest = span_make(data, size), s;
	struct fuzz f = {
		.node = node_new(), .arena = arena_new(4096), .ms = 1000
	};

	effects_init(&f.fx);
	start(&f, &set, size == 0 || data[0] != 'h');
	while (rest.n > 0) {
		s = span_cut(&rest, '\n');
		if (span_eq(s, SPAN("!")))
			pass_time(&f);
		else
			line(&f, 1, s);
	}
	for (int i = 0; i < 12; i++)
		pass_time(&f);
	effects_fini(&f.fx);
	arena_free(f.arena);
	node_free(f.node);
	return 0;
}
