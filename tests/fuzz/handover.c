/*
 * handover: the text that a node takes over (src/node/handover.h). The input is
 * the text without its last line, which is made here. If the text is taken, the
 * invariants hold; what the node says then is taken again, and said again with
 * the same lines.
 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"
#include "core/types/handtext.h"
#include "lib/handed.h"
#include "link/net.h"
#include "node/handover.h"
#include "node/node.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW_NS INT64_C(1000000000000)
#define WALL_MS INT64_C(1700000000000)

static struct class_settings class = { .name = SPAN_INIT("all"),
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

static struct peer_settings peer = { .name = SPAN_INIT("s1.test"),
	.plaintext = true };

static void
set_up(struct settings *set)
{
	*set = (struct settings){ .name = SPAN("s2.test"),
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
		.monitor = 10,
		.whowas = 10,
		.whowas_bytes = 4000,
		.class = &class,
		.nclass = 1,
		.peer = &peer,
		.npeer = 1,
		.keep_s = 30,
		.keep_bytes = 100000,
		.link_silence_s = 4 };
	assert(sid_parse(SPAN("002"), &set->sid));
	assert(sid_parse(SPAN("001"), &peer.sid));
}

static void
check(const struct node *node)
{
	struct arena *arena = arena_new(64 * 1024);

	assert(core_check(node_core(node), arena) == NULL);
	assert(link_check(node_links(node), arena) == NULL);
	arena_free(arena);
}

static struct node *
take(const struct settings *set, struct span text, struct effects *fx)
{
	struct handover h = { .text = text,
		.settings = set,
		.now.ns = NOW_NS,
		.wall.ms = WALL_MS };
	struct handover_fault fault;
	struct node *node = node_new();

	if (handover_take(node, &h, fx, &fault))
		return node;
	assert(fault.why != NULL);
	effects_clear(fx);
	node_free(node);
	return NULL;
}

static struct handed
give(const struct node *node)
{
	struct event ev = {
		.kind = EV_TICK, .now.ns = NOW_NS, .wall.ms = WALL_MS
	};

	assert(handover_awaits(node) == NULL);
	return handed_of(node, &ev);
}

static void
go_on(struct node *node, struct effects *fx)
{
	struct event ev = {
		.kind = EV_LOADED, .now.ns = NOW_NS, .wall.ms = WALL_MS
	};

	ev.u.loaded.last = true;
	node_step(node, &ev, fx);
	effects_clear(fx);
	check(node);
	for (unsigned i = 0; i < 20; i++) {
		ev = (struct event){ .kind = EV_TICK };
		ev.now.ns = NOW_NS + (int64_t)i * 50 * NS_PER_MS;
		ev.wall.ms = WALL_MS + (int64_t)i * 50;
		node_step(node, &ev, fx);
		effects_clear(fx);
		check(node);
	}
}

static void
round_trip(const struct settings *set, const struct node *node,
    struct effects *fx)
{
	struct handed first = give(node), second;
	struct node *again = take(set, handed_text(&first), fx);

	assert(again != NULL);
	effects_clear(fx);
	check(again);
	second = give(again);
	assert(handed_same(&first, &second));
	handed_free(&first);
	handed_free(&second);
	node_free(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct handed text = { 0 };
	struct settings set;
	struct effects fx;
	struct node *node;

	set_up(&set);
	effects_init(&fx);
	handed_add_text(&text, span_make(data, size));
	node = take(&set, handed_text(&text), &fx);
	if (node != NULL) {
		effects_clear(&fx);
		check(node);
		round_trip(&set, node, &fx);
		go_on(node, &fx);
		node_free(node);
	}
	handed_free(&text);
	effects_fini(&fx);
	return 0;
}
