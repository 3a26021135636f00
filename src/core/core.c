/*
 * Each call of core.h is one step. A step fills struct step, changes facts by
 * merges alone, and ends with show_step, which tells clients the difference and
 * frees what is gone.
 */
#include "core/core.h"

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/mem.h"
#include "core/apply.h"
#include "core/ban_order.h"
#include "core/banned.h"
#include "core/client.h"
#include "core/cmd/cmd.h"
#include "core/facts/facts_write.h"
#include "core/held.h"
#include "core/postpone.h"
#include "core/settle.h"
#include "core/install.h"
#include "core/sessions/access.h"
#include "core/sessions/audience.h"
#include "core/sessions/audit.h"
#include "core/sessions/lag.h"
#include "core/sessions/notice.h"
#include "core/sessions/monitor.h"
#include "core/outside.h"
#include "core/postpone_lists.h"
#include "core/overlay.h"
#include "core/sessions/request.h"
#include "core/sessions/source.h"
#include "core/sessions/timer.h"
#include "core/answers/query.h"
#include "core/answers/usage.h"
#include "core/answers/welcome.h"
#include "core/answers/whowas.h"
#include "core/registration.h"
#include "core/restate.h"
#include "core/restore.h"
#include "core/rows.h"
#include "core/show/change_hooks.h"
#include "core/show/client_lines.h"
#include "core/show/losers.h"
#include "core/show/show.h"
#include "core/state.h"
#include "core/chan_cleanup.h"
#include "core/expire.h"
#include "core/entrance.h"
#include "core/durable.h"
#include "core/reload.h"
#include "core/row_change.h"
#include "core/shed.h"
#include "core/snap_facts.h"
#include "core/voiding.h"
#include "core/types/cost.h"

static struct span
key_asked(const void *p)
{
	return rcbuf_span(((const struct registration *)p)->asked);
}

/* Maps need a key before EV_SEED brings one: a core is set up by that event. */
static void
core_seed(struct core *c, const struct event *ev)
{
	invariant(c->self.inc == 0 && ev->u.seed.inc > 0);
	rng_seed_bytes(&c->rng, ev->u.seed.seed);
	rng_bytes(&c->rng, c->key, sizeof(c->key));
	if (ev->u.seed.key != NULL)
		memcpy(c->key, ev->u.seed.key, sizeof(c->key));
	facts_init(&c->facts, c->key, &c->tables);
	settle_init(c);
	admission_init(&c->addresses, c->key);
	request_init(c);
	map_init(&c->asked, key_asked, c->key);
	usage_init(c);
	whowas_seed(c);
	restore_seed(c);
	monitor_seed(c);
	c->self.inc = ev->u.seed.inc;
	c->uid_next = ev->u.seed.uid_from;
	c->uid_upto = ev->u.seed.uid_upto;
	c->started = ev->wall;
	c->hlc.ms = ev->wall.ms;
	c->parted = c->hlc;
}

struct core *
core_new(void)
{
	struct core *c = mem_zalloc(sizeof(*c));

	core_tables_trust(&c->tables, NULL, 0);
	TAILQ_INIT(&c->registering);
	TAILQ_INIT(&c->outbox);
	pool_init(&c->conn_pool, sizeof(struct conn), "conn");
	pool_init(&c->session_pool, sizeof(struct session), "session");
	pool_init(&c->out_pool, sizeof(struct out_item), "out");
	pool_init(&c->request_pool, sizeof(struct request), "request");
	c->whole_since = c->cleanup_at = c->uid_again = MONO_NEVER;
	c->notices.until = MONO_NEVER;
	work_init(&c->work);
	c->overlay_item.run = overlay_run;
	c->postpone_item.run = postpone_run;
	c->lists_item.run = postpone_lists_run;
	c->shed_item.run = shed_run;
	c->cleanup_item.run = chan_cleanup_run;
	c->durable_item.run = durable_run;
	restore_init(c);
	TAILQ_INIT(&c->installs);
	c->install_item.run = install_run;
	c->drop_item.run = snap_facts_run;
	c->void_item.run = voiding_run;
	c->reload.item.run = reload_run;
	c->rows.item.run = row_change_run;
	banned_init(c);
	hold_init(c);
	TAILQ_INIT(&c->flips);
	lag_init(c);
	STAILQ_INIT(&c->sinks);
	client_lines_init(c);
	change_hooks_init(c);
	whowas_init(c);
	monitor_init(c);
	return c;
}

