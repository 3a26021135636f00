#include "unit/core/rig.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/snap_facts.h"
#include "core/types/mode_value.h"
#include "lib/limits.h"
#include "lib/mutation.h"

static struct conn_id
conn(unsigned client)
{
	return (struct conn_id){ client, 1 };
}

static void
carry_out(struct rig *r)
{
	const struct effect *e;

	if (arena_taken(r->fx.arena) > r->arena_most)
		r->arena_most = arena_taken(r->fx.arena);
	for (size_t i = 0; i < r->fx.n; i++) {
		e = &r->fx.v[i];
		if (e->kind == EFF_READ)
			r->granted[e->u.read.conn.slot] += e->u.read.n;
		if (e->kind == EFF_DRAIN)
			r->drain[e->u.drain.conn.slot] = true;
		if (e->kind == EFF_CLOSE)
			r->closed[e->u.close.conn.slot] = true;
		if (e->kind == EFF_ASK)
			r->asked =
			    (struct rig_asked){ e->u.ask.token, e->u.ask.kind };
		if (e->kind == EFF_LOG)
			r->logged[e->u.log.row]++;
		if (e->kind == EFF_SEND)
			r->queued += e->u.send.nto;
		for (size_t k = 0; e->kind == EFF_SEND && k < e->u.send.nto;
		     k++) {
			unsigned c = e->u.send.to[k].slot;
			size_t n = e->u.send.buf->n;

			r->out[c] = mem_realloc(r->out[c], r->nout[c] + n + 1);
			memcpy(r->out[c] + r->nout[c], e->u.send.buf->p, n);
			r->nout[c] += n;
			r->out[c][r->nout[c]] = '\0';
		}
	}
	r->deadline = mono_min(r->deadline, r->fx.deadline);
	effects_clear(&r->fx);
}

/* In large networks compare more rarely: it costs a look at everything. */
static void
compare_changes(struct rig *r)
{
	const char *why;

	if (r->recorder.changes < r->compared + map_count(&r->recorder.chans) ||
	    r->recorder.changes == r->compared)
		return;
	r->compared = r->recorder.changes;
	why = recorder_compare(&r->recorder, r->core);
	ck_assert_msg(why == NULL, "%s", why);
}

void
rig_drain(struct rig *r)
{
	struct out out;
	const char *why;

	carry_out(r);
	while (core_out(r->core, &out)) {
		if (out.kind == OUT_ENTRY) {
			ck_assert(entry_is_sound(out.entry));
			core_observe(r->core, out.entry->stamp);
			core_apply_whole(r->core, &r->ev, out.entry, false,
			    &r->fx);
			entry_unref(out.entry);
			carry_out(r);
		}
		free(out.owned);
	}
	why = core_check(r->core, r->arena);
	ck_assert_msg(why == NULL, "%s", why);
	compare_changes(r);
}

void
rig_apply(struct rig *r, const char *text)
{
	const char *why;
	struct entry *e = entry_from_text(span_of(text), &why);

	ck_assert_msg(e != NULL, "%s: %s", why, text);
	core_apply_whole(r->core, &r->ev, e, false, &r->fx);
	entry_unref(e);
	rig_drain(r);
}

void
rig_apply_parts(struct rig *r, const char *run, unsigned n, const char *cause,
    const char *parts)
{
	static char text[8192];
	unsigned count = 0;

	for (const char *p = parts; (p = strstr(p, "\r\n")) != NULL; p += 2)
		count++;
	snprintf(text, sizeof(text), "ENTRY %s %u %u * %s %u\r\n%s", run, n,
	    2000 + n, cause, count, parts);
	rig_apply(r, text);
}

void
rig_overlay(struct rig *r, const struct origin *near, size_t n)
{
	struct server_view v[1 + RIG_SERVERS] = { { .sid = r->core->self.sid,
	    .visible = r->core->self.inc,
	    .reachable = true } };
	struct overlay_view all = { v, 1 + n, true };

	ck_assert_uint_le(n, RIG_SERVERS);
	for (size_t i = 0; i < n; i++) {
		v[1 + i] = (struct server_view){ .sid = near[i].sid,
			.visible = near[i].inc,
			.reachable = near[i].inc != 0,
			.uplink = r->core->self.sid,
			.hops = 1 };
		all.whole &= near[i].inc != 0;
	}
	core_overlay(r->core, &r->ev, &all, &r->fx);
	rig_drain(r);
}

