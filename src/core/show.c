/*
 * The step in order (decisions.md, part 1):
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
#include "core/line.h"
#include "core/names.h"
#include "core/reply.h"

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

/* ---- 0: who is visible, who holds which nick ----------------------------------- */

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

	TAILQ_FOREACH(u, &st->facts->dirty_users, dirty_link) {
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

	TAILQ_FOREACH(n, &st->facts->dirty_nicks, dirty_link) {
		n->holder = NULL;
		LIST_FOREACH(u, &n->claimants, claim_link) {
			facts_dirty_user(st->facts, u);
			if (u->visible && (n->holder == NULL ||
			    claim_is_less(u, n->holder)))
				n->holder = u;
		}
	}
}

/* The nick a visible user shall show; NULL for his uid. */
static struct nick *
wanted(const struct user *u)
{
	return u->claimed != NULL && u->claimed->holder == u ? u->claimed :
	    NULL;
}

static struct span
wanted_text(const struct user *u)
{
	return wanted(u) != NULL ? rcbuf_span(u->claim_nick) :
	    uid_span(&u->uid);
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
	if (u->shown_nick != NULL && u->shown_nick->shown_by == u)
		u->shown_nick->shown_by = NULL;
	u->shown_nick = n;
	if (n != NULL)
		n->shown_by = u;
	rcbuf_unref(u->nick);
	u->nick = text.p == NULL ? NULL : rcbuf_new(text);
}

/* ---- members ---------------------------------------------------------------------- */

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

static void
clear_lists(struct chan *c)
{
	for (unsigned l = 0; l < CM_LISTS; l++) {
		for (uint32_t i = 0; i < c->nlist[l]; i++)
			rcbuf_unref(c->list[l][i].text);
		free(c->list[l]);
		c->list[l] = NULL;
		c->nlist[l] = 0;
	}
}

/* Nobody is shown on it any more: it is shown nowhere. */
static void
chan_unshow(struct step *st, struct chan *c)
{
	c->current = NULL;
	c->modes = 0;
	c->limit = 0;
	rcbuf_unref(c->key);
	rcbuf_unref(c->topic);
	c->key = c->topic = NULL;
	clear_lists(c);
	st->facts->nshown_chans--;
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
}

static void
member_unshow(struct step *st, struct member *m)
{
	m->shown = false;
	m->status = 0;
	local_del(m);
	m->user->nshown--;
	if (--m->chan->nshown == 0)
		chan_unshow(st, m->chan);
}