void
core_free(struct core *c)
{
	struct install *in;
	struct out out;
	size_t left;

	if (c == NULL)
		return;
	while (core_out(c, &out)) {
		entry_unref(out.entry);
		free(out.owned);
	}
	while ((in = TAILQ_FIRST(&c->installs)) != NULL) {
		TAILQ_REMOVE(&c->installs, in, link);
		install_free(c, in);
	}
	row_change_fini(c);
	if (c->self.inc != 0) {
		client_fini(c);
		restore_fini(c);
		show_fini(&c->facts);
		invariant(facts_fini(&c->facts));
		invariant(admission_fini(&c->addresses) == 0);
		map_fini(&c->asked);
		usage_fini(c);
		whowas_fini(c);
		monitor_fini(c);
	}
	left = pool_fini(&c->conn_pool) + pool_fini(&c->session_pool) +
	       pool_fini(&c->out_pool) + pool_fini(&c->request_pool);
	invariant(left == 0);
	free(c->conns.v);
	free(c->streams.v);
	free(c->timer);
	audience_fini(c);
	welcome_drop(c);
	reload_fini(c);
	snap_facts_fini(c);
	losers_fini(c);
	notice_fini(c);
	apply_fini(c);
	postpone_fini(c);
	postpone_lists_fini(c);
	shed_fini(c);
	free(c);
}

static void
step_end(struct step *st)
{
	struct core *c = st->core;

	shed_begin(c);
	banned_sweep(st);
	durable_note(st);
	if (work_waits(&c->work) || chan_cleanup_may_go_on(c) ||
	    restore_may_go_on(c))
		effects_deadline(st->fx, st->now);
	effects_deadline(st->fx, timer_next(c));
	effects_deadline(st->fx, notice_due(c));
	effects_deadline(st->fx, awake_until(request_next(c), st->paused_ns));
	effects_deadline(st->fx, awake_until(c->cleanup_at, st->paused_ns));
	effects_deadline(st->fx, awake_until(c->sweep.look_at, st->paused_ns));
	effects_deadline(st->fx, expire_due(st));
	effects_deadline(st->fx, entrance_due(st));
	effects_deadline(st->fx, awake_until(restore_due(c), st->paused_ns));
	effects_deadline(st->fx, awake_until(c->uid_again, st->paused_ns));
	effects_deadline(st->fx, awake_until(hold_due(c), st->paused_ns));
	effects_deadline(st->fx, awake_until(lag_due(c), st->paused_ns));
}

/* ---- the outbox -------------------------------------------------------- */

bool
core_has_out(const struct core *c)
{
	return !TAILQ_EMPTY(&c->outbox);
}

bool
core_out(struct core *c, struct out *out)
{
	struct out_item *i = TAILQ_FIRST(&c->outbox);

	if (i == NULL)
		return false;
	*out = i->out;
	TAILQ_REMOVE(&c->outbox, i, link);
	pool_give(&c->out_pool, i);
	return true;
}

/* ---- events ------------------------------------------------------------ */

/* So few units let the queue run one item, which then looks at one thing:
 * work_run() takes a unit for the item. */
#define ONE_PIECE 2

static int64_t
min_i64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t
turn_begin(struct core *c)
{
	int64_t units = c->settings->turn_work;

	if (units == 0)
		units = TURN_WORK;
	work_renew(&c->work, units);
	c->turn = units;
	c->turn_grants = false;
	return units;
}

static void
core_conf(struct step *st, const struct event *ev)
{
	struct core *c = st->core;
	const struct settings *before = c->settings;
	struct server *me;

	c->settings = ev->u.conf.settings;
	welcome_drop(c);
	if (sid_is_none(c->self.sid)) {
		core_tables_trust(&c->tables, c->settings->rows,
		    c->settings->nrows);
		c->self.sid = c->facts.self = c->settings->sid;
		me = facts_server(&c->facts, c->self.sid);
		me->visible = c->self.inc;
		me->reachable = true;
		rcbuf_unref(me->name);
		me->name = rcbuf_new(c->settings->name);
	}
	(void)turn_begin(c);
	whowas_trim(c);
	entrance_stir(c);
	reload_begin(st, before);
}