static void
add_line(void *ctx, const struct snap_item *item)
{
	struct arena *arena = arena_new(4096);
	struct snap_item again;
	struct writer w;
	const char *why;

	writer_init_arena(&w, arena, ENTRY_LINE_MAX);
	snap_item_build(&w, item);
	why = snap_facts_add(ctx, writer_done(&w), arena, &again);
	ck_assert_msg(why == NULL, "%s: %.*s", why, SPAN_ARG(writer_done(&w)));
	arena_free(arena);
}

struct snap_facts *
rig_snapshot(const struct rig *from, const struct rig *to)
{
	struct snap_facts *facts = snap_facts_new(to->core, 100);

	core_walk(from->core, add_line, facts);
	return facts;
}

struct span
rig_cinc(struct rig *r, const char *chan)
{
	const struct chan *c = facts_find_chan(&r->core->facts, span_of(chan));
	struct writer w;

	writer_init_arena(&w, r->arena, 64);
	write_cinc(&w, c->current->cinc);
	return writer_done(&w);
}

static void
step(struct rig *r, enum event_kind kind)
{
	r->ev.kind = kind;
	if (kind == EV_TICK)
		r->deadline = MONO_NEVER;
	core_step(r->core, &r->ev, &r->fx);
	rig_drain(r);
}

bool
rig_tick(struct rig *r)
{
	if (mono_cmp(r->deadline, r->ev.now) > 0)
		return false;
	step(r, EV_TICK);
	return true;
}

static void
step_and_ticks(struct rig *r, enum event_kind kind)
{
	step(r, kind);
	while (!r->no_ticks && rig_tick(r))
		;
}

void
rig_init(struct rig *r)
{
	rig_init_rows(r, "1AA", NULL, 0);
}

void
rig_init_rows(struct rig *r, const char *sid, const struct rows *const *rows,
    size_t n)
{
	*r = (struct rig){ .deadline = MONO_NEVER };
	effects_init(&r->fx);
	r->arena = arena_new(4096);
	r->core = core_new();
	recorder_init(&r->recorder);
	core_add_sink(r->core, &r->recorder.sink);
	r->ev.now.ns = 1000000000;
	r->ev.wall.ms = 1700000000000;
	r->class = (struct class_settings){ .name = SPAN("all"),
		.flood_burst = 20,
		.flood_rate = 5,
		.channels = 5,
		.registration_s = 30,
		.ping_s = 120,
		.ping_close_s = 60,
		.sendq = 1 << 20,
		.recvq = 16384 };
	r->settings = (struct settings){ .name = SPAN("irc.test"),
		.network = SPAN("Test"),
		.description = SPAN("a test"),
		.utf8only = true,
		DEFAULT_LIMITS,
		.class = &r->class,
		.nclass = 1,
		.rows = rows,
		.nrows = n,
		.keep_s = 60 };
	(void)sid_parse(span_of(sid), &r->settings.sid);
	r->ev.u.seed.inc = 5;
	r->ev.u.seed.uid_upto = 65536;
	step_and_ticks(r, EV_SEED);
	mutation_of_core(r->core); /* SEED sets up the facts */
	r->ev.u.conf.settings = &r->settings;
	step_and_ticks(r, EV_CONF);
	core_make_ready(r->core, &r->ev, &r->fx);
	rig_drain(r);
}

void
rig_conf(struct rig *r, const struct settings *settings)
{
	r->ev.u.conf.settings = settings;
	step_and_ticks(r, EV_CONF);
}

void
rig_answer(struct rig *r, struct rig_asked a, enum answer_status status)
{
	rig_answer_with(r, a, status, SPAN_NONE);
}

void
rig_answer_with(struct rig *r, struct rig_asked a, enum answer_status status,
    struct span bytes)
{
	memset(&r->ev.u, 0, sizeof(r->ev.u));
	r->ev.u.answered.token = a.token;
	r->ev.u.answered.kind = a.kind;
	r->ev.u.answered.status = status;
	r->ev.u.answered.bytes = bytes;
	step_and_ticks(r, EV_ANSWERED);
}

