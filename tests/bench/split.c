/*
 * The cost of a split and a heal for one channel: a core without sockets, with
 * LOCAL users here and REMOTE users of another server in the same channel.
 *
 *	split [LOCAL [REMOTE]]
 *
 * For the split and for the heal it prints the CPU time of the longest step,
 * and of all steps; the most bytes that a step took from its arena; how many
 * steps there were; how many buffers were queued for clients, and with how many
 * bytes; and the peak memory of the process.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/mem.h"
#include "core/core.h"
#include "lib/limits.h"

static struct core *core;
static struct effects fx;
static struct event ev;
static struct settings settings;
static struct class_settings class;
static struct conn_id *told; /* clients that the core waits for */
static size_t ntold, captold;
static struct mono deadline = { 0 };

static struct {
	double longest, cpu;
	size_t arena, steps;
	uint64_t queued, bytes;
} cost;

static double
cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
count(double t)
{
	cost.cpu += t;
	if (t > cost.longest)
		cost.longest = t;
}

static void
carry_out_untimed(void)
{
	cost.steps++;
	if (arena_taken(fx.arena) > cost.arena)
		cost.arena = arena_taken(fx.arena);
	for (size_t i = 0; i < fx.n; i++) {
		const struct effect *e = &fx.v[i];

		if (e->kind == EFF_SEND) {
			cost.queued += e->u.send.nto;
			cost.bytes += e->u.send.nto * e->u.send.buf->n;
		}
		if (e->kind != EFF_DRAIN)
			continue;
		if (ntold == captold)
			told = mem_grow(told, &captold, 64, sizeof(*told));
		told[ntold++] = e->u.drain.conn;
	}
	deadline = mono_min(deadline, fx.deadline);
	effects_clear(&fx);
}

static void
carry_out(double began)
{
	count(cpu() - began);
	carry_out_untimed();
}

static void
drain(void)
{
	struct out out;

	while (core_out(core, &out)) {
		if (out.kind == OUT_ENTRY) {
			double t = cpu();

			core_observe(core, out.entry->stamp);
			core_apply_whole(core, &ev, out.entry, false, &fx);
			carry_out(t);
			entry_unref(out.entry);
		}
		free(out.owned);
	}
}

static void
step(enum event_kind kind)
{
	double t = cpu();

	ev.kind = kind;
	if (kind == EV_TICK)
		deadline = MONO_NEVER;
	core_step(core, &ev, &fx);
	carry_out(t);
	drain();
}

/* Say that clients have read what they were sent. These steps are short, and
 * a look at the clock takes as long as one of them: time them together. */
static void
step_drained(void)
{
	double t = cpu();

	while (ntold > 0) {
		ev.kind = EV_DRAINED;
		ev.conn = told[--ntold];
		core_step(core, &ev, &fx);
		carry_out_untimed();
	}
	cost.cpu += cpu() - t;
	drain();
}

/* Let all clients read what they were sent, and run turns until there is
 * nothing more to do. */
static void
settle_down(void)
{
	do {
		while (ntold > 0)
			step_drained();
		if (mono_cmp(deadline, ev.now) <= 0)
			step(EV_TICK);
	} while (ntold > 0 || mono_cmp(deadline, ev.now) <= 0);
}

static void
say(struct conn_id id, const char *line)
{
	ev.conn = id;
	memset(&ev.u, 0, sizeof(ev.u));
	ev.u.line.line = span_of(line);
	step(EV_LINE);
	settle_down();
}

static void
start(void)
{
	effects_init(&fx);
	core = core_new();
	ev.now.ns = 1000000000;
	ev.wall.ms = 1700000000000;
	class = (struct class_settings){ .name = SPAN("all"),
		.flood_burst = 1000,
		.flood_rate = 1000,
		.channels = 100,
		.ping_s = 120,
		.ping_close_s = 60,
		.sendq = 1 << 20,
		.recvq = 16384 };
	settings = (struct settings){ .name = SPAN("a.test"),
		.network = SPAN("Test"),
		.description = SPAN("a"),
		.utf8only = true,
		DEFAULT_LIMITS,
		.class = &class,
		.nclass = 1,
		.keep_s = 60 };
	(void)sid_parse(SPAN("1AA"), &settings.sid);
	ev.u.seed.inc = 5;
	ev.u.seed.uid_upto = 65536;
	step(EV_SEED);
	ev.u.conf.settings = &settings;
	step(EV_CONF);
	core_make_ready(core, &ev, &fx);
	carry_out(cpu());
	drain();
}