/*
 * A tick comes at most once in a turn of the loop. Timers that are due may
 * spend a quarter of the turn's budget, then unfinished work another quarter,
 * then the log a third one (core_may_apply). The rest is left for the lines of
 * clients that are read in this turn, and for what they make. While
 * anything waits, step_end asks for the next tick at once, and the loop reads
 * descriptors in between.
 *
 * The budget of a turn may be smaller than one piece of such work. So each turn
 * does one piece of each kind at least: a timer, an item of the queue, an entry
 * (node/node.c) and a line (core/sessions/wait.c). Otherwise one kind could
 * take all of each turn, and the others would wait for ever.
 */
static void
core_tick(struct step *st)
{
	struct core *c = st->core;
	int64_t units = turn_begin(c);

	request_tick(st, units - units / 4);
	client_tick(st, units - units / 4);
	held_tick(st, units - units / 4);
	registration_tick(st);
	lag_tick(st);
	notice_tick(st);
	chan_cleanup_tick(st);
	banned_tick(st);
	expire_tick(st);
	entrance_tick(st);
	restore_tick(st);
	work_run(&c->work, min_i64(units / 2, c->work.left - ONE_PIECE), st);
}

void
core_step(struct core *c, const struct event *ev, struct effects *fx)
{
	struct step st;

	if (ev->kind == EV_SEED) {
		core_seed(c, ev);
		return;
	}
	invariant(c->self.inc != 0);
	step_begin(&st, c, ev, fx);
	if (c->looks)
		reload_opers(&st);
	switch (ev->kind) {
	case EV_CONF:
		core_conf(&st, ev);
		break;
	case EV_TICK:
		core_tick(&st);
		break;
	case EV_CONN_OPEN:
		client_open(&st, ev);
		break;
	case EV_LINE:
		client_line(&st, ev);
		break;
	case EV_CONN_ENDED:
		client_ended(&st, ev);
		break;
	case EV_CONN_EXCESS:
		client_excess(&st, ev);
		break;
	case EV_CONN_CLOSED:
		client_closed(&st, ev);
		break;
	case EV_CONN_HELD:
		held_begin(&st, ev);
		break;
	case EV_DRAINED:
		client_drained(&st, ev);
		break;
	case EV_ANSWERED:
		request_answered(&st, ev);
		break;
	case EV_HAPPENED:
		notice_event(&st, ev->u.happened.row, ev->u.happened.field,
		    ev->u.happened.nfield, ev->u.happened.more);
		break;
	case EV_LOADED:
		restore_take(&st, ev);
		break;
	case EV_UNSTORED:
		durable_note_all(&st);
		break;
	case EV_SEED:
	case EV_LINK_OPEN:
	case EV_LINK_LINE:
	case EV_LINK_CLOSED:
	case EV_LINK_WRITABLE:
	case EV_DIAL_FAILED:
	case EV_TRUNK_OPEN:
	case EV_TRUNK_LINE:
	case EV_TRUNK_CLOSED:
	case EV_TRUNK_WRITABLE:
	case EV_CONTROL:
	case EV_COUNT:
		break;
	}
	step_end(&st);
}

void
core_tell_events(struct core *c, const struct event *ev, size_t from,
    struct effects *fx)
{
	struct step st;

	if (c->notices.n == 0)
		return;
	step_begin(&st, c, ev, fx);
	notice_effects(&st, from);
	step_end(&st);
}

/* ---- what the log and the map bring ------------------------------------ */

void
core_spend(struct core *c, size_t units)
{
	work_spend(&c->work, units);
}

bool
core_has_units(const struct core *c)
{
	return !work_is_spent(&c->work);
}

/* Return how many units of the turn entries must leave. */
static int64_t
apply_floor(const struct core *c, const struct event *ev)
{
	return ev->kind == EV_TICK ? c->turn / 4 : 0;
}

bool
core_may_apply(const struct core *c, const struct event *ev)
{
	return c->work.left > apply_floor(c, ev);
}

bool
core_apply(struct core *c, const struct event *ev, const struct entry *e,
    bool facts_known, struct effects *fx)
{
	struct step st;
	bool done;

	step_begin(&st, c, ev, fx);
	done = apply_entry(&st, e, facts_known, apply_floor(c, ev));
	step_end(&st);
	return done;
}