void
rig_fini(struct rig *r)
{
	core_free(r->core);
	recorder_fini(&r->recorder);
	effects_fini(&r->fx);
	arena_free(r->arena);
	for (unsigned i = 0; i < RIG_CLIENTS; i++)
		free(r->out[i]);
}

void
rig_open(struct rig *r, unsigned client)
{
	r->ev.conn = conn(client);
	memset(&r->ev.u, 0, sizeof(r->ev.u));
	r->ev.u.open.addr = addr_v4((const unsigned char[]){ 127, 0, 0, 1 });
	r->granted[client] = 0;
	r->closed[client] = false;
	step_and_ticks(r, EV_CONN_OPEN);
}

void
rig_close(struct rig *r, unsigned client)
{
	r->ev.conn = conn(client);
	r->ev.u.closed.reason = SPAN("Connection reset");
	step_and_ticks(r, EV_CONN_CLOSED);
}

void
rig_end(struct rig *r, unsigned client)
{
	r->ev.conn = conn(client);
	step(r, EV_CONN_ENDED);
}

void
rig_say(struct rig *r, unsigned client, const char *line)
{
	ck_assert_msg(r->granted[client] > 0, "no grant for: %s", line);
	r->granted[client]--;
	r->ev.conn = conn(client);
	r->ev.u.line.line = span_of(line);
	r->ev.u.line.too_long = r->ev.u.line.bad = false;
	step_and_ticks(r, EV_LINE);
}

void
rig_excess(struct rig *r, unsigned client)
{
	r->ev.conn = conn(client);
	step_and_ticks(r, EV_CONN_EXCESS);
}

void
rig_read(struct rig *r, unsigned client)
{
	ck_assert_msg(r->drain[client], "nobody asked whether it reads");
	r->drain[client] = false;
	r->ev.conn = conn(client);
	step_and_ticks(r, EV_DRAINED);
}

void
rig_register(struct rig *r, unsigned client, const char *nick)
{
	char line[128] = "NICK ";

	rig_open(r, client);
	strcat(line, nick);
	rig_say(r, client, line);
	rig_say(r, client, "USER u 0 * :A User");
	rig_heard(r, client);
}

const char *
rig_heard(struct rig *r, unsigned client)
{
	struct span s = arena_span_dup(r->arena,
	    span_make(r->out[client], r->nout[client]));

	r->nout[client] = 0;
	return s.p;
}

/* Write the letters of the built-in modes of that type of CHANMODES. */
static void
write_letters(struct writer *w, char type)
{
	const struct chan_mode_row *row;
	char is;

	for (unsigned i = 0; i < CM_BUILTIN; i++) {
		row = &chan_modes_builtin[i];
		is = row->type == MODE_LIST	? 'A'
		     : row->type == MODE_FLAG	? 'D'
		     : row->value->arg_to_unset ? 'B'
						: 'C';
		if (is == type)
			writer_char(w, row->letter);
	}
}

const char *
rig_letters(struct rig *r, const char *form)
{
	struct writer w;

	writer_init(&w, r->letters, sizeof(r->letters));
	for (; *form != '\0'; form++)
		if (*form == '$' && form[1] >= 'A' && form[1] <= 'D')
			write_letters(&w, *++form);
		else
			writer_char(&w, *form);
	writer_char(&w, '\0');
	ck_assert(!w.over);
	return r->letters;
}

void
rig_hears(struct rig *r, unsigned client, const char *want)
{
	const char *heard = rig_heard(r, client);

	ck_assert_msg(strstr(heard, want) != NULL, "no `%s' in: %s", want,
	    heard);
}

void
rig_says(struct rig *r, unsigned client, const char *line, const char *want)
{
	(void)rig_heard(r, client);
	rig_say(r, client, line);
	rig_hears(r, client, want);
}

void
rig_advance(struct rig *r, int64_t ms)
{
	r->ev.now = mono_add_ms(r->ev.now, ms);
	r->ev.wall.ms += ms;
	step_and_ticks(r, EV_TICK);
}

struct session *
rig_session(struct rig *r, unsigned client)
{
	return core_find_conn(r->core, conn(client))->session;
}
