/*
 * The tables of all facts and how each is found. facts_write.c changes facts,
 * and facts_reap.c frees them.
 */
#include "core/facts/facts.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/facts/bans.h"
#include "core/facts/facts_write.h"
#include "core/facts/claim.h"
#include "core/facts/cname.h"
#include "core/facts/entrances.h"
#include "core/facts/founding.h"
#include "core/facts/membership.h"
#include "core/facts/memory.h"
#include "core/facts/reg_table.h"
#include "core/facts/unknown.h"
#include "wire/casemap.h"

/* ---- keys -------------------------------------------------------------- */

static struct span
key_name(const void *p)
{
	return rcbuf_span(((const struct name *)p)->text);
}

static struct span
key_server(const void *p)
{
	return sid_span(&((const struct server *)p)->sid);
}

static struct span
key_user(const void *p)
{
	return uid_span(&((const struct user *)p)->uid);
}

static struct span
key_nick(const void *p, char buf[CHAINS_KEY_MAX])
{
	const struct nick *n = p;

	return facts_fold(span_make(n->text, n->n), buf);
}

static bool
is_nick(const void *p, struct span key)
{
	const struct nick *n = p;
	struct span s = span_head(span_make(n->text, n->n), FACTS_FOLD_MAX);

	/* the last byte first: many nicks end in a number */
	return s.n == key.n && s.n > 0 &&
	       casemap_char(s.p[s.n - 1]) == key.p[s.n - 1] &&
	       casemap_eq(s, key);
}

static const struct chains_type by_fold = { key_nick, is_nick };

static struct span
key_chan(const void *p)
{
	return rcbuf_span(((const struct chan *)p)->fold);
}

static struct span
key_member(const void *p, char buf[CHAINS_KEY_MAX])
{
	(void)buf;
	return dot_span(&((const struct member *)p)->dot);
}

static bool
is_member(const void *p, struct span key)
{
	return memcmp(&((const struct member *)p)->dot, key.p,
		   sizeof(struct dot)) == 0;
}

static const struct chains_type by_dot = { key_member, is_member };

static struct span
key_mask(const void *p)
{
	return dot_span(&((const struct mask *)p)->dot);
}

static struct span
key_invite(const void *p)
{
	return dot_span(&((const struct invite *)p)->dot);
}

/* Cut longer names: no nick or channel is that long, so the cut name is not
 * found. */
struct span
facts_fold(struct span s, char buf[FACTS_FOLD_MAX])
{
	s = span_head(s, FACTS_FOLD_MAX);
	casemap_fold(s, buf);
	return span_make(buf, s.n);
}

/* ---- the tables -------------------------------------------------------- */

void
facts_init(struct facts *f, const unsigned char seed[16],
    const struct tables *tables)
{
	*f = (struct facts){ .tables = tables,
		.last = mem_zalloc(sizeof(*f->last)),
		.memories = memory_init(seed),
		.bans = bans_new(seed),
		.cnames = cnames_new(seed),
		.entrances = entrances_new() };
	map_init(&f->field_names, key_name, seed);
	map_init(&f->servers, key_server, seed);
	map_init(&f->users, key_user, seed);
	chains_init(&f->nicks, &by_fold, offsetof(struct nick, next), seed);
	map_init(&f->chans, key_chan, seed);
	chains_init(&f->members, &by_dot, offsetof(struct member, next), seed);
	unknown_init(f, seed);
	map_init(&f->masks, key_mask, seed);
	map_init(&f->invites, key_invite, seed);
	blocks_init(&f->blocks);
	pool_init(&f->name_pool, sizeof(struct name), "name");
	pool_init(&f->server_pool, sizeof(struct server), "server");
	pool_init(&f->user_pool, sizeof(struct user), "user");
	pool_init(&f->chan_pool, sizeof(struct chan), "chan");
	pool_init(&f->founding_pool, sizeof(struct founding), "founding");
	pool_init(&f->member_count_pool, sizeof(struct member_count),
	    "member_count");
	pool_init(&f->mask_pool, sizeof(struct mask), "mask");
	pool_init(&f->invite_pool, sizeof(struct invite), "invite");
	pool_init(&f->member_pool, sizeof(struct member), "member");
	pool_init(&f->homed_member_pool, sizeof(struct homed_member),
	    "homed_member");
	pool_init(&f->move_pool, sizeof(struct move), "move");
}