void
core_apply_whole(struct core *c, const struct event *ev, const struct entry *e,
    bool facts_known, struct effects *fx)
{
	while (!core_apply(c, ev, e, facts_known, fx))
		core_install_finish(c, ev, fx);
}

bool
core_is_full(const struct core *c)
{
	return c->facts.foreign > FACTS_FOREIGN_MAX;
}

/* Return true if the maker of an entry has added its share to what nothing
 * removes. */
static bool
is_sated(const struct core *c, struct sid maker)
{
	const struct server *s = facts_find_server(&c->facts, maker);

	return s != NULL && s->foreign > FACTS_FOREIGN_SHARE;
}

bool
core_has_room(const struct core *c, const struct entry *e, bool from_maker)
{
	struct arena *arena;
	struct part *part;
	bool room = true;

	if (!core_is_full(c) && !(from_maker && is_sated(c, e->o.sid)))
		return true;
	arena = arena_new(4096);
	part = entry_parts(e, arena);
	for (size_t i = 0; i < e->nparts && room; i++)
		room = facts_has_room(&c->facts, &part[i]);
	arena_free(arena);
	return room;
}

void
core_overlay(struct core *c, const struct event *ev,
    const struct overlay_view *v, struct effects *fx)
{
	struct step st;
	int64_t piece;

	step_begin(&st, c, ev, fx);
	overlay_apply(&st, v);
	client_end_gone(&st);
	piece = work_begin(&c->work);
	overlay_slice(&st);
	work_end(&c->work, piece);
	settle(&st);
	chan_cleanup_surplus(&st);
	step_end(&st);
}

void
core_outside(struct core *c, const struct event *ev, bool outside,
    struct effects *fx)
{
	struct step st;

	if (c->outside == outside)
		return;
	step_begin(&st, c, ev, fx);
	outside_set(&st, outside);
	step_end(&st);
}

void
core_install(struct core *c, const struct event *ev, struct snap_facts *facts,
    const struct vector *v, const struct vector *cov, struct effects *fx)
{
	struct install *in = install_new(facts, v, cov);
	struct step st;

	step_begin(&st, c, ev, fx);
	TAILQ_INSERT_TAIL(&c->installs, in, link);
	install_begin(&st, in);
	client_end_gone(&st);
	show_step(&st);
	step_end(&st);
}

void
core_install_go(struct core *c, const struct event *ev, struct effects *fx)
{
	struct step st;

	step_begin(&st, c, ev, fx);
	work_add(&c->work, &c->install_item);
	step_end(&st);
}

void
core_install_finish(struct core *c, const struct event *ev, struct effects *fx)
{
	struct install *in;
	struct step st;

	if (!core_is_voiding(c) && !core_is_installing(c))
		return;
	step_begin(&st, c, ev, fx);
	if (TAILQ_EMPTY(&c->installs))
		st.hint.text = c->facts.voids.why;
	voiding_finish(&st);
	work_remove(&c->void_item);
	while ((in = TAILQ_FIRST(&c->installs)) != NULL) {
		while (install_piece(&st, in))
			;
		TAILQ_REMOVE(&c->installs, in, link);
		install_free(c, in);
	}
	work_remove(&c->install_item);
	install_end(&st);
	step_end(&st);
}

void
core_install_whole(struct core *c, const struct event *ev,
    struct snap_facts *facts, const struct vector *v, const struct vector *cov,
    struct effects *fx)
{
	core_install(c, ev, facts, v, cov, fx);
	core_install_finish(c, ev, fx);
}

void
core_know(struct core *c, const struct event *ev, const struct vector *known,
    struct effects *fx)
{
	struct step st;

	step_begin(&st, c, ev, fx);
	restore_begin(&st, known);
	step_end(&st);
}

bool
core_is_voiding(const struct core *c)
{
	return c->facts.voids.any;
}

bool
core_is_partial(const struct core *c)
{
	return core_is_voiding(c) || core_is_installing(c) ||
	       (core_is_applying(c) && !core_mutated(&c->facts, ENTRY_HALF));
}

bool
core_is_installing(const struct core *c)
{
	return !TAILQ_EMPTY(&c->installs);
}

