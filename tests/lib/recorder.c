/* Members and masks are found by looking through arrays: channels of tests are
 * small. */
#include "lib/recorder.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/answers/chan_info.h"
#include "core/facts/membership.h"
#include "core/facts/shown_list.h"
#include "core/state.h"
#include "wire/casemap.h"

struct recorded_user {
	struct uid uid;
	char *nick, *away; /* away NULL: here */
	char *realname;	   /* NULL: as at first */
	char *username, *host;
	uint64_t modes;
};

struct recorded_member {
	struct uid uid;
	uint32_t status;
	bool veiled;
};

struct recorded_chan {
	char *name;  /* folded */
	char *shown; /* the name that clients know */
	struct recorded_member *member;
	size_t nmember, capmember;
	uint64_t modes;
	char *value[CM_NONE]; /* NULL: not set */
	char *topic;	      /* NULL: none */
	char **mask[CM_NONE];
	size_t nmask[CM_NONE], capmask[CM_NONE];
};

static void __attribute__((format(printf, 2, 3)))
wrong(struct recorder *r, const char *form, ...)
{
	va_list args;

	if (r->why[0] != '\0')
		return;
	va_start(args, form);
	vsnprintf(r->why, sizeof(r->why), form, args);
	va_end(args);
}

static char *
dup_span(struct span s)
{
	char *p;

	if (s.p == NULL)
		return NULL;
	p = mem_alloc(s.n + 1);
	memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p;
}

static void
set(char **p, struct span s)
{
	free(*p);
	*p = dup_span(s);
}

static bool
same(const char *p, struct span s)
{
	return p == NULL ? s.p == NULL : span_eq(span_of(p), s);
}

/* ---- finding ---- */

static struct recorded_user *
find_user(const struct recorder *r, struct uid uid)
{
	return map_find(&r->users, uid_span(&uid));
}

static struct recorded_chan *
find_chan(const struct recorder *r, const struct chan *c)
{
	return map_find(&r->chans, rcbuf_span(c->fold));
}

static struct recorded_member *
find_member(const struct recorded_chan *c, struct uid uid)
{
	for (size_t i = 0; c != NULL && i < c->nmember; i++)
		if (uid_cmp(c->member[i].uid, uid) == 0)
			return &c->member[i];
	return NULL;
}

static size_t
find_mask(const struct recorded_chan *c, enum chan_mode list, struct span s)
{
	size_t i;

	for (i = 0; i < c->nmask[list]; i++)
		if (same(c->mask[list][i], s))
			break;
	return i;
}

/* ---- carrying out changes ---- */

static void
chan_drop(struct recorder *r, struct recorded_chan *c)
{
	map_del(&r->chans, span_of(c->name));
	free(c->name);
	free(c->shown);
	free(c->member);
	free(c->topic);
	for (unsigned i = 0; i < CM_NONE; i++)
		free(c->value[i]);
	for (unsigned l = 0; l < CM_NONE; l++) {
		for (size_t i = 0; i < c->nmask[l]; i++)
			free(c->mask[l][i]);
		free(c->mask[l]);
	}
	free(c);
}

static void
user_drop(struct recorder *r, struct recorded_user *u)
{
	map_del(&r->users, uid_span(&u->uid));
	free(u->nick);
	free(u->away);
	free(u->realname);
	free(u->username);
	free(u->host);
	free(u);
}

/* A channel without members is shown while it is permanent. */
static void
drop_if_empty(struct recorder *r, struct recorded_chan *c)
{
	if (c->nmember == 0 && (c->modes & CMB(PERMANENT)) == 0)
		chan_drop(r, c);
}

/* Clients know the channel by the name from now on; they know no other one by
 * it. */
static void
set_shown(struct recorder *r, struct recorded_chan *c, struct span name)
{
	const struct recorded_chan *x;

	for (size_t i = 0; (x = map_next(&r->chans, &i)) != NULL;)
		if (x != c && casemap_eq(span_of(x->shown), name))
			wrong(r, "%s and %s are both shown as %s", x->name,
			    c->name, x->shown);
	set(&c->shown, name);
}

static struct recorded_chan *
get_chan(struct recorder *r, const struct chan *chan)
{
	struct recorded_chan *c = find_chan(r, chan);

	if (c != NULL)
		return c;
	c = mem_zalloc(sizeof(*c));
	c->name = dup_span(rcbuf_span(chan->fold));
	set_shown(r, c, rcbuf_span(chan->name));
	map_put(&r->chans, c);
	return c;
}