static void
drop_chan(struct facts *f, struct chan *c)
{
	struct founding *g;

	while ((g = founding_first(c)) != NULL)
		facts_drop_founding(f, g);
	facts_dirty_chan(f, c, 0);
}

static void
free_servers(struct facts *f)
{
	struct server *s;

	for (size_t i = 0; (s = map_next(&f->servers, &i)) != NULL;) {
		map_del(&f->servers, sid_span(&s->sid));
		rcbuf_unref(s->name);
		rcbuf_unref(s->description);
		rcbuf_unref(s->forget_had);
		rcbuf_unref(s->flip_batch);
		pool_give(&f->server_pool, s);
	}
}

static void
free_names(struct facts *f)
{
	struct name *n;

	for (size_t i = 0; (n = map_next(&f->field_names, &i)) != NULL;) {
		map_del(&f->field_names, rcbuf_span(n->text));
		rcbuf_unref(n->text);
		rcbuf_unref(n->on);
		pool_give(&f->name_pool, n);
	}
}

bool
facts_fini(struct facts *f)
{
	struct user *u;
	struct chan *c;
	size_t left;

	for (size_t i = 0; (u = map_next(&f->users, &i)) != NULL;) {
		u->shown = false;
		facts_drop_user(f, u);
	}
	for (size_t i = 0; (c = map_next(&f->chans, &i)) != NULL;)
		drop_chan(f, c);
	facts_reap(f);
	(void)reg_table_free(&f->shed, SIZE_MAX);
	memory_owner_gone(f->memories, f);
	left = unknown_fini(f) + memory_fini(f->memories) + bans_free(f) +
	       cnames_free(f) + entrances_free(f);
	free_servers(f);
	free_names(f);
	left += f->nsurplus + map_count(&f->users) + chains_count(&f->nicks) +
		map_count(&f->chans) + chains_count(&f->members);
	free(f->surplus);
	for (size_t i = 0; i < f->nnoted; i++)
		if (f->noted[i].fold != NULL)
			rcbuf_unref(f->noted[i].fold);
	free(f->noted);
	free(f->last);
	free(f->dirty_nicks.v);
	free(f->dirty_users.v);
	free(f->dirty_chans.v);
	free(f->dirty_members.v);
	free(f->dead_foundings.v);
	map_fini(&f->field_names);
	free(f->numbered);
	free(f->meant);
	map_fini(&f->servers);
	map_fini(&f->users);
	chains_fini(&f->nicks);
	map_fini(&f->chans);
	chains_fini(&f->members);
	map_fini(&f->masks);
	map_fini(&f->invites);
	left += blocks_fini(&f->blocks) + pool_fini(&f->name_pool) +
		pool_fini(&f->server_pool) + pool_fini(&f->user_pool) +
		pool_fini(&f->chan_pool) + pool_fini(&f->founding_pool) +
		pool_fini(&f->member_count_pool) + pool_fini(&f->mask_pool) +
		pool_fini(&f->invite_pool) + pool_fini(&f->member_pool) +
		pool_fini(&f->homed_member_pool) + pool_fini(&f->move_pool);
	return left == 0;
}

/* ---- finding ----------------------------------------------------------- */

struct server *
facts_find_server(const struct facts *f, struct sid sid)
{
	struct looked_up *last = f->last;

	if (last->server == NULL || sid_cmp(last->server->sid, sid) != 0)
		last->server = map_find(&f->servers, sid_span(&sid));
	return last->server;
}

struct server *
facts_find_server_name(const struct facts *f, struct span name)
{
	struct server *s;

	for (size_t i = 0; (s = map_next(&f->servers, &i)) != NULL;)
		if (casemap_eq(rcbuf_span(s->name), name))
			return s;
	return NULL;
}

