/*
 * The second merge is naive on purpose: it looks at all entries at once, as a
 * set, without order and without causality. If its result differs from the
 * core's, either the core depends on an order, or one of the two misreads the
 * rules.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/facts/shown_list.h"
#include "core/part/later.h"
#include "core/state.h"
#include "kept.h"
#include "link/words.h"
#include "wire/casemap.h"

struct mwrite { /* of a register */
	uint32_t tenure;
	struct stamp stamp;
	struct sid sid;
};

struct muser {
	struct uid uid;
	struct origin o;
	struct stamp since;
	char nick[80];
	uint64_t class;
	struct stamp claim;
	struct mwrite claimed;
	bool homed; /* it has a HOME */
	struct mwrite moved;
	struct origin home; /* inc 0: none */
	bool gone;
};

struct mmember {
	struct dot dot;
	struct stamp stamp;
	char chan[80]; /* folded */
	struct cinc cinc;
	struct mwrite moved;
	struct uid uid;
	struct made made;
	struct dot unseen; /* of its +UNSEEN; n 0: none, or a +SEEN has it */
	bool gone;
};

struct mchan { /* an incarnation */
	char chan[80];
	struct cinc cinc;
	struct dot dot;
	bool gone;
};

struct mreg { /* of a user, a channel, a membership */
	char key[200];
	struct mwrite w;
	bool on;
	char value[512];
};

struct mmask {
	struct dot dot;
	char chan[80];
	struct cinc cinc;
	char list[32], mask[128];
	bool gone;
};

struct model {
	const struct tables *tables; /* of the core that is compared */
	struct oracle *o;
	struct muser *user;
	struct mmember *member;
	struct mchan *chan;
	struct mreg *reg;
	struct mmask *mask;
	size_t nusers, nmembers, nchans, nregs, nmasks;
	uint32_t ready[NET_NODES];  /* inc of READY, for the i-th sid */
	uint32_t forget[NET_NODES]; /* inc of FORGET, likewise */
};

#define GROW(m, v, n)                                             \
	((m)->v = mem_array((m)->v, (m)->n + 1, sizeof(*(m)->v)), \
	    memset(&(m)->v[(m)->n], 0, sizeof(*(m)->v)), &(m)->v[(m)->n++])

static void
text_copy(char *to, size_t max, struct span s)
{
	snprintf(to, max, "%.*s", SPAN_ARG(s));
}

static void
fold_copy(char *to, size_t max, struct span s)
{
	char *p;

	text_copy(to, max, s);
	for (p = to; *p != '\0'; p++)
		*p = casemap_char(*p);
}

static bool
is_later(const struct mwrite *a, const struct mwrite *b)
{
	if (a->tenure != b->tenure)
		return a->tenure > b->tenure;
	if (a->stamp.ms != b->stamp.ms)
		return a->stamp.ms > b->stamp.ms;
	return sid_cmp(a->sid, b->sid) > 0;
}

static void
write_reg(struct model *m, const char *key, struct mwrite w, bool on,
    struct span value)
{
	struct mreg *r = NULL;
	size_t i;

	for (i = 0; i < m->nregs; i++)
		if (strcmp(m->reg[i].key, key) == 0) {
			r = &m->reg[i];
			break;
		}
	if (r == NULL) {
		r = GROW(m, reg, nregs);
		snprintf(r->key, sizeof(r->key), "%s", key);
	} else if (!is_later(&w, &r->w))
		return;
	r->w = w;
	r->on = on;
	text_copy(r->value, sizeof(r->value), value);
}

static const struct mreg *
reg(const struct model *m, const char *key)
{
	size_t i;

	for (i = 0; i < m->nregs; i++)
		if (strcmp(m->reg[i].key, key) == 0)
			return m->reg[i].on ? &m->reg[i] : NULL;
	return NULL;
}

static void
cinc_key(char *to, size_t max, const char *what, const char *chan,
    struct cinc c, struct span field)
{
	snprintf(to, max, "%s %s %jd.%s %.*s", what, chan, (intmax_t)c.stamp.ms,
	    c.sid.s, SPAN_ARG(field));
}

