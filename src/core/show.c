/*
 * The step in order (doc/decisions/0003):
 *
 *   0  who is visible, who holds which nick
 *   1  PART and KICK of users who stay, QUIT of those who do not
 *   2  NICK: first all who fall to their uid, then whoever's target is free
 *   3  JOIN of the new, their AWAY; AWAY of others
 *   4  MODE: `-` before `+`, status, modes, lists; TOPIC
 *   5  to those who joined: topic and names; to oneself: own modes
 *
 * All by uid, never by dot: the same user in the same channel before and
 * after gives no line. The shown state is changed as the lines go out, so
 * receivers are those who share a channel at that moment of the sequence.
 *
 * Only what is marked is looked at; marks are made where facts change.
 */
#include "core/show.h"

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/mem.h"
#include "core/facts_write.h"
#include "core/line.h"
#include "core/names.h"
#include "core/reply.h"
#include "core/show_chan.h"

bool
show_is_visible(const struct core *c, struct origin o)
{
	const struct server *s;

	if (origin_cmp(o, c->self) == 0)
		return true;
	s = facts_find_server(&c->facts, o.sid);
	return s != NULL && s->visible == o.inc;
}

static bool
is_local(const struct user *u)
{
	return !LIST_EMPTY(&u->sessions);
}

/* ---- 0: who is visible, who holds which nick --------------------------- */

static bool
claim_is_less(const struct user *a, const struct user *b)
{
	int c;

	if (a->claim_class != b->claim_class)
		return a->claim_class < b->claim_class;
	if (a->claim_stamp.ms != b->claim_stamp.ms)
		return a->claim_stamp.ms < b->claim_stamp.ms;
	if ((c = sid_cmp(a->claim_dot.o.sid, b->claim_dot.o.sid)) != 0)
		return c < 0;
	return uid_cmp(a->uid, b->uid) < 0;
}

static void
find_visible(struct step *st)
{
	struct user *u;
	struct member *m;
	bool visible;

	STAILQ_FOREACH(u, &st->facts->dirty_users, dirty_link) {
		visible = !u->gone && show_is_visible(st->core, u->dot.o);
		if (visible == u->visible)
			continue;
		u->visible = visible;
		if (u->claimed != NULL)
			facts_dirty_nick(st->facts, u->claimed);
		TAILQ_FOREACH(m, &u->members, user_link)
			facts_dirty_member(st->facts, m);
	}
}

static void
find_holders(struct step *st)
{
	struct nick *n;
	struct user *u;

	STAILQ_FOREACH(n, &st->facts->dirty_nicks, dirty_link) {
		if (!core_mutated(st->facts, NICK_STICKY) ||
		    n->holder == NULL || !n->holder->visible ||
		    n->holder->claimed != n)
			n->holder = NULL;
		LIST_FOREACH(u, &n->claimants, claim_link) {
			facts_dirty_user(st->facts, u);
			if (u->visible &&
			    (n->holder == NULL ||
				(claim_is_less(u, n->holder) &&
				    !core_mutated(st->facts, NICK_STICKY))))
				n->holder = u;
		}
	}
}

/* The nick a visible user shall show; NULL for his uid. */
static struct nick *
wanted(const struct user *u)
{
	return u->claimed != NULL && u->claimed->holder == u ? u->claimed
							     : NULL;
}

static struct span
wanted_text(const struct user *u)
{
	return wanted(u) != NULL ? rcbuf_span(u->claim_nick)
				 : uid_span(&u->uid);
}

/* His home confirms a loss as a fact (core/home.c). */
static void
note_loss(struct step *st, const struct user *u)
{
	if (u->claimed != NULL && wanted(u) == NULL &&
	    origin_cmp(u->dot.o, st->core->self) == 0)
		st->core->lost_nicks = true;
}

static void
set_nick(struct user *u, struct nick *n, struct span text)
{
	struct member *m;

	if (u->shown_nick != NULL && u->shown_nick->shown_by == u)
		u->shown_nick->shown_by = NULL;
	u->shown_nick = n;
	if (n != NULL)
		n->shown_by = u;
	rcbuf_unref(u->nick);
	u->nick = text.p == NULL ? NULL
		  : n != NULL	 ? rcbuf_ref(u->claim_nick)
				 : rcbuf_new(text);
	TAILQ_FOREACH(m, &u->members, user_link)
		if (m->shown)
			names_forget(m->chan);
}

/* ---- members ----------------------------------------------------------- */

static void
local_add(struct member *m)
{
	struct chan *c = m->chan;

	if (c->nlocal == c->caplocal) {
		c->caplocal = c->caplocal == 0 ? 2 : c->caplocal * 2;
		c->local = mem_array(c->local, c->caplocal, sizeof(*c->local));
	}
	c->local[c->nlocal++] = m;
	m->local_at = c->nlocal;
}