struct server *
user_server(const struct facts *f, const struct user *u)
{
	return facts_find_server(f, user_home(u).sid);
}

struct user *
facts_find_uid(const struct facts *f, struct uid uid)
{
	struct looked_up *last = f->last;

	if (last->user == NULL || uid_cmp(last->user->uid, uid) != 0)
		last->user = map_find(&f->users, uid_span(&uid));
	return last->user;
}

struct chan *
facts_find_chan(const struct facts *f, struct span name)
{
	char buf[FACTS_FOLD_MAX];

	return map_find(&f->chans, facts_fold(name, buf));
}

struct member *
facts_find_dot(const struct facts *f, struct dot dot)
{
	return chains_find(&f->members, dot_span(&dot));
}

bool
facts_next_member(const struct facts *f, struct member_walk *w,
    struct member **m)
{
	const struct chan *c;

	if (w->next == NULL) {
		if ((c = map_next(&f->chans, &w->chan)) == NULL)
			return false;
		w->next = TAILQ_FIRST(&c->members);
	}
	*m = w->next;
	if (*m != NULL)
		w->next = TAILQ_NEXT(*m, chan_link);
	return true;
}

struct member *
facts_find_member(const struct chan *c, const struct user *u)
{
	size_t visits = 0;

	return membership_find(c, u, &visits);
}

static struct user *
holder_if_shown(const struct nick *n)
{
	struct user *u = nick_holder(n);

	return u != NULL && u->shown ? u : NULL;
}

struct user *
facts_find_nick(const struct facts *f, struct span nick)
{
	char buf[FACTS_FOLD_MAX];
	struct nick *n;
	struct user *u;
	struct uid uid;

	if ((n = chains_find(&f->nicks, facts_fold(nick, buf))) != NULL)
		return holder_if_shown(n);
	if (!uid_parse(nick, &uid))
		return NULL;
	u = facts_find_uid(f, uid);
	return u != NULL && u->shown && user_nick(u).p != NULL &&
		       span_eq(user_nick(u), nick)
		   ? u
		   : NULL;
}

bool
facts_nick_in_use(const struct facts *f, struct span nick)
{
	char buf[FACTS_FOLD_MAX];
	const struct nick *n = chains_find(&f->nicks, facts_fold(nick, buf));

	return n != NULL && claim_least(n) != NULL;
}

/* ---- marks ------------------------------------------------------------- */

static void *
next_marked(const struct marks *d, size_t *i)
{
	return *i < d->n ? d->v[(*i)++] : NULL;
}

struct nick *
facts_dirty_nick_next(const struct facts *f, size_t *i)
{
	return next_marked(&f->dirty_nicks, i);
}

struct user *
facts_dirty_user_next(const struct facts *f, size_t *i)
{
	return next_marked(&f->dirty_users, i);
}

struct chan *
facts_dirty_chan_next(const struct facts *f, size_t *i)
{
	return next_marked(&f->dirty_chans, i);
}

struct member *
facts_dirty_member_next(const struct facts *f, size_t *i)
{
	return next_marked(&f->dirty_members, i);
}

/* ---- void or expired --------------------------------------------------- */

bool
expiry_holds(struct stamp expiry, struct wall now)
{
	return expiry.ms == 0 || expiry.ms > now.ms;
}

bool
facts_is_void(const struct facts *f, struct origin o)
{
	const struct server *s = facts_find_server(f, o.sid);

	return s != NULL && (o.inc < s->ready || o.inc <= s->forget);
}

bool
facts_is_void_of(const struct facts *f, const struct user *u, struct origin o)
{
	return facts_is_void(f, o) &&
	       (user_home_reg(u) == NULL || core_mutated(f, HOME_VOID));
}

uint32_t
user_run_said(const struct user *u, struct sid by)
{
	return sid_cmp(u->dot.o.sid, by) == 0 ? 0 : u->dot.o.inc;
}