static void
dot_key(char *to, size_t max, struct dot d, struct cinc c, struct span name)
{
	snprintf(to, max, "stat %s.%u.%ju.%u %jd.%s %.*s", d.o.sid.s, d.o.inc,
	    (uintmax_t)d.n, (unsigned)d.part, (intmax_t)c.stamp.ms, c.sid.s,
	    SPAN_ARG(name));
}

/* Return the user that an entry of o with that stamp means by that uid. If
 * several runs of a server have given it, this is the last user that o can know
 * then: o does not know those of later runs of its own server, nor those of
 * later stamps (link-protocol.md, 11.34). */
static struct muser *
muser(struct model *m, struct uid uid, struct origin o, struct stamp stamp)
{
	struct muser *u, *last = NULL;

	for (u = m->user; u < m->user + m->nusers; u++) {
		if (uid_cmp(u->uid, uid) != 0 || u->since.ms > stamp.ms ||
		    (sid_cmp(u->o.sid, o.sid) == 0 && u->o.inc > o.inc))
			continue;
		if (last == NULL || u->o.inc > last->o.inc)
			last = u;
	}
	return last;
}

static void
user_key(char *to, size_t max, const struct muser *u, struct span field)
{
	snprintf(to, max, "user %s of %u %.*s", u->uid.s, u->o.inc,
	    SPAN_ARG(field));
}

/* Return true if a HOME of the user comes in the same entry. */
static bool
gives_home(const struct entry *e, const struct part *p, struct dot dot)
{
	for (size_t i = dot.part + 1u; i < e->nparts; i++)
		if (p[i - dot.part].id == PART_HOME &&
		    uid_cmp(p[i - dot.part].u.home.uid, p->u.user.uid) == 0)
			return true;
	return false;
}

/* Note that a +UNSEEN belongs to a membership. */
static void
add_unseen(struct model *m, const struct part *p, struct dot dot)
{
	struct dot owner;

	if (!later_is(p, &later_builtin[LATER_UNSEEN]) ||
	    !dot_parse(kind_word(p->line, 1), &owner))
		return;
	for (size_t i = 0; i < m->nmembers; i++)
		if (dot_cmp(m->member[i].dot, owner) == 0)
			m->member[i].unseen = dot;
}

static void
drop_unseen(struct model *m, const struct part *p)
{
	struct span rest;
	struct dot dot;

	if (!later_is(p, &later_builtin[LATER_SEEN]))
		return;
	rest = kind_dots(&p->u.unknown.kind, p->line);
	while (kind_next_dot(&rest, &dot))
		for (size_t i = 0; i < m->nmembers; i++)
			if (dot_cmp(m->member[i].unseen, dot) == 0)
				m->member[i].unseen.n = 0;
}

/* Note that an incarnation is given another name. */
static void
add_name(struct model *m, const struct part *p, const struct mwrite *w)
{
	char chan[80], key[200];
	struct span fold;
	struct cinc cinc;

	if (!later_is(p, &later_builtin[LATER_CNAME]) ||
	    !kind_founding(kind_word(p->line, 1), &fold, &cinc))
		return;
	fold_copy(chan, sizeof(chan), fold);
	cinc_key(key, sizeof(key), "chan", chan, cinc, SPAN("its name"));
	write_reg(m, key, *w, true, kind_word(p->line, 3));
}

/* First pass: additions, and registers of channels and members. */
static void
model_add(struct model *m, const struct entry *e, const struct part *p,
    struct dot dot)
{
	struct mwrite w = { 0, e->stamp, e->o.sid };
	char chan[80], key[200];
	struct mmember *mm;
	struct mmask *mask;
	struct mchan *mc;
	struct cause cause;
	struct muser *u;
	unsigned i;

