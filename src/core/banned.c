/*
 * The sweep goes round over the slots of connections, and then over the held
 * sessions. When bans change during it, it goes on until it has come round once
 * more. So any number of bans that come together, as in a snapshot, cost one
 * look at each client.
 *
 * A ban that is over hits nobody from that moment on. The server looks every
 * LOOK_MS for users whom an exception does not protect any more, and for bans
 * to be removed. Removing waits CLEANUP_MS, so that servers whose clocks differ
 * agree that the ban is over.
 */
#include "core/banned.h"

#include "core/answers/reply.h"
#include "core/client.h"
#include "core/cleaner.h"
#include "core/durable.h"
#include "core/part/clean.h"
#include "core/part/later.h"
#include "core/sessions/hold.h"
#include "core/sessions/line.h"
#include "core/sessions/mask_who.h"
#include "core/types/cost.h"
#include "wire/casemap.h"
#include "wire/utf8.h"

#define LOOK_MS 5000
#define CLEANUP_MS (10 * 60 * 1000)
#define LOOK_MAX 512   /* bans that are looked at at once */
#define DOTS_MAX 400   /* of an UNBAN, each some 30 bytes */
#define REASON_MAX 300 /* bytes */

/* An id that is behind all others. */
#define LAST_ID ((struct cinc){ { STAMP_MAX }, { "zzz" } })

/* ---- hits ---------------------------------------------------------------- */

/* The kinds that end a client. */
static const enum ban_kind ending[] = { BAN_DLINE, BAN_KLINE, BAN_XLINE };

static const struct ban *
ask(struct step *st, const struct ban_query *q, bool *shunned)
{
	const struct ban *hit[BAN_KINDS];
	size_t steps = COST_VISIT;

	bans_ask(st->facts, q, hit, &steps);
	step_spend(st, steps);
	*shunned = hit[BAN_SHUN] != NULL;
	for (unsigned i = 0; i < sizeof(ending) / sizeof(ending[0]); i++)
		if (hit[ending[i]] != NULL)
			return hit[ending[i]];
	return NULL;
}

/* Return the text that the client is told, and that others see of a user who
 * quits: the name of the kind, and the reason for everybody. */
static struct span
reason_of(struct step *st, const struct ban *b)
{
	struct ban_text text;
	struct writer w;

	ban_read(b, &text);
	writer_init_arena(&w, st->arena, LINE_BODY_MAX);
	writer_str(&w, ban_kind_row[b->kind].label);
	if (text.reason.n > 0)
		writer_str(&w, ": ");
	writer_span(&w,
	    utf8_cut(clean_text(st->arena, text.reason), REASON_MAX));
	return writer_done(&w);
}

static void
end(struct step *st, struct session *s, const struct ban *b)
{
	struct span reason = reason_of(st, b), ip;
	struct writer w;

	writer_init_arena(&w, st->arena, ADDR_TEXT);
	if (s->conn != NULL)
		addr_build(&w, &s->conn->addr);
	ip = s->conn != NULL ? writer_done(&w) : ident_ip(s->user->ident);
	ban_count(b);
	effects_logf(st->fx, LOG_BANNED, { "kind", ban_kind_row[b->kind].name },
	    { "mask", b->mask }, { "nick", session_nick(s) },
	    { "address", ip });
	/* modern-irc, ERR_YOUREBANNEDCREEP */
	reply(st, s, ERR_YOUREBANNEDCREEP, reason);
	client_end(st, s, reason);
}

static struct ban_query
query(const struct step *st)
{
	return (struct ban_query){ .kinds = BANB(KLINE) | BANB(DLINE) |
					    BANB(XLINE) | BANB(SHUN),
		.now = st->wall };
}

static struct ban_query
query_address(struct wall now, const struct addr *addr)
{
	return (struct ban_query){
		.who.addr = *addr, .kinds = BANB(DLINE), .now = now
	};
}

const struct ban *
banned_address(const struct core *c, const struct addr *addr, struct wall now)
{
	struct ban_query q = query_address(now, addr);
	const struct ban *hit[BAN_KINDS];
	size_t steps = 0;

	bans_ask(&c->facts, &q, hit, &steps);
	return hit[BAN_DLINE];
}

bool
banned_open(struct step *st, struct session *s)
{
	struct ban_query q = query_address(st->wall, &s->conn->addr);
	const struct ban *b;
	bool shunned;

	if (bans_count(st->facts) == 0)
		return false;
	b = ask(st, &q, &shunned);
	if (b != NULL)
		end(st, s, b);
	return b != NULL;
}

static void
query_user(struct ban_query *q, const struct session *s,
    const struct part_user *u)
{
	q->who = (struct mask_who){ .nick = u->nick,
		.user = u->username,
		.host = u->host,
		.ip = u->ip,
		.addr = s->conn->addr,
		.hosts = session_hosts(s) };
	q->realname = u->realname.s;
}