struct span
user_say_status(const struct user *u, struct sid by)
{
	uint32_t inc = user_run_said(u, by);

	return inc == 0 ? SPAN_NONE : run_digit(inc);
}

bool
facts_means_another(const struct facts *f, const struct user *u,
    struct origin o, struct stamp stamp, uint32_t inc)
{
	struct stamp since = user_stamp(u);

	if (core_mutated(f, UID_TWICE))
		return false;
	/* 1. A former run of the server that made the user. */
	if (sid_cmp(o.sid, u->dot.o.sid) == 0 && o.inc < u->dot.o.inc)
		return true;
	/* 2. Any server before the user was made. An entry has a later stamp
	 *    than those that its maker has seen, and one of its own has one
	 *    stamp for all parts. */
	if (!core_mutated(f, UID_EARLIER) &&
	    (stamp.ms < since.ms ||
		(stamp.ms == since.ms && origin_cmp(o, u->dot.o) != 0)))
		return true;
	/* 3. A server that knew the user of another run, as it says. */
	return inc != 0 && inc != u->dot.o.inc && !core_mutated(f, UID_LATER);
}

struct user *
facts_find_meant(const struct facts *f, struct uid uid, struct origin o,
    struct stamp stamp, uint32_t inc)
{
	struct user *u = facts_find_uid(f, uid);

	return u == NULL || facts_means_another(f, u, o, stamp, inc) ? NULL : u;
}

/* ---- members ----------------------------------------------------------- */

struct made
member_made(const struct member *m)
{
	if (user_home_reg(m->user) == NULL)
		return (struct made){ 0 };
	return ((const struct homed_member *)(const void *)m)->made;
}

struct cinc
member_cinc(const struct member *m)
{
	const struct move *move = member_move(m);

	return move != NULL ? move->cinc : member_joined(m);
}

struct cinc
member_joined(const struct member *m)
{
	return cinc_of_number(m->apart ? m->more->move->joined
				       : m->chan->joined);
}

struct stamp
member_stamp(const struct member *m)
{
	return (struct stamp){ (int64_t)m->stamp_ms };
}

const struct move *
member_move(const struct member *m)
{
	const struct move *move = m->more != NULL ? m->more->move : NULL;

	return move != NULL && move->write.dot.n > 0 ? move : NULL;
}

const struct status_reg *
member_stats(const struct member *m, uint32_t *n)
{
	*n = m->more != NULL ? m->more->nstat : 0;
	return m->more != NULL ? m->more->stat : NULL;
}

uint32_t
member_status_in(const struct member *m, const struct founding *g)
{
	uint32_t set = 0, n;
	const struct status_reg *s = member_stats(m, &n);
	struct cinc_number cinc;

	if (g == NULL || n == 0)
		return 0;
	cinc = cinc_number(g->cinc);
	for (; n > 0; n--, s++)
		if (s->on && s->name->status != ST_NONE && s->cinc.v == cinc.v)
			set |= 1u << s->name->status;
	return set;
}

/* ---- users ------------------------------------------------------------- */

struct nick_claim
user_claim(const struct user *u)
{
	struct nick_claim c = { .stamp = user_stamp(u), .class = 1 };

	if (u->more != NULL && u->more->claim != NULL)
		return *u->more->claim;
	c.write = (struct write){ dot_make(u->dot.o, u->dot.n, u->claim_part),
		0, c.stamp };
	return c;
}

static struct span
former_nick(const struct user_more *more)
{
	return more->former_spelled != NULL
		   ? rcbuf_span(more->former_spelled)
		   : span_make(more->former->text, more->former->n);
}

struct span
user_nick(const struct user *u)
{
	switch (u->shown_as) {
	case SHOWN_NOT:
		break;
	case SHOWN_UID:
		return uid_span(&u->uid);
	case SHOWN_CLAIM:
		return user_claim_nick(u);
	case SHOWN_FORMER:
		return former_nick(u->more);
	}
	return SPAN_NONE;
}

/* ---- registers --------------------------------------------------------- */