	switch ((int)p->id) {
	case PART_USER:
		u = GROW(m, user, nusers);
		u->uid = p->u.user.uid;
		u->o = e->o;
		u->since = e->stamp;
		text_copy(u->nick, sizeof(u->nick), p->u.user.nick);
		u->class = 1;
		u->claim = e->stamp;
		u->claimed = (struct mwrite){ .sid = e->o.sid };
		u->homed = gives_home(e, p, dot);
		u->home = e->o;
		break;
	case PART_CHAN:
		mc = GROW(m, chan, nchans);
		fold_copy(mc->chan, sizeof(mc->chan), p->u.chan.ch.name);
		mc->cinc = p->u.chan.ch.cinc;
		mc->dot = dot;
		break;
	case PART_JOIN:
		mm = GROW(m, member, nmembers);
		mm->dot = dot;
		mm->stamp = e->stamp;
		fold_copy(mm->chan, sizeof(mm->chan), p->u.join.ch.name);
		mm->cinc = p->u.join.ch.cinc;
		mm->uid = p->u.join.uid;
		cause = entry_cause(e);
		if (uid_cmp(mm->uid, cause.sess.uid) == 0)
			mm->made = (struct made){ cause.tenure, cause.c };
		break;
	case PART_UNKNOWN:
		add_unseen(m, p, dot);
		add_name(m, p, &w);
		break;
	case PART_STAT:
		dot_key(key, sizeof(key), p->u.stat.dot, p->u.stat.ch.cinc,
		    p->u.stat.name);
		write_reg(m, key, w, p->u.stat.on, SPAN_NONE);
		break;
	case PART_CSET:
		fold_copy(chan, sizeof(chan), p->u.cset.ch.name);
		cinc_key(key, sizeof(key), "chan", chan, p->u.cset.ch.cinc,
		    p->u.cset.field);
		write_reg(m, key, w, p->u.cset.value.present,
		    p->u.cset.value.s);
		break;
	case PART_LADD:
		mask = GROW(m, mask, nmasks);
		mask->dot = dot;
		fold_copy(mask->chan, sizeof(mask->chan), p->u.ladd.ch.name);
		mask->cinc = p->u.ladd.ch.cinc;
		text_copy(mask->list, sizeof(mask->list), p->u.ladd.list);
		text_copy(mask->mask, sizeof(mask->mask), p->u.ladd.mask.s);
		*(mask->mask + strcspn(mask->mask, " ")) = '\0';
		break;
	case PART_READY:
		for (i = 0; i < m->o->net->n; i++)
			if (sid_cmp(setup_sid(i), p->u.ready.sid) == 0 &&
			    p->u.ready.inc > m->ready[i])
				m->ready[i] = (uint32_t)p->u.ready.inc;
		break;
	case PART_FORGET:
		for (i = 0; i < m->o->net->n; i++)
			if (sid_cmp(setup_sid(i), p->u.forget.sid) == 0 &&
			    p->u.forget.inc > m->forget[i])
				m->forget[i] = (uint32_t)p->u.forget.inc;
		break;
	default:
		break;
	}
}

static void
drop_member(struct model *m, struct dot dot)
{
	size_t i;

	for (i = 0; i < m->nmembers; i++)
		if (dot_cmp(m->member[i].dot, dot) == 0)
			m->member[i].gone = true;
}

/* The user goes to another home, and memberships of those before may go. */
static void
model_move(struct model *m, const struct entry *e, const struct part_home *p)
{
	struct mwrite w = { p->tenure, e->stamp, e->o.sid };
	struct muser *u = muser(m, p->uid, e->o, e->stamp);
	struct mmember *mm;

	if (u == NULL || !u->homed)
		return;
	for (size_t i = 0; i < m->nmembers; i++) {
		mm = &m->member[i];
		if (uid_cmp(mm->uid, p->uid) == 0 &&
		    mm->made.tenure < p->tenure && mm->made.c > p->base)
			mm->gone = true;
	}
	if (!is_later(&w, &u->moved))
		return;
	u->moved = w;
	u->home = p->home;
}

static void
model_set(struct model *m, const struct entry *e, const struct part *p)
{
	struct mwrite w = { part_tenure(p), e->stamp, e->o.sid };
	const struct muser *u = muser(m, p->u.set.uid, e->o, e->stamp);
	char key[200];

	if (u == NULL)
		return;
	user_key(key, sizeof(key), u, p->u.set.field);
	write_reg(m, key, w, p->u.set.value.present, p->u.set.value.s);
}