static bool
leave(struct recorder *r, const struct chan *chan, struct uid uid)
{
	struct recorded_chan *c = find_chan(r, chan);
	struct recorded_member *m = find_member(c, uid);

	if (m == NULL)
		return false;
	*m = c->member[--c->nmember];
	drop_if_empty(r, c);
	return true;
}

static void
quit(struct recorder *r, const struct change *ch)
{
	struct recorded_user *u = find_user(r, ch->user->uid);
	const struct member *m;

	if (u == NULL) {
		wrong(r, "%s quits, and is not shown", ch->user->uid.s);
		return;
	}
	for (struct stays it = stays_of(ch->user);
	     (m = stays_next(&it)) != NULL;)
		leave(r, m->chan, u->uid);
	for (m = user_left(ch->user); m != NULL; m = m->user_next)
		leave(r, m->chan, u->uid);
	user_drop(r, u);
}

static void
come(struct recorder *r, const struct change *ch)
{
	struct recorded_user *u;

	if (find_user(r, ch->user->uid) != NULL) {
		wrong(r, "%s comes, and is shown", ch->user->uid.s);
		return;
	}
	u = mem_zalloc(sizeof(*u));
	u->uid = ch->user->uid;
	set(&u->nick, ch->text);
	set(&u->username, user_username(ch->user));
	set(&u->host, user_host(ch->user));
	map_put(&r->users, u);
}

static void
join(struct recorder *r, const struct change *ch)
{
	struct recorded_chan *c = find_chan(r, ch->chan);

	if (find_user(r, ch->user->uid) == NULL)
		wrong(r, "%s joins, and is not shown", ch->user->uid.s);
	if (find_member(c, ch->user->uid) != NULL)
		wrong(r, "%s joins %.*s twice", ch->user->uid.s,
		    SPAN_ARG(rcbuf_span(ch->chan->fold)));
	c = get_chan(r, ch->chan);
	if (c->nmember == c->capmember)
		c->member =
		    mem_grow(c->member, &c->capmember, 4, sizeof(*c->member));
	c->member[c->nmember++] =
	    (struct recorded_member){ .uid = ch->user->uid,
		    .veiled = ch->veiled };
}

static void
is_seen(struct recorder *r, const struct change *ch)
{
	struct recorded_member *m =
	    find_member(find_chan(r, ch->chan), ch->user->uid);

	if (m == NULL || !m->veiled)
		wrong(r, "%s is seen on %.*s, and was not veiled",
		    ch->user->uid.s, SPAN_ARG(rcbuf_span(ch->chan->fold)));
	else
		m->veiled = false;
}

static void
set_mask(struct recorded_chan *c, const struct mode_change *x)
{
	enum chan_mode l = x->mode;
	size_t i = find_mask(c, l, x->arg);

	if (!x->on) {
		/* a mask that expired before it came was never told */
		if (i == c->nmask[l])
			return;
		free(c->mask[l][i]);
		c->mask[l][i] = c->mask[l][--c->nmask[l]];
		return;
	}
	if (i < c->nmask[l])
		return; /* set again after it expired */
	if (c->nmask[l] == c->capmask[l])
		c->mask[l] =
		    mem_grow(c->mask[l], &c->capmask[l], 4, sizeof(char *));
	c->mask[l][c->nmask[l]++] = dup_span(x->arg);
}

static void
set_status(struct recorder *r, struct recorded_chan *c,
    const struct mode_change *x)
{
	struct recorded_member *m = find_member(c, x->user->uid);
	uint32_t bit = 1u << x->status;

	if (m == NULL || m->veiled || ((m->status & bit) != 0) == x->on)
		wrong(r, "MODE %c%c for %s", x->on ? '+' : '-', x->letter,
		    x->user->uid.s);
	else
		m->status ^= bit;
}

static void
set_mode(struct recorder *r, struct recorded_chan *c,
    const struct mode_change *x)
{
	enum mode_type type;
	uint64_t bit;

	if (x->user != NULL) {
		set_status(r, c, x);
		return;
	}
	type = chan_mode_row(r->tables, x->mode)->type;
	if (type == MODE_LIST) {
		set_mask(c, x);
		return;
	}
	bit = UINT64_C(1) << x->mode;
	c->modes = x->on ? c->modes | bit : c->modes & ~bit;
	if (type == MODE_VALUE)
		set(&c->value[x->mode], x->on ? x->arg : SPAN_NONE);
}

