/*
 * Functions of the running step and of its core that every file of core uses.
 * Nothing here knows clients, commands or lines.
 */
#include "core/state.h"

#include <string.h>

#include "base/invariant.h"
#include "base/mem.h"
#include "core/facts/founding.h"

#define SHOWN_LATER_MS 60000 /* clocks at the ends of a long chain */
#define SHOWN_EARLIER_MS (INT64_C(30) * 24 * 3600 * MS_PER_S)

void
step_begin(struct step *st, struct core *c, const struct event *ev,
    struct effects *fx)
{
	*st = (struct step){
		.core = c,
		.facts = &c->facts,
		.tables = &c->tables,
		.fx = fx,
		.arena = fx->arena,
		.now = ev->now,
		.awake = event_awake(ev),
		.paused_ns = ev->paused_ns,
		.wall = ev->wall,
		.stamp.ms = ev->wall.ms > c->hlc.ms ? ev->wall.ms : c->hlc.ms,
		.o = c->self,
		.hint.by = by_server(c->self.sid),
	};
	/* its lists of receivers were in the arena of their step */
	c->audience.sent.valid = false;
}

/*
 * The rule for users: the `time` tag shows when the message came to the server
 * of its sender (IRCv3 server-time), and is the same at every server
 * (link-protocol.md, 6.15). The stamp orders entries, and is such a time as
 * long as the hlc is near the clocks:
 *
 * 1. the stamp, if no client's command made the entry;
 * 2. the stamp, if it is at most CLOCKS_APART_MS later than t0, the wall clock
 *    of the sender's server; then an answer is never shown before its question,
 *    whichever clock is ahead;
 * 3. else t0, since the hlc of the whole network is ahead of the clocks;
 * 4. but if that time is later than now, or older than anything that a log
 *    still holds, a clock was wrong: show the time at which it came here.
 */
struct wall
step_time(const struct step *st)
{
	bool caused = st->cause.sess.k != 0;
	int64_t ms = st->stamp.ms, now = st->wall.ms;

	if (caused && st->cause.t0 < ms - CLOCKS_APART_MS)
		ms = st->cause.t0;
	if (ms > now + SHOWN_LATER_MS || ms < now - SHOWN_EARLIER_MS)
		ms = now;
	return (struct wall){ ms };
}

void
core_observe(struct core *c, struct stamp s)
{
	if (s.ms > STAMP_SEEN_MAX)
		s.ms = STAMP_SEEN_MAX;
	if (s.ms > c->hlc.ms)
		c->hlc = s;
}

struct stamp
core_clock(const struct core *c)
{
	return c->hlc;
}

static bool
is_between(struct stamp s, struct stamp from, struct stamp to)
{
	return s.ms > from.ms && s.ms <= to.ms;
}

static bool
has_founding(const struct core *c, const struct chan *ch, struct stamp from,
    struct stamp to)
{
	const struct founding *g;

	for (g = founding_first(ch); g != NULL; g = founding_next(g))
		if (sid_cmp(g->cinc.sid, c->self.sid) == 0 &&
		    is_between(g->cinc.stamp, from, to))
			return true;
	return false;
}

bool
core_has_early(const struct core *c, struct stamp from, struct stamp to)
{
	const struct server *me = facts_find_server(&c->facts, c->self.sid);
	const struct user *u;
	const struct chan *ch;

	if (me == NULL)
		return false;
	TAILQ_FOREACH(u, &me->users, home_link)
		if (!u->gone && origin_cmp(user_home(u), c->self) == 0 &&
		    is_between(user_claim(u).stamp, from, to))
			return true;
	for (size_t i = 0; (ch = map_next(&c->facts.chans, &i)) != NULL;)
		if (has_founding(c, ch, from, to))
			return true;
	return false;
}

void
step_spend(struct step *st, size_t cost)
{
	work_spend(&st->core->work, cost);
}

struct stamp
core_stamp(const struct core *c, struct wall now)
{
	if (now.ms > c->hlc.ms)
		return (struct stamp){ now.ms };
	return (struct stamp){ c->hlc.ms + 1 };
}

/* ---- connections ----------------------------------------------------- */

/* The slots of connections, and those of streams, are two tables, because both
 * are small numbers. A cursor over both is a slot. */
static const struct conn_table *
table_of(const struct core *c, uint32_t slot)
{
	return slot >= STREAM_SLOT ? &c->streams : &c->conns;
}