/* Return the base of the registers of a user, and of a founding (reg.h). Most
 * registers are written in the entry of the +USER or +CHAN. Only this file
 * knows the base, so the functions that write a register are here, too. */
static struct reg_base
user_base(const struct user *u)
{
	return (struct reg_base){ .write = { u->dot, 0, user_stamp(u) },
		.by = by_user(u->uid) };
}

static struct reg_base
founding_base(const struct founding *g)
{
	return (struct reg_base){ .write = { g->dot, 0, g->stamp },
		.by = by_server(g->cinc.sid) };
}

struct reg_walk
user_regs(const struct user *u)
{
	struct reg_base base = user_base(u);

	return regs_walk(&u->regs, &base);
}

struct reg_walk
founding_regs(const struct founding *g)
{
	struct reg_base base = founding_base(g);

	return regs_walk(&g->regs, &base);
}

static struct reg_names
meant_names(const struct facts *f)
{
	return (struct reg_names){ f->meant, &f->last->reg_visits };
}

struct reg_walk
user_meant_regs(const struct facts *f, const struct user *u)
{
	struct reg_base base = user_base(u);

	return regs_walk_names(&u->regs, &base, meant_names(f), f->nmeant);
}

struct reg_walk
founding_meant_regs(const struct facts *f, const struct founding *g)
{
	struct reg_base base = founding_base(g);

	return regs_walk_names(&g->regs, &base, meant_names(f), f->nmeant);
}

struct rcbuf *
user_value(const struct facts *f, const struct user *u, struct span field)
{
	const struct name *name = map_find(&f->field_names, field);
	struct reg_base base = user_base(u);

	return name == NULL ? NULL : regs_value(&u->regs, &base, name);
}

struct span
user_value_text(const struct facts *f, const struct user *u, struct span field)
{
	const struct rcbuf *value = user_value(f, u, field);

	return value == NULL ? SPAN_NONE : rcbuf_span(value);
}

bool
facts_set_user(struct facts *f, struct user *u, const struct reg *r,
    struct text value)
{
	struct reg_base base = user_base(u);

	base.visits = &f->reg_visits;
	return regs_write(&f->blocks, &u->regs, &base, r, value);
}

bool
facts_set_founding(struct facts *f, struct founding *g, const struct reg *r,
    struct text value)
{
	struct reg_base base = founding_base(g);

	base.visits = &f->reg_visits;
	if (!regs_write(&f->blocks, &g->regs, &base, r, value))
		return false;
	if (g->permanent)
		facts_note(f, g);
	if (r->name->chan_mode == CM_PERMANENT)
		founding_set_permanent(f, g, value.present);
	if (g->permanent)
		facts_note(f, g);
	return true;
}

/* ---- channels ---------------------------------------------------------- */

struct rcbuf *
chan_value(const struct chan *c, enum chan_mode m)
{
	for (unsigned i = 0; i < c->nvalue; i++)
		if (c->value[i].mode == m)
			return c->value[i].text;
	return NULL;
}

/* ---- room -------------------------------------------------------------- */

static bool
is_named(const struct facts *f, struct span name)
{
	return map_find(&f->field_names, name) != NULL;
}

bool
facts_has_room(const struct facts *f, const struct part *p)
{
	switch (p->id) {
	case PART_UNKNOWN:
		return unknown_has_room(f, p);
	case PART_USER:
		return is_named(f, p->u.user.server);
	case PART_SET:
		return is_named(f, p->u.set.field);
	case PART_STAT:
		return is_named(f, p->u.stat.name);
	case PART_CSET:
		return is_named(f, p->u.cset.field);
	case PART_LADD:
		return is_named(f, p->u.ladd.list);
	case PART_QUIT:
	case PART_NICK:
	case PART_HOME:
	case PART_CHAN:
	case PART_UNCHAN:
	case PART_JOIN:
	case PART_MOVE:
	case PART_PART:
	case PART_KICK:
	case PART_LDEL:
	case PART_READY:
	case PART_FORGET:
	case PART_INVITE:
	case PART_SAY:
	case PART_NOTE:
		break;
	}
	return true;
}
