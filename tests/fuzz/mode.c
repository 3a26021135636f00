/*
 * mode: MODE of a channel. Each line of the input is one command. Its first
 * letter says who gives it, and the rest stands behind `MODE #c`:
 *
 *	a  the op   b  a halfop   c  a voice   d  a member   e  a stranger
 *
 * After each command the invariants hold, it was one entry at most, each mask
 * is in its one form, no list exceeds its limit, no line to a client is too
 * long, and a command of a stranger changed nothing. The server has the modules
 * whose modes have values.
 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"
#include "core/module.h"
#include "core/facts/masks.h"
#include "core/facts/shown_list.h"
#include "core/state.h"
#include "lib/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

extern const struct module module_forward, module_jointhrottle;

#define CLIENTS 5
#define LINES_MAX 64 /* of one input */
#define LIST_MAX 5
#define LINE_MAX_BYTES 512

struct fuzz {
	struct core *core;
	struct effects fx;
	struct event ev;
	struct settings settings;
	struct class_settings class;
	const struct rows *rows[2]; /* of modules */
	struct arena *arena;
};

/* Lines that are the same for all may come in one buffer (welcome.c). */
static void
check_lines(const struct effect *e)
{
	struct span rest;

	if (e->kind != EFF_SEND)
		return;
	rest = rcbuf_span(e->u.send.buf);
	while (rest.n > 0)
		assert(span_cut(&rest, '\n').n < LINE_MAX_BYTES);
}

static void
drain(struct fuzz *f)
{
	struct out out;

	for (;;) {
		for (size_t i = 0; i < f->fx.n; i++)
			check_lines(&f->fx.v[i]);
		effects_clear(&f->fx);
		if (!core_out(f->core, &out))
			break;
		if (out.kind == OUT_ENTRY) {
			core_observe(f->core, out.entry->stamp);
			core_apply_whole(f->core, &f->ev, out.entry, false,
			    &f->fx);
			entry_unref(out.entry);
		}
		free(out.owned);
	}
	assert(core_check(f->core, f->arena) == NULL);
}

static void
step(struct fuzz *f, enum event_kind kind)
{
	f->ev.kind = kind;
	core_step(f->core, &f->ev, &f->fx);
	drain(f);
}

static void
say(struct fuzz *f, unsigned who, struct span line)
{
	f->ev.conn = (struct conn_id){ who, 1 };
	f->ev.u.line.line = line;
	f->ev.u.line.too_long = false;
	step(f, EV_LINE);
}

static void
connect(struct fuzz *f, unsigned who)
{
	char nick[] = "NICK x";

	nick[5] = (char)('a' + who);
	f->ev.conn = (struct conn_id){ who, 1 };
	memset(&f->ev.u, 0, sizeof(f->ev.u));
	f->ev.u.open.addr = addr_v4((const unsigned char[]){ 127, 0, 0, 1 });
	step(f, EV_CONN_OPEN);
	say(f, who, span_of(nick));
	say(f, who, SPAN("USER u 0 * :U"));
	if (who < CLIENTS - 1)
		say(f, who, SPAN("JOIN #c"));
}

static void
begin(struct fuzz *f)
{
	*f = (struct fuzz){ 0 };
	effects_init(&f->fx);
	f->arena = arena_new(4096);
	f->core = core_new();
	f->ev.now.ns = 1000000000;
	f->ev.wall.ms = INT64_C(1700000000000);
	f->class = (struct class_settings){ .name = SPAN("all"),
		.registration_s = 30,
		.ping_s = 120,
		.ping_close_s = 60,
		.sendq = 1 << 20,
		.recvq = 16384 };
	f->settings = (struct settings){ .name = SPAN("irc.test"),
		.network = SPAN("Test"),
		.description = SPAN("a test"),
		.utf8only = true,
		DEFAULT_LIMITS,
		.class = &f->class,
		.nclass = 1,
		.keep_s = 60 };
	f->settings.list_max = LIST_MAX;
	f->rows[0] = module_forward.rows;
	f->rows[1] = module_jointhrottle.rows;
	f->settings.rows = f->rows;
	f->settings.nrows = 2;
	(void)sid_parse(SPAN("1AA"), &f->settings.sid);
	f->ev.u.seed.inc = 5;
	f->ev.u.seed.uid_upto = 65536;
	step(f, EV_SEED);
	f->ev.u.conf.settings = &f->settings;
	step(f, EV_CONF);
	core_make_ready(f->core, &f->ev, &f->fx);
	drain(f);
	for (unsigned i = 0; i < CLIENTS; i++)
		connect(f, i);
	say(f, 0, SPAN("MODE #c +hv b c"));
}

/* Each mask is in the form in which it would be written again. */
static void
check_masks(struct fuzz *f, const struct chan *c)
{
	struct mask_rules rules = { .tables = &f->core->tables,
		.settings = &f->settings,
		.facts = &f->core->facts,
		.uses = MASK_FOR_ANY };
	char text[LINE_MAX_BYTES];
	struct writer w;

	for (unsigned l = CM_BAN; l <= CM_INVEX; l++)
		for (const struct shown_mask *m = shown_first(c, l); m != NULL;
		     m = shown_next(m)) {
			writer_init(&w, text, sizeof(text));
			assert(mask_write(&w, &rules, mask_of(m->text)) ==
			       NULL);
			assert(span_eq(writer_done(&w), mask_of(m->text)));
		}
}

static void
mode(struct fuzz *f, unsigned who, struct span rest)
{
	struct span before = core_canon_shown(f->core, f->arena);
	uint64_t n = f->core->last_n;
	const struct chan *c;
	struct writer w;
	uint32_t masks = 0;

	writer_init_arena(&w, f->arena, LINE_MAX_BYTES + 16);
	writer_str(&w, "MODE #c ");
	writer_span(&w, span_head(rest, LINE_MAX_BYTES - 10));
	say(f, who, writer_done(&w));
	assert(f->core->last_n <= n + 1);
	c = facts_find_chan(&f->core->facts, SPAN("#c"));
	for (unsigned l = 0; l < CM_BUILTIN; l++)
		masks += shown_count(c, l);
	assert(masks <= LIST_MAX);
	if (who == CLIENTS - 1)
		assert(span_eq(before, core_canon_shown(f->core, f->arena)));
	check_masks(f, c);
	/* d has no status, so the masks are compared with them */
	say(f, 3, SPAN("PRIVMSG #c :x"));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = span_make(data, size), line;
	struct fuzz f;

	begin(&f);
	for (unsigned i = 0; i < LINES_MAX && rest.n > 0; i++) {
		line = span_cut(&rest, '\n');
		if (line.n > 0)
			mode(&f, (unsigned char)(line.p[0] - 'a') % CLIENTS,
			    span_tail(line, 1));
		f.ev.wall.ms++;
		arena_reset(f.arena);
	}
	core_free(f.core);
	effects_fini(&f.fx);
	arena_free(f.arena);
	return 0;
}