size_t
core_install_bytes(const struct core *c)
{
	const struct install *in;
	size_t bytes = 0;

	TAILQ_FOREACH(in, &c->installs, link)
		bytes += snap_facts_bytes(in->facts);
	return bytes;
}

void
core_make_ready(struct core *c, const struct event *ev, struct effects *fx)
{
	struct step st;
	struct part part = { .id = PART_READY };

	invariant(!c->ready);
	step_begin(&st, c, ev, fx);
	c->ready = true;
	part.u.ready.sid = c->self.sid;
	part.u.ready.inc = c->self.inc;
	part.u.ready.name = c->settings->name;
	part.u.ready.description = text_of(c->settings->description);
	core_make(&st, (struct stamp){ 0 }, &part, 1,
	    &(struct dest){ .all = true }, NULL);
	effects_log(fx, LOG_READY, NULL, 0);
	registration_retry(&st);
	step_end(&st);
}

void
core_set_draining(struct core *c, const struct event *ev, bool on,
    struct effects *fx)
{
	struct step st;

	step_begin(&st, c, ev, fx);
	c->draining = on;
	entrance_stir(c);
	effects_log(fx, on ? LOG_DRAIN_BEGINS : LOG_DRAIN_ENDS, NULL, 0);
	step_end(&st);
}

void
core_make_forget(struct core *c, const struct event *ev, struct sid sid,
    uint32_t inc, struct span had, struct effects *fx)
{
	struct step st;
	struct part part = { .id = PART_FORGET,
		.u.forget = { sid, inc, text_of(had) } };

	step_begin(&st, c, ev, fx);
	core_make(&st, (struct stamp){ 0 }, &part, 1,
	    &(struct dest){ .all = true }, NULL);
	step_end(&st);
}

void
core_restate(struct core *c, const struct event *ev, const struct entry *own,
    const struct entry *other, struct effects *fx)
{
	struct step st;

	step_begin(&st, c, ev, fx);
	restate_fork(&st, own, other);
	step_end(&st);
}

void
core_fill(struct core *c, const struct event *ev, struct effects *fx)
{
	struct step st;

	step_begin(&st, c, ev, fx);
	restate_nothing(&st);
	step_end(&st);
}

void
core_make_home(struct core *c, const struct event *ev,
    const struct part_home *home, struct effects *fx)
{
	struct step st;
	struct part part = { .id = PART_HOME, .u.home = *home };

	step_begin(&st, c, ev, fx);
	core_make(&st, (struct stamp){ 0 }, &part, 1,
	    &(struct dest){ .all = true }, NULL);
}

bool
core_kill(struct core *c, const struct event *ev, struct span nick,
    struct span reason, struct effects *fx)
{
	struct user *u = facts_find_nick(&c->facts, nick);
	struct step st;

	if (u == NULL)
		return false;
	step_begin(&st, c, ev, fx);
	client_kill(&st, u, reason);
	step_end(&st);
	return true;
}

bool
core_asker_may(const struct core *c, struct sid asker, struct uid from,
    enum privilege p)
{
	return access_asker_may(&c->facts, asker, from, p);
}

const char *
core_ask(struct core *c, const struct event *ev,
    const struct control_question *q, struct effects *fx)
{
	const char *why;
	struct step st;

	step_begin(&st, c, ev, fx);
	why = query_ask_control(&st, q);
	step_end(&st);
	return why;
}

struct span
core_server_name(const struct core *c, struct sid sid)
{
	return server_name(c, sid);
}

void
core_audit(struct core *c, const struct event *ev, const struct core_act *act,
    struct effects *fx)
{
	struct audit a = {
		.what = { act->what }, .why = act->why, .result = act->result
	};
	struct sid sid;
	struct step st;

	step_begin(&st, c, ev, fx);
	if (uid_is_of_server(act->by, &sid)) {
		a.name = server_name(c, sid);
		a.oper = SPAN("banyanctl");
	} else if (!uid_is_none(act->by))
		a.by = facts_find_uid(&c->facts, act->by);
	audit_log(&st, LOG_ROUTING, &a);
	step_end(&st);
}

void
core_order(struct core *c, const struct event *ev, struct span line,
    struct order_answer *a, struct effects *fx)
{
	struct step st;
	struct msg m;