static void
add_local(unsigned i)
{
	struct conn_id id = { i, 1 };
	char line[64];

	ev.conn = id;
	memset(&ev.u, 0, sizeof(ev.u));
	ev.u.open.addr = addr_v4((const unsigned char[]){ 127, 0, 0, 1 });
	step(EV_CONN_OPEN);
	if (i % 2 == 0)
		say(id, "CAP REQ :batch server-time");
	snprintf(line, sizeof(line), "NICK local%u", i);
	say(id, line);
	say(id, "USER u 0 * :A User");
	if (i % 2 == 0)
		say(id, "CAP END");
	say(id, "JOIN #c");
	ev.wall.ms += 2;
}

static void
foreign(const char *text)
{
	const char *why;
	struct entry *e = entry_from_text(span_of(text), &why);

	if (e == NULL) {
		fprintf(stderr, "%s: %s\n", why, text);
		exit(EXIT_FAILURE);
	}
	core_apply_whole(core, &ev, e, false, &fx);
	carry_out(cpu());
	drain();
	entry_unref(e);
}

static void
add_remote(unsigned i, long long founded)
{
	char text[512];

	snprintf(text, sizeof(text),
	    "ENTRY 2BB.7 %u %llu * - 3\r\n"
	    "+USER 2BBA%05u u u b.test 192.0.2.1 192.0.2.1 :U\r\n"
	    "+NICK 2BBA%05u remote%u 1 1700000000002\r\n"
	    "+JOIN #c,%lld.1AA 2BBA%05u\r\n",
	    i + 2, 1700000100000ULL + i, i, i, i, founded, i);
	foreign(text);
}

static void
show_server(uint32_t inc)
{
	struct server_view v[2] = {
		{ .sid = { "1AA" }, .visible = 5, .reachable = true },
		{ .sid = { "2BB" },
		    .visible = inc,
		    .reachable = inc != 0,
		    .uplink = { "1AA" },
		    .hops = 1 }
	};
	struct overlay_view all = { v, 2, inc != 0 };
	double t = cpu();

	core_overlay(core, &ev, &all, &fx);
	carry_out(t);
	drain();
	settle_down();
}

static void
measure(const char *what, uint32_t inc, size_t users)
{
	struct core_counts n;
	struct rusage used;

	memset(&cost, 0, sizeof(cost));
	show_server(inc);
	core_counts(core, &n);
	if (n.users != users) {
		fprintf(stderr, "%zu users are shown, not %zu\n", n.users,
		    users);
		exit(EXIT_FAILURE);
	}
	getrusage(RUSAGE_SELF, &used);
	printf("%s: longest step %.1f ms, CPU %.2f s, arena %.1f MB, %zu "
	       "steps, %.2f million buffers queued, %.0f MB, peak %.0f MB\n",
	    what, cost.longest * 1e3, cost.cpu, (double)cost.arena / 1e6,
	    cost.steps, (double)cost.queued / 1e6, (double)cost.bytes / 1e6,
	    (double)used.ru_maxrss / 1e3);
}

int
main(int argc, char **argv)
{
	unsigned local = argc > 1 ? (unsigned)atoi(argv[1]) : 5000;
	unsigned remote = argc > 2 ? (unsigned)atoi(argv[2]) : 10000;
	long long founded;

	if (local == 0 || remote > 99999)
		return EXIT_FAILURE;
	start();
	add_local(0);
	founded = core_clock(core).ms;
	for (unsigned i = 1; i < local; i++)
		add_local(i);
	foreign("ENTRY 2BB.7 1 1700000000001 * - 1\r\n"
		"+READY 2BB 7 b.test :b\r\n");
	for (unsigned i = 0; i < remote; i++)
		add_remote(i, founded);
	printf("a channel of %u local and %u remote users\n", local, remote);
	measure("heal", 7, local + remote);
	measure("split", 0, local);
	core_free(core);
	effects_fini(&fx);
	free(told);
	return EXIT_SUCCESS;
}