static void
modes(struct recorder *r, const struct change *ch)
{
	struct recorded_chan *c = (ch->chan->modes & CMB(PERMANENT)) != 0
				      ? get_chan(r, ch->chan)
				      : find_chan(r, ch->chan);
	bool on = false;

	for (size_t i = 0; c != NULL && i < ch->nmode; i++) {
		if (on && !ch->mode[i].on)
			wrong(r, "a `-` comes after a `+`");
		on = ch->mode[i].on;
		set_mode(r, c, &ch->mode[i]);
	}
	if (c == NULL)
		wrong(r, "MODE of %.*s, which is not shown",
		    SPAN_ARG(rcbuf_span(ch->chan->fold)));
	else
		drop_if_empty(r, c);
}

static bool
has_audience(struct sink *sink, struct step *st, const struct change *ch)
{
	(void)sink;
	(void)st;
	return ch->kind < CHANGE_COUNT;
}

static void
of_user(struct recorder *r, const struct change *ch)
{
	struct recorded_user *u = find_user(r, ch->user->uid);

	if (u == NULL)
		wrong(r, "%s changes, and is not shown", ch->user->uid.s);
	else if (ch->kind == CHANGE_NICK)
		set(&u->nick, ch->text);
	else if (ch->kind == CHANGE_AWAY)
		set(&u->away, ch->text);
	else if (ch->kind == CHANGE_REALNAME)
		set(&u->realname, ch->text);
	else if (ch->kind == CHANGE_HOST) {
		set(&u->username, ch->text);
		set(&u->host, ch->host);
	} else
		u->modes = (u->modes & ~ch->off) | ch->on;
}

static void
topic(struct recorder *r, const struct change *ch)
{
	struct recorded_chan *c = find_chan(r, ch->chan);

	if (c == NULL)
		wrong(r, "a topic of %.*s, which is not shown",
		    SPAN_ARG(rcbuf_span(ch->chan->fold)));
	else
		set(&c->topic, ch->text);
}

static void
rename_chan(struct recorder *r, const struct change *ch)
{
	struct recorded_chan *c = find_chan(r, ch->chan);

	if (c == NULL)
		wrong(r, "RENAME of %.*s, which is not shown",
		    SPAN_ARG(rcbuf_span(ch->chan->fold)));
	else
		set_shown(r, c, ch->name);
}

static void
take(struct sink *sink, struct step *st, const struct change *ch)
{
	struct recorder *r = (void *)sink;

	r->tables = st->tables;
	r->changes++;
	switch (ch->kind) {
	case CHANGE_PART:
	case CHANGE_KICK:
		if (!leave(r, ch->chan, ch->user->uid))
			wrong(r, "%s leaves %.*s, and is not there",
			    ch->user->uid.s,
			    SPAN_ARG(rcbuf_span(ch->chan->fold)));
		break;
	case CHANGE_QUIT:
		quit(r, ch);
		break;
	case CHANGE_COME:
		come(r, ch);
		break;
	case CHANGE_JOIN:
		join(r, ch);
		break;
	case CHANGE_SEEN:
		is_seen(r, ch);
		break;
	case CHANGE_NICK:
	case CHANGE_AWAY:
	case CHANGE_REALNAME:
	case CHANGE_HOST:
	case CHANGE_USER_MODES:
		of_user(r, ch);
		break;
	case CHANGE_MODES:
		modes(r, ch);
		break;
	case CHANGE_TOPIC:
		topic(r, ch);
		break;
	case CHANGE_RENAME:
		rename_chan(r, ch);
		break;
	case CHANGE_COUNT:
		break;
	}
}

static struct span
key_user(const void *p)
{
	return uid_span(&((const struct recorded_user *)p)->uid);
}

static struct span
key_chan(const void *p)
{
	return span_of(((const struct recorded_chan *)p)->name);
}

void
recorder_init(struct recorder *r)
{
	static const unsigned char key[16];

	*r = (struct recorder){ .sink = { .has_audience = has_audience,
				    .take = take } };
	map_init(&r->users, key_user, key);
	map_init(&r->chans, key_chan, key);
}