/* Second pass: removals and replacements, and what is said of users. */
static void
model_remove(struct model *m, const struct entry *e, const struct part *p)
{
	struct mwrite w = { 0, e->stamp, e->o.sid };
	struct muser *u;
	size_t i, k;

	switch ((int)p->id) {
	case PART_QUIT:
		if ((u = muser(m, p->u.quit.uid, e->o, e->stamp)) != NULL)
			u->gone = true;
		break;
	case PART_SET:
		model_set(m, e, p);
		break;
	case PART_NICK:
		u = muser(m, p->u.nick.uid, e->o, e->stamp);
		w.tenure = part_tenure(p);
		if (u == NULL || !is_later(&w, &u->claimed))
			break;
		u->claimed = w;
		text_copy(u->nick, sizeof(u->nick), p->u.nick.nick);
		u->class = p->u.nick.class;
		u->claim = p->u.nick.stamp;
		break;
	case PART_HOME:
		model_move(m, e, &p->u.home);
		break;
	case PART_PART:
		drop_member(m, p->u.part.dot);
		break;
	case PART_UNKNOWN:
		drop_unseen(m, p);
		break;
	case PART_KICK:
		drop_member(m, p->u.kick.dot);
		break;
	case PART_MOVE:
		for (i = 0; i < m->nmembers; i++)
			if (dot_cmp(m->member[i].dot, p->u.move.dot) == 0 &&
			    is_later(&w, &m->member[i].moved)) {
				m->member[i].moved = w;
				m->member[i].cinc = p->u.move.ch.cinc;
			}
		break;
	case PART_UNCHAN:
		for (k = 0; k < p->u.unchan.dots.n; k++)
			for (i = 0; i < m->nchans; i++)
				if (dot_cmp(m->chan[i].dot,
					p->u.unchan.dots.v[k]) == 0)
					m->chan[i].gone = true;
		break;
	case PART_LDEL:
		for (k = 0; k < p->u.ldel.dots.n; k++)
			for (i = 0; i < m->nmasks; i++)
				if (dot_cmp(m->mask[i].dot,
					p->u.ldel.dots.v[k]) == 0)
					m->mask[i].gone = true;
		break;
	default:
		break;
	}
}

static bool
is_void(const struct model *m, struct origin o)
{
	unsigned i;

	for (i = 0; i < m->o->net->n; i++)
		if (sid_cmp(setup_sid(i), o.sid) == 0)
			return o.inc < m->ready[i] || o.inc <= m->forget[i];
	return false;
}

/* A user is on a channel once, so a later JOIN of a home ends the stay before
 * it: SAJOIN may come while a JOIN is under way. The memberships of one home
 * are in its order. */
static void
end_former_stays(struct model *m)
{
	struct mmember *a, *b;

	for (size_t i = 0; i < m->nmembers; i++)
		for (size_t k = i + 1; k < m->nmembers; k++) {
			a = &m->member[i];
			b = &m->member[k];
			if (uid_cmp(a->uid, b->uid) == 0 &&
			    a->made.tenure == b->made.tenure &&
			    origin_cmp(a->dot.o, b->dot.o) == 0 &&
			    strcmp(a->chan, b->chan) == 0)
				a->gone = true;
		}
}

/* Go over all entries that the servers have, twice. */
static bool
model_fill(struct model *m, const struct vector *have)
{
	struct arena *a = m->o->net->arena;
	const struct olog *l;
	struct entry *e;
	struct part *p;
	const char *why;
	struct muser *u;
	size_t k, pass, i;
	uint64_t n, top;

	for (pass = 0; pass < 2; pass++)
		for (k = 0; k < m->o->nlogs; k++) {
			l = &m->o->log[k];
			top = vector_get(have, l->o);
			for (n = 1; n <= top; n++) {
				if (n > l->n || l->v[n - 1].text == NULL)
					return false;
				e = entry_from_text(span_make(l->v[n - 1].text,
							l->v[n - 1].len),
				    &why);
				p = entry_parts(e, a);
				for (i = 0; i < e->nparts; i++)
					if (pass == 0)
						model_add(m, e, &p[i],
						    dot_make(e->o, n, i));
					else
						model_remove(m, e, &p[i]);
				entry_unref(e);
			}
		}
	end_former_stays(m);
	/* a user whose home is no more is hidden; here that is the same */
	for (i = 0; i < m->nusers; i++)
		if (m->user[i].home.inc == 0 || is_void(m, m->user[i].home))
			m->user[i].gone = true;
	for (i = 0; i < m->nmembers; i++) {
		u = muser(m, m->member[i].uid, m->member[i].dot.o,
		    m->member[i].stamp);
		if (u == NULL || u->gone ||
		    (!u->homed && is_void(m, m->member[i].dot.o)))
			m->member[i].gone = true;
	}
	return true;
}