static void
local_del(struct member *m)
{
	struct chan *c = m->chan;

	if (m->local_at == 0)
		return;
	c->local[m->local_at - 1] = c->local[--c->nlocal];
	c->local[m->local_at - 1]->local_at = m->local_at;
	m->local_at = 0;
}

static struct chan_server *
find_server(struct chan *c, struct sid sid)
{
	for (uint32_t i = 0; i < c->nserver; i++)
		if (sid_cmp(c->server[i].sid, sid) == 0)
			return &c->server[i];
	return NULL;
}

/* A server has many members of a channel and a channel few servers, so they
 * are counted here and not looked for with each message (core/say.c). */
static void
remote_add(struct chan *c, struct sid home)
{
	struct chan_server *s = find_server(c, home);

	if (s != NULL) {
		s->n++;
		return;
	}
	if (c->nserver == c->capserver) {
		c->capserver = c->capserver == 0 ? 2 : c->capserver * 2;
		c->server =
		    mem_array(c->server, c->capserver, sizeof(*c->server));
	}
	c->server[c->nserver++] = (struct chan_server){ home, 1 };
}

static void
remote_del(struct chan *c, struct sid home)
{
	struct chan_server *s = find_server(c, home);

	if (--s->n == 0)
		*s = c->server[--c->nserver];
}

static bool
is_remote(const struct step *st, const struct member *m)
{
	return m->local_at == 0 &&
	       sid_cmp(m->user->home, st->core->self.sid) != 0;
}

static void
member_show(struct step *st, struct member *m)
{
	m->shown = true;
	m->user->nshown++;
	if (m->chan->nshown++ == 0)
		st->facts->nshown_chans++;
	if (is_local(m->user))
		local_add(m);
	if (is_remote(st, m))
		remote_add(m->chan, m->user->home);
	names_add(m);
}

static void
member_unshow(struct step *st, struct member *m)
{
	m->shown = false;
	m->status = 0;
	if (is_remote(st, m))
		remote_del(m->chan, m->user->home);
	local_del(m);
	m->user->nshown--;
	if (--m->chan->nshown == 0)
		show_chan_end(st, m->chan);
	names_forget(m->chan);
}

/* ---- 1: PART, KICK, QUIT ----------------------------------------------- */

/* A new stay of the same user in the same channel takes the old one's place. */
static bool
stay_goes_on(struct step *st, struct member *old)
{
	struct member *m;

	if (!old->user->visible ||
	    (m = facts_find_member(old->chan, old->user)) == NULL || m->shown)
		return false;
	m->shown = true;
	m->status = old->status;
	if (old->local_at != 0) {
		m->local_at = old->local_at;
		m->chan->local[m->local_at - 1] = m;
	}
	old->local_at = 0;
	old->shown = false;
	names_forget(old->chan);
	facts_dirty_member(st->facts, m);
	return true;
}

static void
send_part(struct step *st, struct member *m)
{
	struct line l = { 0 };
	struct writer w;

	if (st->hint.kick) {
		body_begin(st, &w, by_source(st, &st->hint.by));
		writer_str(&w, "KICK ");
		writer_span(&w, rcbuf_span(m->chan->name));
		writer_char(&w, ' ');
		writer_span(&w, rcbuf_span(m->user->nick));
		writer_str(&w, " :");
		writer_span(&w, st->hint.text);
	} else {
		body_begin(st, &w, user_source(st, m->user));
		writer_str(&w, "PART ");
		writer_span(&w, rcbuf_span(m->chan->name));
		if (st->hint.text.n > 0) {
			writer_str(&w, " :");
			writer_span(&w, st->hint.text);
		}
	}
	l.body = writer_done(&w);
	audience_begin(st);
	audience_add_chan(st, m->chan, NULL);
	audience_send(st, &l);
}

static void
show_parts(struct step *st)
{
	struct member *m;

	STAILQ_FOREACH(m, &st->facts->dirty_members, dirty_link) {
		if (!m->shown || !m->gone || !m->user->visible ||
		    stay_goes_on(st, m))
			continue;
		send_part(st, m);
		member_unshow(st, m);
	}
}

/* Channels he left in this very step are still shared ones. */
static void
audience_add_left(struct step *st, const struct user *u)
{
	const struct member *m;

	TAILQ_FOREACH(m, &u->left, user_link)
		if (m->shown)
			audience_add_chan(st, m->chan, u);
}