bool
banned_registers(struct step *st, struct session *s, const struct part_user *u)
{
	struct ban_query q = query(st);
	const struct ban *b;

	s->registration->bans = bans_serial(st->facts);
	if (bans_count(st->facts) == 0)
		return false;
	query_user(&q, s, u);
	b = ask(st, &q, &s->shunned);
	if (b != NULL)
		end(st, s, b);
	return b != NULL;
}

bool
banned_is_excepted(struct step *st, const struct session *s,
    const struct part_user *u)
{
	struct ban_query q = query(st);
	size_t steps = COST_VISIT;
	bool excepted;

	if (bans_count(st->facts) == 0)
		return false;
	query_user(&q, s, u);
	excepted = bans_lift(st->facts, &q, BAN_DLINE, &steps);
	step_spend(st, steps);
	return excepted;
}

bool
banned_renames(struct step *st, const struct user *u, struct span realname)
{
	struct ban_query q = query(st);
	const struct ban *hit[BAN_KINDS];
	size_t steps = 0;

	q.who = user_mask_who(u);
	q.realname = realname;
	q.kinds = BANB(XLINE);
	bans_ask(st->facts, &q, hit, &steps);
	step_spend(st, steps);
	return hit[BAN_XLINE] != NULL;
}

/* Look at a client again. */
static void
check(struct step *st, struct session *s)
{
	const struct user *u = s->user;
	struct ban_query q = query(st);
	const struct ban *b;

	if (u == NULL)
		q = query_address(st->wall, &s->conn->addr);
	else {
		q.who = user_mask_who(u);
		q.realname = user_realname(u);
	}
	b = ask(st, &q, &s->shunned);
	if (b != NULL)
		end(st, s, b);
}

/* ---- shuns --------------------------------------------------------------- */

/* Commands of shunned users that are carried out all the same: those without
 * which the connection would end, and the one that ends it. */
static bool
is_carried_out(struct span verb)
{
	return casemap_eq(verb, SPAN("PONG")) ||
	       casemap_eq(verb, SPAN("PING")) || casemap_eq(verb, SPAN("QUIT"));
}

bool
banned_ignores(struct step *st, struct session *s, struct span verb)
{
	struct ban_query q = query(st);
	const struct ban *hit[BAN_KINDS];
	size_t steps = 0;

	if (!s->shunned || s->user == NULL || is_carried_out(verb))
		return false;
	/* the shun may be over */
	q.who = user_mask_who(s->user);
	q.kinds = BANB(SHUN);
	bans_ask(st->facts, &q, hit, &steps);
	step_spend(st, steps);
	if (hit[BAN_SHUN] != NULL)
		ban_count(hit[BAN_SHUN]);
	s->shunned = hit[BAN_SHUN] != NULL;
	return s->shunned;
}

/* ---- the sweep ----------------------------------------------------------- */

/* Take the next slot of the round. New slots do not take the place of old ones
 * that are not looked at yet. */
static struct conn *
next_of_sweep(struct core *c)
{
	struct ban_sweep *sweep = &c->sweep;
	struct conn *x;

	sweep->left += core_slots(c) - sweep->slots;
	sweep->slots = core_slots(c);
	sweep->left--;
	if (core_next_slot(c, &sweep->next, &x))
		return x;
	sweep->next = 0;
	return core_next_slot(c, &sweep->next, &x) ? x : NULL;
}

static void
sweep_run(struct work_item *item, void *ctx)
{
	struct step *st = ctx;
	struct core *c = st->core;
	struct ban_sweep *sweep = &c->sweep;
	struct conn *x;
	struct hold *h;

	while (sweep->left > 0 && work_has_left(&c->work)) {
		x = next_of_sweep(c);
		step_spend(st, COST_MEMBERSHIP);
		if (x != NULL && !x->closing)
			check(st, x->session);
	}
	while ((h = sweep->hold) != NULL && work_has_left(&c->work)) {
		sweep->hold = TAILQ_NEXT(h, link);
		step_spend(st, COST_MEMBERSHIP);
		check(st, h->session);
	}
	if (sweep->left > 0 || sweep->hold != NULL)
		work_add(&c->work, item);
}

void
banned_init(struct core *c)
{
	c->sweep.item.run = sweep_run;
	c->sweep.look_at = MONO_NEVER;
}

void
banned_sweep(struct step *st)
{
	struct core *c = st->core;

	if (bans_stirred(st->facts) && !core_mutated(st->facts, BANS_AT_DOOR)) {
		c->sweep.left = c->sweep.slots = core_slots(c);
		c->sweep.hold = TAILQ_FIRST(&c->holds.queue);
		work_add(&c->work, &c->sweep.item);
	}
	if (mono_is_never(c->sweep.look_at) &&
	    bans_first_end(st->facts) != NULL) {
		c->sweep.ended.ms = st->wall.ms;
		c->sweep.look_at = mono_add_ms(st->awake, LOOK_MS);
	}
}

/* ---- the end of bans ----------------------------------------------------- */