static int
claim_cmp(const struct muser *a, const struct muser *b)
{
	if (a->class != b->class)
		return a->class < b->class ? -1 : 1;
	if (a->claim.ms != b->claim.ms)
		return a->claim.ms < b->claim.ms ? -1 : 1;
	if (sid_cmp(a->claimed.sid, b->claimed.sid) != 0)
		return sid_cmp(a->claimed.sid, b->claimed.sid);
	return uid_cmp(a->uid, b->uid);
}

static void
wrong(struct model *m, const char *what, struct span who, const char *want,
    struct span got)
{
	net_fail(m->o->net, "at rest: %s of %.*s should be %s, is %.*s", what,
	    SPAN_ARG(who), want, SPAN_ARG(got));
}

static void
model_check_users(struct model *m, const struct facts *f)
{
	const struct mreg *r;
	const struct user *u;
	const char *nick;
	char key[200];
	uint64_t modes;
	size_t i, k, n;
	unsigned b;

	for (i = n = 0; i < m->nusers; i++) {
		if (m->user[i].gone)
			continue;
		n++;
		u = facts_find_uid(f, m->user[i].uid);
		if (u == NULL || !u->shown) {
			net_fail(m->o->net, "at rest: user %s is not shown",
			    m->user[i].uid.s);
			return;
		}
		nick = m->user[i].nick;
		for (k = 0; k < m->nusers; k++)
			if (!m->user[k].gone && k != i &&
			    casemap_eq(span_of(m->user[k].nick),
				span_of(nick)) &&
			    claim_cmp(&m->user[k], &m->user[i]) < 0)
				nick = m->user[i].uid.s;
		if (strcmp(nick, m->user[i].nick) != 0)
			net_fail(m->o->net,
			    "at rest: %s has a claim it lost: "
			    "%s",
			    m->user[i].uid.s, m->user[i].nick);
		if (!span_eq(user_nick(u), span_of(nick)))
			wrong(m, "the nick", uid_span(&u->uid), nick,
			    user_nick(u));
		for (b = modes = 0; b < m->tables->nuser_mode; b++) {
			user_key(key, sizeof(key), &m->user[i],
			    span_of(user_mode_row(m->tables, b)->field));
			modes |= (uint64_t)(reg(m, key) != NULL) << b;
		}
		if (modes != u->modes)
			wrong(m, "the modes", uid_span(&u->uid), "others",
			    SPAN_NONE);
		user_key(key, sizeof(key), &m->user[i], SPAN("away"));
		r = reg(m, key);
		if ((r != NULL) != (user_away(u) != NULL) ||
		    (r != NULL &&
			!span_eq(span_of(r->value), rcbuf_span(user_away(u)))))
			wrong(m, "away", uid_span(&u->uid),
			    r == NULL ? "off" : r->value,
			    user_away(u) == NULL ? SPAN_NONE
						 : rcbuf_span(user_away(u)));
		user_key(key, sizeof(key), &m->user[i], SPAN("realname"));
		r = reg(m, key);
		if (r != NULL && !span_eq(span_of(r->value), user_realname(u)))
			wrong(m, "the realname", uid_span(&u->uid), r->value,
			    user_realname(u));
		m->o->reached[REACH_HOST] +=
		    u->more != NULL && u->more->user_host != NULL;
		user_key(key, sizeof(key), &m->user[i], SPAN("host"));
		r = reg(m, key);
		if (!span_eq(r == NULL ? ident_host(u->ident)
				       : span_of(r->value),
			user_host(u)))
			wrong(m, "the host", uid_span(&u->uid),
			    r == NULL ? "the first one" : r->value,
			    user_host(u));
	}
	if (n != f->nshown)
		net_fail(m->o->net, "at rest: %zu users are shown, not %zu",
		    f->nshown, n);
}