static struct conn *
conn_in(const struct core *c, uint32_t slot)
{
	const struct conn_table *t = table_of(c, slot);
	uint32_t i = slot & ~STREAM_SLOT;

	return i < t->n ? t->v[i] : NULL;
}

struct conn *
core_find_conn(const struct core *c, struct conn_id id)
{
	struct conn *x = conn_in(c, id.slot);

	return x != NULL && x->id.gen == id.gen ? x : NULL;
}

bool
core_next_slot(const struct core *c, uint32_t *i, struct conn **x)
{
	if (*i < STREAM_SLOT && *i >= c->conns.n)
		*i = STREAM_SLOT;
	if (*i >= STREAM_SLOT && (*i & ~STREAM_SLOT) >= c->streams.n)
		return false;
	*x = conn_in(c, (*i)++);
	return true;
}

struct conn *
core_next_conn(const struct core *c, uint32_t *i)
{
	struct conn *x;

	while (core_next_slot(c, i, &x))
		if (x != NULL)
			return x;
	return NULL;
}

uint32_t
core_slots(const struct core *c)
{
	return c->conns.n + c->streams.n;
}

bool
core_has_conn(const struct core *c, struct conn_id id)
{
	return core_find_conn(c, id) != NULL;
}

size_t
core_streams(const struct core *c)
{
	size_t n = 0;

	for (uint32_t i = 0; i < c->streams.n; i++)
		n += c->streams.v[i] != NULL;
	return n;
}

static void
make_room(struct conn_table *t, uint32_t i)
{
	uint32_t n = i < 32 ? 64 : i * 2;

	if (i < t->n)
		return;
	t->v = mem_array(t->v, n, sizeof(struct conn *));
	while (t->n < n)
		t->v[t->n++] = NULL;
}

void
core_add_conn(struct core *c, struct conn *x)
{
	struct conn_table *t =
	    conn_id_is_stream(x->id) ? &c->streams : &c->conns;
	uint32_t i = x->id.slot & ~STREAM_SLOT;

	make_room(t, i);
	invariant(t->v[i] == NULL);
	t->v[i] = x;
	c->nopened++;
	if (++c->nconn > c->max_conns)
		c->max_conns = c->nconn;
}

void
core_del_conn(struct core *c, const struct conn *x)
{
	const struct conn_table *t = table_of(c, x->id.slot);
	uint32_t i = x->id.slot & ~STREAM_SLOT;

	invariant(conn_in(c, x->id.slot) == x);
	t->v[i] = NULL;
	c->nconn--;
}

struct session *
core_find_session(const struct core *c, struct session_id id)
{
	const struct user *u = facts_find_uid(&c->facts, id.uid);
	const struct registration *r;
	struct session *s;

	if (u != NULL)
		LIST_FOREACH(s, &u->sessions, user_link)
			if (session_id_eq(s->id, id))
				return s;
	TAILQ_FOREACH(r, &c->registering, link)
		if (session_id_eq(r->session->id, id))
			return r->session;
	return NULL;
}

struct cause
core_session_cause(const struct session *s)
{
	return (struct cause){ .sess = s->id,
		.tenure = s->user != NULL ? user_tenure(s->user) : 0,
		.c = s->c,
		.t0 = s->t0 };
}

/* Return the user who owns the register of a later verb, or NULL. */
static const struct user *
owner_written(const struct step *st, const struct part *part)
{
	const struct kind *k = &part->u.unknown.kind;
	struct uid uid;

	for (unsigned i = 0; k->type == KIND_REGISTER && i < k->nowner; i++)
		if (k->owner[i].type == OWNER_USER &&
		    uid_parse(kind_word(part->line, k->owner[i].word), &uid))
			return facts_find_uid(st->facts, uid);
	return NULL;
}

/* Return the user whose own register or claim the part writes, or NULL. */
static const struct user *
written(const struct step *st, const struct part *part)
{
	if (part->id == PART_NICK)
		return facts_find_uid(st->facts, part->u.nick.uid);
	if (part->id == PART_SET)
		return facts_find_uid(st->facts, part->u.set.uid);
	return part->id == PART_UNKNOWN ? owner_written(st, part) : NULL;
}

/* Return the tags of a part, and behind them the tenure of a user. */
static struct span
tenure_tag(struct step *st, struct span tags, const struct user *u)
{
	struct writer w;

	writer_init_arena(&w, st->arena, tags.n + sizeof(";tenure=4294967295"));
	writer_span(&w, tags);
	writer_str(&w, tags.n > 0 ? ";tenure=" : "tenure=");
	writer_u64(&w, user_tenure(u));
	return writer_done(&w);
}