/* ---- 1: PART, KICK, QUIT --------------------------------------------------------------- */

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

	TAILQ_FOREACH(m, &st->facts->dirty_members, dirty_link) {
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

	TAILQ_FOREACH(u, &st->facts->dirty_users, dirty_link) {
		if (!u->shown || u->visible)
			continue;
		body_begin(st, &w, user_source(st, u));
		writer_str(&w, "QUIT :");
		writer_span(&w, st->hint.text.n > 0 ? st->hint.text :
		    st->batch.ref.n > 0 ?
		    span_tail(st->batch.type, sizeof("netsplit ") - 1) :
		    SPAN("Quit"));
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
	TAILQ_FOREACH(m, &st->facts->dirty_members, dirty_link)
		if (m->shown && m->gone && !m->user->shown)
			member_unshow(st, m);
}

/* ---- 2: NICK ------------------------------------------------------------------------------ */

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
	TAILQ_FOREACH(u, q, dirty_link)
		if (u->shown && u->visible && !wants_other_nick(u) &&
		    u->shown_nick != wanted(u))
			set_nick(u, wanted(u), wanted_text(u));
	TAILQ_FOREACH(u, q, dirty_link)
		if (wants_other_nick(u) && wanted(u) == NULL) {
			send_nick(st, u, NULL, uid_span(&u->uid));
			note_loss(st, u);
		}
	do {
		moved = false;
		stuck = NULL;
		TAILQ_FOREACH(u, q, dirty_link) {
			if (!wants_other_nick(u))
				continue;
			n = wanted(u);
			if (n->shown_by == NULL || n->shown_by == u) {
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

/* ---- 3: JOIN, AWAY -------------------------------------------------------------------------- */

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

	TAILQ_FOREACH(u, &st->facts->dirty_users, dirty_link) {
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
			writer_span(&w, rcbuf_span(m->user->realname));
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
chan_rename(struct chan *c)
{
	struct rcbuf *name = c->current != NULL ? c->current->name :
	    TAILQ_EMPTY(&c->foundings) ? c->fold :
	    TAILQ_FIRST(&c->foundings)->name;

	if (c->name == name)
		return;
	rcbuf_unref(c->name);
	c->name = rcbuf_ref(name);
}

static void
show_joins(struct step *st)
{
	struct member *m;

	TAILQ_FOREACH(m, &st->facts->dirty_members, dirty_link) {
		if (m->shown || m->gone || !m->user->visible)
			continue;
		if (m->chan->nshown == 0) {
			m->chan->current = show_current(m->chan);
			chan_rename(m->chan);
			facts_dirty_chan(st->facts, m->chan, CHAN_ANY);
		}
		member_show(st, m);
		m->joined = true;
		send_join(st, m);
	}
}

/* ---- 4: MODE, TOPIC --------------------------------------------------------------------------- */

struct change {
	char		letter;
	struct span	arg;
	bool		has_arg;
};

struct changes {
	struct change	*v;
	size_t		n, cap;
	struct arena	*arena;
};

static void
change_add(struct changes *cs, char letter, bool has_arg, struct span arg)
{
	struct change *more;

	if (cs->n == cs->cap) {
		cs->cap = cs->cap == 0 ? 16 : cs->cap * 2;
		more = arena_alloc(cs->arena, cs->cap * sizeof(*more));
		if (cs->n > 0)
			memcpy(more, cs->v, cs->n * sizeof(*more));
		cs->v = more;
	}
	cs->v[cs->n++] = (struct change){ letter, arg, has_arg };
}

struct founding *
show_current(const struct chan *c)
{
	struct founding *best = NULL, *g;
	struct member *m;

	TAILQ_FOREACH(m, &c->members, chan_link) {
		struct cinc cinc = member_cinc(m);

		if (!m->user->visible ||
		    (best != NULL && cinc_cmp(best->cinc, cinc) <= 0))
			continue;
		if ((g = facts_find_founding(c, cinc)) != NULL)
			best = g;
	}
	return best;
}

uint32_t
show_status(const struct member *m, const struct founding *current)
{
	uint32_t set = 0;

	if (current == NULL)
		return 0;
	for (uint32_t i = 0; i < m->nstat; i++)
		if (m->stat[i].on && m->stat[i].name->status < ST_COUNT &&
		    cinc_cmp(m->stat[i].cinc, current->cinc) == 0)
			set |= 1u << m->stat[i].name->status;
	return set;
}

static void
diff_status(struct member *m, struct changes *off, struct changes *on)
{
	uint32_t after = show_status(m, m->chan->current);
	struct span nick = rcbuf_span(m->user->nick);

	for (unsigned s = 0; s < ST_COUNT; s++) {
		uint32_t bit = 1u << s;

		if ((m->status & bit) && !(after & bit))
			change_add(off, status_row(s)->letter, true, nick);
		if (!(m->status & bit) && (after & bit))
			change_add(on, status_row(s)->letter, true, nick);
	}
	m->status = after;
}

static void
diff_flags(struct chan *c, struct changes *off, struct changes *on)
{
	struct rcbuf *key = NULL;
	uint32_t after = 0, limit = 0;
	uint64_t v;

	for (uint32_t i = 0; c->current != NULL && i < c->current->regs.n;
	    i++) {
		const struct reg *r = &c->current->regs.v[i];
		enum chan_mode cm = r->name->chan_mode;

		if (cm >= CM_COUNT || r->value == NULL ||
		    !span_starts(rcbuf_span(r->name->text), SPAN("mode/")))
			continue;
		if (cm == CM_LIMIT) {
			if (!span_u64(rcbuf_span(r->value), &v) ||
			    v > UINT32_MAX)
				continue;
			limit = (uint32_t)v;
		} else if (cm == CM_KEY)
			key = r->value;
		after |= 1u << cm;
	}
	for (unsigned cm = CM_LISTS; cm < CM_COUNT; cm++) {
		uint32_t bit = 1u << cm;
		char letter = chan_mode_row(cm)->letter;

		if (cm == CM_KEY) {
			bool same = c->key == key || (c->key != NULL &&
			    key != NULL && span_eq(rcbuf_span(c->key),
			    rcbuf_span(key)));

			if (c->key != NULL && key == NULL)
				change_add(off, letter, true,
				    rcbuf_span(c->key));
			if (key != NULL && !same)
				change_add(on, letter, true, rcbuf_span(key));
			continue;
		}
		if (cm == CM_LIMIT) {
			if ((c->modes & bit) && !(after & bit))
				change_add(off, letter, false, SPAN_NONE);
			if ((after & bit) && limit != c->limit) {
				struct writer w;

				writer_init_arena(&w, on->arena, 16);
				writer_u64(&w, limit);
				change_add(on, letter, true, writer_done(&w));
			}
			continue;
		}
		if ((c->modes & bit) && !(after & bit))
			change_add(off, letter, false, SPAN_NONE);
		if (!(c->modes & bit) && (after & bit))
			change_add(on, letter, false, SPAN_NONE);
	}
	/* the text of an old key may be named in `off`: keep it till sent */
	if (c->key != NULL && c->key != key) {
		for (size_t i = 0; i < off->n; i++)
			if (off->v[i].arg.p == c->key->p)
				off->v[i].arg = arena_span_dup(off->arena,
				    off->v[i].arg);
		rcbuf_unref(c->key);
		c->key = NULL;
	}
	if (key != NULL && c->key == NULL)
		c->key = rcbuf_ref(key);
	c->modes = after;
	c->limit = limit;
}

static struct span
mask_of(const struct rcbuf *text)
{
	struct span s = rcbuf_span(text);

	return span_word(&s);
}

static bool
list_has(const struct shown_mask *v, uint32_t n, struct span mask)
{
	for (uint32_t i = 0; i < n; i++)
		if (span_eq(mask_of(v[i].text), mask))
			return true;
	return false;
}

static void
diff_list(struct chan *c, unsigned l, struct changes *off, struct changes *on)
{
	struct shown_mask *v = NULL;
	struct mask *m;
	uint32_t n = 0, cap = 0;
	char letter = chan_mode_row(l)->letter;

	if (c->current != NULL)
		TAILQ_FOREACH(m, &c->current->masks, link) {
			if (m->list->chan_mode != l ||
			    list_has(v, n, mask_of(m->text)))
				continue;
			if (n == cap) {
				cap = cap == 0 ? 4 : cap * 2;
				v = mem_array(v, cap, sizeof(*v));
			}
			v[n++] = (struct shown_mask){ rcbuf_ref(m->text),
			    m->stamp };
		}
	for (uint32_t i = 0; i < c->nlist[l]; i++)
		if (!list_has(v, n, mask_of(c->list[l][i].text)))
			change_add(off, letter, true, arena_span_dup(off->arena,
			    mask_of(c->list[l][i].text)));
	for (uint32_t i = 0; i < n; i++)
		if (!list_has(c->list[l], c->nlist[l], mask_of(v[i].text)))
			change_add(on, letter, true, mask_of(v[i].text));
	for (uint32_t i = 0; i < c->nlist[l]; i++)
		rcbuf_unref(c->list[l][i].text);
	free(c->list[l]);
	c->list[l] = v;
	c->nlist[l] = n;
}

/* Members who have seen the channel before this step. */
static void
audience_old_members(struct step *st, const struct chan *c)
{
	audience_begin(st);
	for (uint32_t i = 0; i < c->nlocal; i++)
		if (!c->local[i]->joined)
			audience_add_user(st, c->local[i]->user);
}

static size_t
change_cost(const struct change *c)
{
	return 2 + (c->has_arg ? 1 + c->arg.n : 0);
}

/* One MODE line of as many changes as fit; returns how many. */
static size_t
send_mode_line(struct step *st, const struct chan *c, struct span source,
    const struct change *v, const bool *on, size_t n)
{
	struct line l = { 0 };
	struct writer w;
	size_t k = 0, args = 0, room;
	int sign = -1;

	body_begin(st, &w, source);
	writer_str(&w, "MODE ");
	writer_span(&w, rcbuf_span(c->name));
	writer_char(&w, ' ');
	room = LINE_BODY_MAX - writer_done(&w).n;
	while (k < n && change_cost(&v[k]) <= room &&
	    (!v[k].has_arg || args < st->core->settings->modes)) {
		room -= change_cost(&v[k]);
		args += v[k].has_arg;
		if (sign != on[k])
			writer_char(&w, on[k] ? '+' : '-');
		sign = on[k];
		writer_char(&w, v[k++].letter);
	}
	if (k == 0)
		return 1;	/* cannot be shown on a line: pass it over */
	for (size_t i = 0; i < k; i++)
		if (v[i].has_arg) {
			writer_char(&w, ' ');
			writer_span(&w, v[i].arg);
		}
	l.body = writer_done(&w);
	audience_old_members(st, c);
	audience_send(st, &l);
	return k;
}

static void
send_modes(struct step *st, const struct chan *c, struct span source,
    const struct changes *off, const struct changes *on)
{
	size_t n = off->n + on->n;
	struct change *v = arena_alloc(st->arena, n * sizeof(*v));
	bool *is_on = arena_zalloc(st->arena, n);

	if (off->n > 0)
		memcpy(v, off->v, off->n * sizeof(*v));
	if (on->n > 0)
		memcpy(v + off->n, on->v, on->n * sizeof(*v));
	for (size_t i = off->n; i < n; i++)
		is_on[i] = true;
	for (size_t i = 0; i < n; )
		i += send_mode_line(st, c, source, v + i, is_on + i, n - i);
}

static void
show_topic(struct step *st, struct chan *c, struct span source)
{
	const struct name *name = map_find(&st->facts->names, SPAN("topic"));
	const struct reg *r = name == NULL || c->current == NULL ? NULL :
	    regs_find(&c->current->regs, name);
	struct rcbuf *topic = r == NULL ? NULL : r->value;
	struct span before = SPAN_NONE, after = SPAN_NONE;
	struct line l = { 0 };
	struct writer w;

	if (r != NULL)
		c->topic_stamp = r->write.stamp;
	if (topic == c->topic)
		return;
	before = topic_text(c->topic);
	after = topic_text(topic);
	if (!span_eq(before, after) || (r != NULL && st->hint.topic)) {
		body_begin(st, &w, source);
		writer_str(&w, "TOPIC ");
		writer_span(&w, rcbuf_span(c->name));
		writer_str(&w, " :");
		writer_span(&w, after);
		l.body = writer_done(&w);
		audience_old_members(st, c);
		audience_send(st, &l);
	}
	rcbuf_unref(c->topic);
	c->topic = topic == NULL ? NULL : rcbuf_ref(topic);
}

static void
show_status_of(struct step *st, struct member *m, bool moved,
    struct changes *off, struct changes *on)
{
	const struct founding *current = m->chan->current;

	if (!m->shown)
		return;
	if (moved || m->dirty)
		diff_status(m, off, on);
	if (((m->chan->dirty_what & CHAN_CURRENT) || m->dirty) && (current == NULL ||
	    cinc_cmp(member_cinc(m), current->cinc) != 0) &&
	    origin_cmp(m->user->dot.o, st->core->self) == 0)
		st->core->lost_chans = true;
}

static void
show_chan(struct step *st, struct chan *c)
{
	struct changes off = { .arena = st->arena }, on = off;
	struct founding *current = c->current;
	struct member *m;
	struct span source;
	unsigned what;
	bool moved;

	if (c->nshown == 0)
		return;
	if (c->dirty_what & CHAN_CURRENT)
		current = show_current(c);
	moved = current != c->current;
	c->current = current;
	chan_rename(c);
	what = moved ? CHAN_ANY : c->dirty_what;
	if ((what & CHAN_CURRENT) ||
	    c->nmembers < st->facts->ndirty_members) {
		TAILQ_FOREACH(m, &c->members, chan_link)
			show_status_of(st, m, moved, &off, &on);
	} else
		TAILQ_FOREACH(m, &st->facts->dirty_members, dirty_link)
			if (m->chan == c)
				show_status_of(st, m, moved, &off, &on);
	if (what & CHAN_REGS)
		diff_flags(c, &off, &on);
	for (unsigned l = 0; (what & CHAN_LISTS) && l < CM_LISTS; l++)
		diff_list(c, l, &off, &on);
	source = moved ? st->core->settings->name :
	    by_source(st, &st->hint.by);
	if (off.n + on.n > 0)
		send_modes(st, c, source, &off, &on);
	if (what & CHAN_REGS)
		show_topic(st, c, source);
}

static void
show_chans(struct step *st)
{
	struct chan *c;

	TAILQ_FOREACH(c, &st->facts->dirty_chans, dirty_link)
		show_chan(st, c);
}

/* ---- 5: to oneself -------------------------------------------------------------------------------- */

static void
show_own_joins(struct step *st)
{
	struct member *m;
	struct session *s;

	TAILQ_FOREACH(m, &st->facts->dirty_members, dirty_link) {
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

	TAILQ_FOREACH(u, &st->facts->dirty_users, dirty_link) {
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
		st->core->ninvisible += ((after & UMB(INVISIBLE)) != 0) -
		    (size_t)((u->modes & UMB(INVISIBLE)) != 0);
		st->core->nopers += ((after & UMB(OPER)) != 0) -
		    (size_t)((u->modes & UMB(OPER)) != 0);
		u->modes = after;
	}
}

void
show_step(struct step *st)
{
	find_visible(st);
	find_holders(st);
	show_parts(st);
	show_quits(st);
	show_nicks(st);
	show_users(st);
	show_joins(st);
	show_chans(st);
	show_own_joins(st);
	show_user_modes(st);
	facts_reap(st->facts);
}