static void
check_chan_regs(struct model *m, const struct chan *c, const char *fold,
    struct cinc cur)
{
	const struct mreg *r;
	char key[200];
	struct span topic, who = rcbuf_span(c->fold);
	unsigned k;

	for (k = 0; k < m->tables->nchan_mode; k++) {
		char field[40];

		if (chan_mode_row(m->tables, k)->type == MODE_LIST)
			continue;

		snprintf(field, sizeof(field), "mode/%s",
		    chan_mode_row(m->tables, k)->name);
		cinc_key(key, sizeof(key), "chan", fold, cur, span_of(field));
		r = reg(m, key);
		if ((r != NULL) != ((c->modes >> k & 1) != 0))
			wrong(m, field, who, r != NULL ? "on" : "off",
			    SPAN_NONE);
		else if (r != NULL &&
			 chan_mode_row(m->tables, k)->type == MODE_VALUE &&
			 !span_eq(span_of(r->value),
			     rcbuf_span(chan_value(c, k))))
			wrong(m, field, who, r->value,
			    rcbuf_span(chan_value(c, k)));
	}
	cinc_key(key, sizeof(key), "chan", fold, cur, SPAN("topic"));
	r = reg(m, key);
	topic = c->topic == NULL ? SPAN_NONE : rcbuf_span(c->topic);
	if (r == NULL ? topic.n > 0 && c->topic != NULL
		      : !span_eq(topic, span_of(r->value)))
		wrong(m, "the topic", who, r == NULL ? "off" : r->value, topic);
}

static void
check_chan_lists(struct model *m, const struct chan *c, const char *fold,
    struct cinc cur)
{
	size_t i, want;
	unsigned k;
	const struct shown_mask *s;
	struct span text;
	bool found;

	for (k = 0; k < m->tables->nchan_mode; k++) {
		want = 0;
		for (i = 0; i < m->nmasks; i++) {
			if (m->mask[i].gone ||
			    strcmp(m->mask[i].chan, fold) != 0 ||
			    cinc_cmp(m->mask[i].cinc, cur) != 0 ||
			    strcmp(m->mask[i].list,
				chan_mode_row(m->tables, k)->name) != 0)
				continue;
			found = false;
			for (s = shown_first(c, k); s != NULL;
			     s = shown_next(s)) {
				text = rcbuf_span(s->text);
				found |= span_eq(span_word(&text),
				    span_of(m->mask[i].mask));
			}
			if (!found)
				wrong(m, "a mask", rcbuf_span(c->fold),
				    m->mask[i].mask, SPAN("absent"));
			want++;
		}
		/*
		 * The same mask, added at two places, is two elements; it is
		 * shown once.
		 */
		if (shown_count(c, k) > want)
			wrong(m, "a list", rcbuf_span(c->fold), "shorter",
			    SPAN_NONE);
	}
}

static void
check_chan_members(struct model *m, const struct chan *c, const char *fold,
    struct cinc cur)
{
	const struct member *mm;
	char key[200];
	uint32_t status;
	unsigned s;
	size_t i, n;