static void
show_quits(struct step *st)
{
	struct member *m;
	struct user *u;
	struct line l;
	struct writer w;

	STAILQ_FOREACH(u, &st->facts->dirty_users, dirty_link) {
		if (!u->shown || u->visible)
			continue;
		body_begin(st, &w, user_source(st, u));
		writer_str(&w, "QUIT :");
		writer_span(&w,
		    st->hint.text.n > 0 ? st->hint.text
		    : st->batch.ref.n > 0
			? span_tail(st->batch.type, sizeof("netsplit ") - 1)
			: SPAN("Quit"));
		l = (struct line){ .body = writer_done(&w) };
		audience_begin(st);
		audience_add_peers(st, u);
		audience_add_left(st, u);
		audience_send(st, &l);
		u->shown = false;
		st->facts->nshown--;
		TAILQ_FOREACH(m, &u->members, user_link)
			if (m->shown)
				member_unshow(st, m);
		set_nick(u, NULL, SPAN_NONE);
	}
	STAILQ_FOREACH(m, &st->facts->dirty_members, dirty_link)
		if (m->shown && m->gone && !m->user->shown)
			member_unshow(st, m);
}

/* ---- 2: NICK ----------------------------------------------------------- */

static void
send_nick(struct step *st, struct user *u, struct nick *n, struct span text)
{
	struct line l = { 0 };
	struct writer w;

	body_begin(st, &w, user_source(st, u));
	writer_str(&w, "NICK ");
	writer_span(&w, text);
	l.body = writer_done(&w);
	audience_begin(st);
	audience_add_user(st, u);
	audience_add_peers(st, u);
	audience_send(st, &l);
	set_nick(u, n, text);
}

static bool
wants_other_nick(const struct user *u)
{
	return u->shown && u->visible &&
	       !span_eq(rcbuf_span(u->nick), wanted_text(u));
}

static void
show_nicks(struct step *st)
{
	struct user_queue *q = &st->facts->dirty_users;
	struct user *u, *stuck;
	struct nick *n;
	bool moved;

	/* His home claimed the uid he shows already: no line. */
	STAILQ_FOREACH(u, q, dirty_link)
		if (u->shown && u->visible && !wants_other_nick(u) &&
		    u->shown_nick != wanted(u))
			set_nick(u, wanted(u), wanted_text(u));
	STAILQ_FOREACH(u, q, dirty_link)
		if (wants_other_nick(u) && wanted(u) == NULL) {
			send_nick(st, u, NULL, uid_span(&u->uid));
			note_loss(st, u);
		}
	do {
		moved = false;
		stuck = NULL;
		STAILQ_FOREACH(u, q, dirty_link) {
			if (!wants_other_nick(u))
				continue;
			n = wanted(u);
			if (n->shown_by == NULL || n->shown_by == u ||
			    core_mutated(st->facts, NICK_NO_WAIT)) {
				send_nick(st, u, n, wanted_text(u));
				moved = true;
			} else if (stuck == NULL)
				stuck = u;
		}
		/* an exchange: one goes by its uid */
		if (!moved && stuck != NULL) {
			send_nick(st, stuck, NULL, uid_span(&stuck->uid));
			moved = true;
		}
	} while (moved);
}

/* ---- 3: JOIN, AWAY ----------------------------------------------------- */

static const struct reg *
user_reg(const struct step *st, const struct user *u, struct span field)
{
	const struct name *n = map_find(&st->facts->names, field);

	return n == NULL ? NULL : regs_find(&u->regs, n);
}

/* Every client of his learns that he is away, or back. */
static void
tell_own_away(struct step *st, const struct user *u)
{
	struct session *s;

	LIST_FOREACH(s, &u->sessions, user_link)
		reply0(st, s, u->away != NULL ? RPL_NOWAWAY : RPL_UNAWAY);
}

static void
send_away(struct step *st, struct user *u)
{
	struct line l = { 0 };
	struct writer w;

	body_begin(st, &w, user_source(st, u));
	writer_str(&w, "AWAY");
	if (u->away != NULL) {
		writer_str(&w, " :");
		writer_span(&w, rcbuf_span(u->away));
	}
	l.body = writer_done(&w);
	audience_send(st, &l);
}

static void
show_users(struct step *st)
{
	const struct reg *r;
	struct rcbuf *away;
	struct user *u;
	bool fresh;

	STAILQ_FOREACH(u, &st->facts->dirty_users, dirty_link) {
		if (!u->visible)
			continue;
		fresh = !u->shown;
		if (fresh) {
			u->shown = true;
			st->facts->nshown++;
			if (st->facts->nshown > st->core->max_global)
				st->core->max_global = st->facts->nshown;
			set_nick(u, wanted(u), wanted_text(u));
			note_loss(st, u);
		}
		r = user_reg(st, u, SPAN("away"));
		away = r == NULL ? NULL : r->value;
		if (away == u->away)
			continue;
		rcbuf_unref(u->away);
		u->away = away == NULL ? NULL : rcbuf_ref(away);
		if (fresh)
			continue;
		tell_own_away(st, u);
		audience_begin(st);
		audience_add_peers(st, u);
		audience_keep_cap(st, CAPB(AWAY_NOTIFY));
		send_away(st, u);
	}
}