	invariant(msg_parse(line, &m));
	step_begin(&st, c, ev, fx);
	cmd_order(&st, &m, &a->numerics, &a->told);
	step_end(&st);
}

bool
core_refuses(const struct core *c, const struct addr *addr, struct wall now)
{
	const struct ban *b = banned_address(c, addr, now);

	if (b != NULL)
		ban_count(b);
	return b != NULL;
}

bool
core_is_juped(const struct core *c, struct span name, struct sid sid,
    struct wall now, struct core_jupe *jupe)
{
	struct ban_text text;

	jupe->ban = bans_jupe(&c->facts, name, sid_span(&sid), now);
	if (jupe->ban == NULL)
		return false;
	ban_read(jupe->ban, &text);
	jupe->reason = text.reason;
	jupe->cuts = text.cuts;
	return true;
}

void
core_jupe_count(const struct core_jupe *jupe)
{
	ban_count(jupe->ban);
}

const char *
core_ban(struct core *c, const struct event *ev, struct span kind,
    struct span text, struct effects *fx)
{
	const char *why;
	struct step st;

	step_begin(&st, c, ev, fx);
	why = ban_order_do(&st, kind, text);
	step_end(&st);
	return why;
}

const char *
core_unban(struct core *c, const struct event *ev, struct span kind,
    struct span text, struct effects *fx)
{
	const char *why;
	struct step st;

	step_begin(&st, c, ev, fx);
	why = ban_order_undo(&st, kind, text);
	step_end(&st);
	return why;
}

/* ---- questions of others ----------------------------------------------- */

void
core_query(struct core *c, const struct event *ev, uint64_t id, struct uid from,
    struct sid asker, struct span command, struct effects *fx)
{
	struct step st;

	step_begin(&st, c, ev, fx);
	query_answer(&st, id, from, asker, command);
	step_end(&st);
}

void
core_answer(struct core *c, const struct event *ev, uint64_t id,
    struct span line, struct effects *fx)
{
	struct step st;

	step_begin(&st, c, ev, fx);
	query_line(&st, id, line);
	step_end(&st);
}

void
core_done(struct core *c, const struct event *ev, uint64_t id,
    struct effects *fx)
{
	struct step st;

	step_begin(&st, c, ev, fx);
	query_done(&st, id);
	step_end(&st);
}

/* ---- reading ----------------------------------------------------------- */

uint32_t
core_ready_inc(const struct core *c, struct sid sid)
{
	const struct server *s = facts_find_server(&c->facts, sid);

	return s == NULL ? 0 : s->ready;
}

static struct forgotten
forgotten_of(const struct server *s)
{
	return (struct forgotten){ .sid = s->sid,
		.inc = s->forget,
		.dot = s->forget_dot,
		.had = s->forget_had != NULL ? rcbuf_span(s->forget_had)
					     : SPAN_NONE,
		.has_had = s->forget_had != NULL };
}

struct forgotten
core_forgotten(const struct core *c, struct sid sid)
{
	const struct server *s = facts_find_server(&c->facts, sid);

	return s == NULL ? (struct forgotten){ .sid = sid } : forgotten_of(s);
}

bool
core_forgotten_next(const struct core *c, size_t *i, struct forgotten *f)
{
	const struct server *s;

	while ((s = map_next(&c->facts.servers, i)) != NULL)
		if (s->forget != 0) {
			*f = forgotten_of(s);
			return true;
		}
	return false;
}

uint64_t
core_forget_count(const struct core *c)
{
	return c->facts.forget_count;
}

bool
core_is_void(const struct core *c, struct origin o)
{
	return facts_is_void(&c->facts, o);
}

bool
core_is_ready(const struct core *c)
{
	return c->ready;
}

struct origin
core_self(const struct core *c)
{
	return c->self;
}

const struct settings *
core_settings(const struct core *c)
{
	return c->settings;
}

#ifdef BANYAN_MUTATE
const char *
core_mutation_name(int m)
{
	static const char *const name[] = {
		"none",
#define MUTATION(ID, name, what) name,
#include "core/types/mutate.def"
#undef MUTATION
	};

	return m >= 0 && m < CORE_MUT_COUNT ? name[m] : NULL;
}

void
core_set_mutation(struct core *c, int m)
{
	c->facts.mutation = m;
}
#endif