	for (i = n = 0; i < m->nmembers; i++) {
		if (m->member[i].gone || strcmp(m->member[i].chan, fold) != 0)
			continue;
		n++;
		mm = NULL;
		TAILQ_FOREACH(mm, &c->members, chan_link)
			if (uid_cmp(mm->user->uid, m->member[i].uid) == 0 &&
			    mm->shown)
				break;
		if (mm == NULL) {
			wrong(m, "a member", rcbuf_span(c->fold),
			    m->member[i].uid.s, SPAN("absent"));
			return;
		}
		if (c->current != NULL && cinc_cmp(member_cinc(mm), cur) != 0)
			net_fail(m->o->net,
			    "at rest: %s is in a younger "
			    "incarnation of %s",
			    mm->user->uid.s, fold);
		for (s = status = 0; s < m->tables->nstatus; s++) {
			dot_key(key, sizeof(key), m->member[i].dot, cur,
			    span_of(status_row(m->tables, s)->name));
			status |= (uint32_t)(reg(m, key) != NULL) << s;
		}
		if (status != member_status(mm))
			net_fail(m->o->net,
			    "at rest: status of %s on %s "
			    "should be %x, is %x",
			    mm->user->uid.s, fold, status, member_status(mm));
		if (mm->veiled != (m->member[i].unseen.n > 0))
			net_fail(m->o->net,
			    "at rest: %s on %s should%s be veiled",
			    mm->user->uid.s, fold, mm->veiled ? " not" : "");
		m->o->reached[REACH_VEILED] += mm->veiled;
	}
	if (n != c->nshown)
		net_fail(m->o->net, "at rest: %s shows %u members, not %zu",
		    fold, c->nshown, n);
}

/* Return the name that the shown incarnation has been given, or an empty
 * one. */
static struct span
given_name(const struct model *m, const struct chan *c)
{
	const struct mreg *r;
	char fold[80], key[200];

	if (!chan_is_shown(c) || c->current == NULL)
		return SPAN_NONE;
	fold_copy(fold, sizeof(fold), rcbuf_span(c->fold));
	cinc_key(key, sizeof(key), "chan", fold, c->current->cinc,
	    SPAN("its name"));
	r = reg(m, key);
	return r == NULL ? SPAN_NONE : span_of(r->value);
}

/* Return true if the other channel keeps this one from the name. */
static bool
takes_name(const struct model *m, const struct chan *c, const struct chan *x,
    struct span name)
{
	int older;

	if (x == c || !chan_is_shown(x))
		return false;
	if (casemap_eq(rcbuf_span(x->fold), name))
		return true;
	if (x->current == NULL || c->current == NULL ||
	    !casemap_eq(given_name(m, x), name))
		return false;
	older = cinc_cmp(x->current->cinc, c->current->cinc);
	return older < 0 || (older == 0 && span_cmp(rcbuf_span(x->fold),
					       rcbuf_span(c->fold)) < 0);
}

static void
check_chan_name(struct model *m, const struct facts *f, const struct chan *c)
{
	struct span name = given_name(m, c), want = name;
	const struct chan *x;

	for (size_t i = 0; (x = map_next(&f->chans, &i)) != NULL;)
		if (takes_name(m, c, x, name))
			want = SPAN_NONE;
	if (want.n == 0 &&
	    !casemap_eq(rcbuf_span(c->name), rcbuf_span(c->fold)))
		wrong(m, "the name", rcbuf_span(c->fold), "its own",
		    rcbuf_span(c->name));
	if (want.n > 0 && !span_eq(want, rcbuf_span(c->name)))
		wrong(m, "the name", rcbuf_span(c->fold), "another",
		    rcbuf_span(c->name));
	m->o->reached[REACH_OTHER_NAME] += c->renamed;
}

static bool
is_permanent(const struct model *m, const struct mchan *c)
{
	char key[200];

	cinc_key(key, sizeof(key), "chan", c->chan, c->cinc,
	    SPAN("mode/permanent"));
	return !c->gone && reg(m, key) != NULL;
}