static void
send_join(struct step *st, struct member *m)
{
	struct line l = { .alt_cap = CAPB(EXTENDED_JOIN) };
	struct writer w;

	for (unsigned ext = 0; ext < 2; ext++) {
		body_begin(st, &w, user_source(st, m->user));
		writer_str(&w, "JOIN ");
		writer_span(&w, rcbuf_span(m->chan->name));
		if (ext == 1) {
			writer_str(&w, " * :");
			writer_span(&w, ident_realname(m->user->ident));
			l.alt = writer_done(&w);
		} else
			l.body = writer_done(&w);
	}
	audience_begin(st);
	audience_add_chan(st, m->chan, NULL);
	audience_send(st, &l);
	if (m->user->away == NULL)
		return;
	audience_begin(st);
	audience_add_chan(st, m->chan, m->user);
	audience_keep_cap(st, CAPB(AWAY_NOTIFY));
	send_away(st, m->user);
}

static void
show_joins(struct step *st)
{
	struct member *m;

	STAILQ_FOREACH(m, &st->facts->dirty_members, dirty_link) {
		if (m->shown || m->gone || !m->user->visible)
			continue;
		if (m->chan->nshown == 0) {
			m->chan->current = show_current(m->chan);
			show_chan_name(m->chan);
			facts_dirty_chan(st->facts, m->chan, CHAN_ANY);
		}
		member_show(st, m);
		m->joined = true;
		send_join(st, m);
	}
}

/* ---- 5: to oneself ----------------------------------------------------- */

static void
show_own_joins(struct step *st)
{
	struct member *m;
	struct session *s;

	STAILQ_FOREACH(m, &st->facts->dirty_members, dirty_link) {
		if (!m->joined)
			continue;
		m->joined = false;
		if (!m->shown)
			continue;
		LIST_FOREACH(s, &m->user->sessions, user_link) {
			if (m->chan->topic != NULL)
				reply_topic(st, s, m->chan);
			reply_names(st, s, m->chan);
		}
	}
}

static uint32_t
modes_of(const struct user *u)
{
	uint32_t set = 0;

	for (uint32_t i = 0; i < u->regs.n; i++)
		if (u->regs.v[i].value != NULL &&
		    u->regs.v[i].name->user_mode < UM_COUNT)
			set |= 1u << u->regs.v[i].name->user_mode;
	return set;
}

static void
write_user_modes(struct writer *w, char sign, uint32_t set)
{
	if (set == 0)
		return;
	writer_char(w, sign);
	for (unsigned m = 0; m < UM_COUNT; m++)
		if (set & (1u << m))
			writer_char(w, user_mode_row(m)->letter);
}

static void
show_user_modes(struct step *st)
{
	struct user *u;
	struct line l;
	struct writer w;
	uint32_t after;

	STAILQ_FOREACH(u, &st->facts->dirty_users, dirty_link) {
		after = u->visible ? modes_of(u) : 0;
		if (after == u->modes)
			continue;
		/* who is being welcomed is told there */
		if (u->shown && is_local(u) &&
		    LIST_FIRST(&u->sessions)->reg == NULL) {
			body_begin(st, &w, user_source(st, u));
			writer_str(&w, "MODE ");
			writer_span(&w, rcbuf_span(u->nick));
			writer_char(&w, ' ');
			write_user_modes(&w, '-', u->modes & ~after);
			write_user_modes(&w, '+', after & ~u->modes);
			l = (struct line){ .body = writer_done(&w) };
			audience_begin(st);
			audience_add_user(st, u);
			audience_send(st, &l);
		}
		st->core->ninvisible +=
		    ((after & UMB(INVISIBLE)) != 0) -
		    (size_t)((u->modes & UMB(INVISIBLE)) != 0);
		st->core->nopers += ((after & UMB(OPER)) != 0) -
				    (size_t)((u->modes & UMB(OPER)) != 0);
		u->modes = after;
	}
}

void
show_step(struct step *st)
{
	bool join_first = core_mutated(st->facts, JOIN_FIRST);
	bool quit_last = core_mutated(st->facts, QUIT_LAST);
	bool mode_first = core_mutated(st->facts, MODE_FIRST);

	find_visible(st);
	find_holders(st);
	if (mode_first)
		show_chans(st);
	show_parts(st);
	if (!quit_last)
		show_quits(st);
	if (!join_first)
		show_nicks(st);
	show_users(st);
	show_joins(st);
	if (join_first)
		show_nicks(st);
	if (quit_last)
		show_quits(st);
	if (!mode_first)
		show_chans(st);
	show_own_joins(st);
	show_user_modes(st);
	facts_reap(st->facts);
}