void
recorder_fini(struct recorder *r)
{
	struct recorded_user *u;
	struct recorded_chan *c;
	size_t i;

	for (i = 0; (c = map_next(&r->chans, &i)) != NULL; i = 0)
		chan_drop(r, c);
	for (i = 0; (u = map_next(&r->users, &i)) != NULL; i = 0)
		user_drop(r, u);
	map_fini(&r->users);
	map_fini(&r->chans);
}

/* ---- comparing ---- */

static void
compare_user(struct recorder *r, const struct user *u)
{
	const struct recorded_user *x = find_user(r, u->uid);

	if (x == NULL || !same(x->nick, user_nick(u)) ||
	    !same(x->away,
		user_away(u) == NULL ? SPAN_NONE : rcbuf_span(user_away(u))) ||
	    !same(x->realname, u->more == NULL || u->more->realname == NULL
				   ? SPAN_NONE
				   : user_realname(u)) ||
	    !same(x->username, user_username(u)) ||
	    !same(x->host, user_host(u)) || x->modes != u->modes)
		wrong(r, "user %s is shown otherwise than the changes said",
		    u->uid.s);
}

/* Say whether the mask of a channel is as the changes said. */
static bool
has_mask(const struct recorded_chan *x, enum chan_mode l,
    const struct shown_mask *m)
{
	struct span s = rcbuf_span(m->text);

	return m->expiry.ms != 0 ||
	       find_mask(x, l, span_word(&s)) < x->nmask[l];
}

static bool
has_lists(const struct recorded_chan *x, const struct chan *c)
{
	const struct shown_mask *m;

	for (unsigned l = 0; l < CM_NONE; l++) {
		if (x->nmask[l] > shown_count(c, l))
			return false;
		for (m = shown_first(c, l); m != NULL; m = shown_next(m))
			if (!has_mask(x, l, m))
				return false;
	}
	return true;
}

static bool
has_values(const struct recorded_chan *x, const struct chan *c)
{
	for (unsigned i = 0; i < CM_NONE; i++)
		if (!same(x->value[i], chan_value(c, i) == NULL
					   ? SPAN_NONE
					   : rcbuf_span(chan_value(c, i))))
			return false;
	return x->modes == c->modes &&
	       span_eq(topic_text(c->topic),
		   x->topic == NULL ? SPAN_NONE : span_of(x->topic));
}

static void
compare_chan(struct recorder *r, const struct chan *c)
{
	const struct recorded_chan *x = find_chan(r, c);
	const struct recorded_member *y;
	const struct member *m;
	struct span name = rcbuf_span(c->fold);

	if (x == NULL || x->nmember != c->nshown) {
		wrong(r, "%.*s has other members than the changes said",
		    SPAN_ARG(name));
		return;
	}
	if (!casemap_eq(span_of(x->shown), rcbuf_span(c->name)))
		wrong(r, "%.*s has another name than the changes said",
		    SPAN_ARG(name));
	TAILQ_FOREACH(m, &c->members, chan_link) {
		y = m->shown ? find_member(x, m->user->uid) : NULL;
		if (m->shown && (y == NULL || y->status != member_status(m) ||
				    y->veiled != m->veiled))
			wrong(r,
			    "%s on %.*s is shown otherwise than the "
			    "changes said",
			    m->user->uid.s, SPAN_ARG(name));
	}
	if (!has_values(x, c) || !has_lists(x, c))
		wrong(r, "modes or topic of %.*s differ from the changes",
		    SPAN_ARG(name));
}

const char *
recorder_compare(struct recorder *r, const struct core *core)
{
	const struct user *u;
	const struct chan *c;
	size_t users = 0, chans = 0;

	if (core->self.inc == 0)
		return NULL;
	for (size_t i = 0; (u = map_next(&core->facts.users, &i)) != NULL;)
		if (u->shown) {
			users++;
			compare_user(r, u);
		}
	for (size_t i = 0; (c = map_next(&core->facts.chans, &i)) != NULL;)
		if (chan_is_shown(c)) {
			chans++;
			compare_chan(r, c);
		}
	if (users != map_count(&r->users) || chans != map_count(&r->chans))
		wrong(r,
		    "%zu users and %zu channels are shown, not %zu and "
		    "%zu",
		    users, chans, map_count(&r->users), map_count(&r->chans));
	return r->why[0] == '\0' ? NULL : r->why;
}