static void
model_check_chan(struct model *m, const struct facts *f, const char *fold)
{
	struct cinc cur = { { INT64_MAX }, { "" } };
	const struct chan *c;
	size_t i, k;

	for (i = 0; i < m->nchans; i++)
		if (is_permanent(m, &m->chan[i]) &&
		    strcmp(m->chan[i].chan, fold) == 0 &&
		    cinc_cmp(m->chan[i].cinc, cur) < 0)
			cur = m->chan[i].cinc;

	if ((c = facts_find_chan(f, span_of(fold))) == NULL) {
		net_fail(m->o->net, "at rest: %s is not there", fold);
		return;
	}
	for (i = 0; i < m->nmembers; i++) {
		if (m->member[i].gone || strcmp(m->member[i].chan, fold) != 0)
			continue;
		for (k = 0; k < m->nchans; k++)
			if (!m->chan[k].gone &&
			    strcmp(m->chan[k].chan, fold) == 0 &&
			    cinc_cmp(m->chan[k].cinc, m->member[i].cinc) == 0 &&
			    cinc_cmp(m->chan[k].cinc, cur) < 0)
				cur = m->chan[k].cinc;
	}
	if (c->current == NULL || cinc_cmp(c->current->cinc, cur) != 0) {
		net_fail(m->o->net, "at rest: %s is not in its incarnation",
		    fold);
		return;
	}
	check_chan_regs(m, c, fold, cur);
	check_chan_lists(m, c, fold, cur);
	check_chan_members(m, c, fold, cur);
	check_chan_name(m, f, c);
}

/* Return true if the incarnation is the first permanent one of a channel that
 * has no members. */
static bool
is_first_empty(const struct model *m, size_t at)
{
	const char *fold = m->chan[at].chan;
	size_t i;

	if (!is_permanent(m, &m->chan[at]))
		return false;
	for (i = 0; i < m->nmembers; i++)
		if (!m->member[i].gone && strcmp(m->member[i].chan, fold) == 0)
			return false;
	for (i = 0; i < at; i++)
		if (is_permanent(m, &m->chan[i]) &&
		    strcmp(m->chan[i].chan, fold) == 0)
			return false;
	return true;
}

static void
model_check_chans(struct model *m, const struct facts *f)
{
	size_t i, k, n;

	for (i = n = 0; i < m->nmembers; i++) {
		if (m->member[i].gone)
			continue;
		for (k = 0; k < i; k++)
			if (!m->member[k].gone &&
			    strcmp(m->member[k].chan, m->member[i].chan) == 0)
				break;
		if (k < i)
			continue;
		n++;
		model_check_chan(m, f, m->member[i].chan);
	}
	for (i = 0; i < m->nchans; i++)
		if (is_first_empty(m, i)) {
			n++;
			model_check_chan(m, f, m->chan[i].chan);
		}
	if (n != f->nshown_chans)
		net_fail(m->o->net, "at rest: %zu channels are shown, not %zu",
		    f->nshown_chans, n);
}

/*
 * Add the entries that the FORGETs among these entries say existed. Return true
 * if these are more.
 */
static bool
add_forgotten(struct model *m, struct vector *all)
{
	struct vector before = { 0 }, had = { 0 };
	const struct olog *l;
	const char *why;
	struct entry *e;
	struct part *p;
	size_t i, k;
	uint64_t n;
	bool more;

	vector_copy(&before, all);
	for (k = 0; k < m->o->nlogs; k++) {
		l = &m->o->log[k];
		for (n = 1; n <= vector_get(&before, l->o) && n <= l->n; n++) {
			if (l->v[n - 1].text == NULL)
				continue;
			e = entry_from_text(span_make(l->v[n - 1].text,
						l->v[n - 1].len),
			    &why);
			p = entry_parts(e, m->o->net->arena);
			for (i = 0; i < e->nparts && e->has_forget; i++) {
				if (p[i].id != PART_FORGET)
					continue;
				vector_clear(&had);
				vector_parse(p[i].u.forget.had.s, SIZE_MAX,
				    &had);
				vector_raise_all(all, &had);
			}
			entry_unref(e);
		}
	}
	more = !vector_eq(&before, all);
	vector_fini(&before);
	vector_fini(&had);
	return more;
}

void
model_check(struct oracle *o)
{
	const struct core *core = node_core(o->net->node[0].node);
	struct model m = { .o = o, .tables = &core->tables };
	struct vector all = { 0 };

	vector_copy(&all,
	    &link_net_log(node_links(o->net->node[0].node))->have);
	while (add_forgotten(&m, &all))
		;
	if (model_fill(&m, &all)) {
		model_check_users(&m, &core->facts);
		model_check_chans(&m, &core->facts);
	}
	vector_fini(&all);
	free(m.user);
	free(m.member);
	free(m.chan);
	free(m.reg);
	free(m.mask);
}