/* A home says its tenure when it writes what is its user's own
 * (link-protocol.md, 11.3), unless the part says a later one already (6.23).
 * Return the parts, copied if any has to say it. */
static const struct part *
with_tenure(struct step *st, const struct part *part, size_t n)
{
	struct part *copy = NULL;
	const struct user *u;

	for (size_t i = 0; i < n; i++) {
		u = written(st, &part[i]);
		if (u == NULL || user_home_reg(u) == NULL ||
		    !core_is_home(st->core, u) ||
		    part_tenure(&part[i]) > user_tenure(u))
			continue;
		if (copy == NULL) {
			copy = arena_alloc(st->arena, n * sizeof(*copy));
			memcpy(copy, part, n * sizeof(*copy));
		}
		copy[i].tags = tenure_tag(st, part[i].tags, u);
	}
	return copy != NULL ? copy : part;
}

uint64_t
core_make(struct step *st, struct stamp stamp, const struct part *part,
    size_t nparts, const struct dest *dest, const struct cause *cause)
{
	static const struct cause none;
	struct core *c = st->core;
	struct out out = { .kind = OUT_ENTRY };

	if (stamp.ms == 0)
		stamp = core_stamp(c, st->wall);
	/* stamps of an origin strictly increase (link-protocol.md, 6) */
	invariant(stamp.ms > c->last_stamp.ms);
	c->last_stamp = stamp;
	if (stamp.ms > c->hlc.ms)
		c->hlc = stamp;
	for (size_t i = 0; i < nparts; i++)
		if (part[i].id == PART_UNCHAN)
			c->unchan_n = c->last_n + 1;
	out.entry = entry_new(c->self, ++c->last_n, stamp, dest,
	    cause != NULL ? cause : &none, with_tenure(st, part, nparts),
	    nparts);
	core_out_put(c, &out);
	return c->last_n;
}

void
core_adopt(struct core *c, const struct entry *e)
{
	invariant(e->n == c->last_n + 1 && e->stamp.ms > c->last_stamp.ms);
	c->last_n = e->n;
	c->last_stamp = e->stamp;
	c->adopted_n = e->n;
	/* it may have an UNCHAN */
	c->unchan_n = e->n;
}

struct stamp
core_made_last(const struct core *c)
{
	return c->last_stamp;
}

void
core_out_put(struct core *c, const struct out *out)
{
	struct out_item *i = pool_take(&c->out_pool);

	i->out = *out;
	TAILQ_INSERT_TAIL(&c->outbox, i, link);
}

void
core_counts(const struct core *c, struct core_counts *n)
{
	const struct server *s;

	*n = (struct core_counts){
		.users = c->facts.nshown,
		.users_local = c->nlocal,
		.channels = c->facts.nshown_chans,
		.sessions = pool_live(&c->session_pool),
		.conns = c->nconn,
		.opers = c->nopers,
		.max_local = c->max_local,
		.max_global = c->max_global,
		.invisible = c->ninvisible,
		.unregistered = c->nunregistered,
		.lines = c->nlines,
		.messages = c->nmessages,
		.opened = c->nopened,
	};
	for (size_t i = 0; (s = map_next(&c->facts.servers, &i)) != NULL;)
		n->servers += s->visible != 0;
}

size_t
core_load_users(const struct core *c)
{
	const struct server *me = facts_find_server(&c->facts, c->self.sid);

	return c->nunregistered + (me == NULL ? 0 : me->nusers);
}

size_t
core_users_of(const struct core *c, struct sid sid)
{
	const struct server *s = facts_find_server(&c->facts, sid);

	return s == NULL ? 0 : s->nusers;
}

struct span
core_account(const struct core *c, const struct user *u)
{
	return user_value_text(&c->facts, u, SPAN("account"));
}

bool
core_is_draining(const struct core *c)
{
	return c->draining;
}

const struct pool *
core_pool(const struct core *c, size_t i)
{
	const struct facts *f = &c->facts;
	const struct pool *const pool[] = { &c->conn_pool, &c->session_pool,
		&c->out_pool, &c->request_pool, &f->name_pool, &f->server_pool,
		&f->user_pool, &f->chan_pool, &f->founding_pool,
		&f->member_count_pool, &f->mask_pool, &f->invite_pool,
		&f->member_pool, &f->homed_member_pool, &f->move_pool,
		&f->unknown_pool, &f->unknown_owner_pool };

	return i < sizeof(pool) / sizeof(pool[0]) ? pool[i] : NULL;
}