/* Write the key by which the store has a ban of this server alone. */
static struct span
own_key(struct step *st, struct cinc id)
{
	struct writer w;

	writer_init_arena(&w, st->arena, DURABLE_KEY_MAX);
	writer_str(&w, DURABLE_OWN_BAN " ");
	write_cinc(&w, id);
	return writer_done(&w);
}

static void
drop_own(struct step *st, const struct ban *b)
{
	effects_unstore(st->fx, own_key(st, b->id), st->core->hlc);
	bans_drop_own(st->facts, b);
}

/* Look at the bans that have ended since the last look. Return false if there
 * are more. */
static bool
look_at_ends(struct step *st)
{
	struct ban_sweep *sweep = &st->core->sweep;
	const struct ban *b, *next;
	unsigned n = 0;

	b = bans_end_after(st->facts, sweep->ended, sweep->ended_id);
	for (; b != NULL && b->expiry.ms <= st->wall.ms; b = next) {
		if (n++ == LOOK_MAX)
			return false;
		next = bans_next_end(b);
		sweep->ended = b->expiry;
		sweep->ended_id = b->id;
		if (b->kind == BAN_EXCEPT)
			bans_stir(st->facts);
		if (ban_is_own(b))
			drop_own(st, b);
	}
	sweep->ended.ms = st->wall.ms;
	sweep->ended_id = LAST_ID;
	return true;
}

/* Write the words of an UNBAN: all that is over for a while, and that this
 * server has to remove. */
static size_t
write_over(struct step *st, struct writer *w)
{
	struct ban_sweep *sweep = &st->core->sweep;
	int64_t before = st->wall.ms - CLEANUP_MS;
	size_t n = 0;
	const struct ban *b =
	    bans_end_after(st->facts, sweep->removed, sweep->removed_id);

	for (unsigned i = 0; i < LOOK_MAX && n < DOTS_MAX; i++) {
		if (b == NULL || b->expiry.ms > before) {
			sweep->removed = (struct stamp){ 0 };
			return n;
		}
		sweep->removed = b->expiry;
		sweep->removed_id = b->id;
		if (!ban_is_own(b) && cleaner_is_self(st, b->id.sid)) {
			writer_char(w, ' ');
			write_dot(w, b->fact->write.dot);
			n++;
		}
		b = bans_next_end(b);
	}
	return n;
}

static void
remove_over(struct step *st)
{
	struct core *c = st->core;
	struct part part;
	struct writer w;

	/* an own entry that waits may be such an UNBAN */
	if (!c->ready || c->applied_n != c->last_n || core_is_partial(c) ||
	    bans_first_end(st->facts) == NULL)
		return;
	writer_init_arena(&w, st->arena, PART_LINE_MAX);
	writer_span(&w, c->settings->name);
	if (write_over(st, &w) == 0)
		return;
	later_part(&part, &later_builtin[LATER_UNBAN], writer_done(&w),
	    text_off(), st->arena);
	core_make(st, (struct stamp){ 0 }, &part, 1,
	    &(struct dest){ .all = true }, NULL);
}

void
banned_tick(struct step *st)
{
	struct ban_sweep *sweep = &st->core->sweep;

	if (mono_cmp(sweep->look_at, st->awake) > 0)
		return;
	step_spend(st, LOOK_MAX);
	if (!look_at_ends(st)) {
		sweep->look_at = st->awake;
		return;
	}
	remove_over(st);
	sweep->look_at = bans_first_end(st->facts) == NULL
			     ? MONO_NEVER
			     : mono_add_ms(st->awake, LOOK_MS);
}

/* ---- bans of this server alone ------------------------------------------- */

void
banned_add_own(struct step *st, const struct ban_text *b)
{
	struct part part;

	ban_part(&part, b, st->arena);
	bans_add_own(st->facts, part.line);
	effects_store(st->fx, own_key(st, b->id),
	    arena_span_dup(st->arena, part.line));
}

void
banned_keep_own(struct step *st, const struct ban *b)
{
	effects_store(st->fx, own_key(st, b->id),
	    arena_span_dup(st->arena, rcbuf_span(b->line)));
}

bool
banned_restore_own(struct step *st, struct span key, struct span line)
{
	struct ban_text text;
	struct cinc id;

	if (!cinc_parse(span_word(&key), &id) || key.n > 0 ||
	    line.n > PART_LINE_MAX || !ban_parse(line, &text) ||
	    cinc_cmp(text.id, id) != 0)
		return false;
	if (expiry_holds(text.expiry, st->wall))
		bans_add_own(st->facts, line);
	else
		effects_unstore(st->fx, own_key(st, id), st->core->hlc);
	return true;
}

size_t
banned_drop_own(struct step *st, enum ban_kind kind, struct span mask)
{
	const struct ban *b = bans_of_mask(st->facts, kind, mask), *next;
	size_t n = 0;

	for (; b != NULL; b = next) {
		next = bans_next_of_mask(b);
		if (ban_is_own(b)) {
			drop_own(st, b);
			n++;
		}
	}
	return n;
}
