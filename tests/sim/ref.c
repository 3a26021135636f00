/*
 * Each line of a difference has a phase (doc/decisions/0003): PART, KICK and
 * QUIT come first, then NICK, then JOIN and AWAY, then MODE and TOPIC. Within
 * one step the phase never falls. All other lines that a client hears have no
 * phase; those by which a user seems to reconnect with another host are such.
 */
#include "ref.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/answers/chan_info.h"
#include "core/facts/membership.h"
#include "core/facts/shown_list.h"
#include "core/sessions/monitor.h"
#include "core/state.h"
#include "core/types/mode_value.h"
#include "wire/casemap.h"
#include "wire/msg.h"

#define NO_REPEAT "Cannot send to channel (+E)"
#define BANNED "Cannot send to channel (+b)"

enum { PHASE_NONE, PHASE_GO, PHASE_NICK, PHASE_JOIN, PHASE_MODE };

struct line {
	struct msg m;
	char nick[REF_NAME], user[REF_NAME], host[REF_NAME]; /* source */
};

__attribute__((format(printf, 2, 3))) static void
bad(struct ref *r, const char *fmt, ...)
{
	va_list ap;

	if (r->bad)
		return;
	r->bad = true;
	va_start(ap, fmt);
	vsnprintf(r->why, sizeof(r->why), fmt, ap);
	va_end(ap);
}

static void
copy(char *to, size_t max, struct span s)
{
	size_t n = s.n < max - 1 ? s.n : max - 1;

	memcpy(to, n > 0 ? s.p : "", n);
	to[n] = '\0';
}

/* ---- what it knows ---- */

struct ref_chan *
ref_chan(const struct ref *r, struct span name)
{
	size_t i;

	for (i = 0; i < r->nchans; i++)
		if (casemap_eq(span_of(r->chan[i]->name), name))
			return r->chan[i];
	return NULL;
}

struct ref_member *
ref_member(const struct ref_chan *c, struct span nick)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (casemap_eq(span_of(c->member[i].nick), nick))
			return &c->member[i];
	return NULL;
}

static struct ref_member *
member_of_user(const struct ref_chan *c, const char *user)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (strcmp(c->member[i].user, user) == 0)
			return &c->member[i];
	return NULL;
}

/*
 * Return true if a member of any channel has that nick and is another user, or
 * is that user and has another nick.
 */
static bool
is_twofold(const struct ref *r, const char *nick, const char *user)
{
	const struct ref_member *m;
	size_t i;

	for (i = 0; i < r->nchans; i++) {
		m = ref_member(r->chan[i], span_of(nick));
		if (m != NULL && strcmp(m->user, user) != 0)
			return true;
		m = member_of_user(r->chan[i], user);
		if (m != NULL && strcmp(m->nick, nick) != 0)
			return true;
	}
	return false;
}

static void
list_clear(struct ref_list *l)
{
	while (l->n > 0)
		free(l->mask[--l->n]);
}

static size_t
list_find(const struct ref_list *l, struct span mask)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (span_eq(span_of(l->mask[i]), mask))
			break;
	return i;
}

static void
list_add(struct ref_list *l, struct span mask)
{
	if (l->n == l->cap) {
		l->cap = l->cap == 0 ? 8 : l->cap * 2;
		l->mask = mem_array(l->mask, l->cap, sizeof(*l->mask));
	}
	l->mask[l->n++] = span_dup(mask);
}

static void
list_take(struct ref_list *l, size_t i)
{
	free(l->mask[i]);
	l->mask[i] = l->mask[--l->n];
}

static void
chan_drop(struct ref *r, struct ref_chan *c)
{
	size_t i;

	for (i = 0; r->chan[i] != c; i++)
		;
	r->chan[i] = r->chan[--r->nchans];
	for (i = 0; i < REF_MODES; i++) {
		list_clear(&c->list[i]);
		free(c->list[i].mask);
	}
	free(c->member);
	free(c);
}

static struct ref_chan *
chan_add(struct ref *r, struct span name)
{
	struct ref_chan *c;

	c = mem_zalloc(sizeof(*c));
	copy(c->name, sizeof(c->name), name);
	c->joined = r->now;
	r->chan = mem_array(r->chan, r->nchans + 1, sizeof(*r->chan));
	r->chan[r->nchans++] = c;
	return c;
}

static struct ref_member *
member_add(struct ref_chan *c, const char *nick, const char *user,
    const char *host)
{
	struct ref_member *m;

	if (c->n == c->cap) {
		c->cap = c->cap == 0 ? 8 : c->cap * 2;
		c->member = mem_array(c->member, c->cap, sizeof(*m));
	}
	m = &c->member[c->n++];
	memset(m, 0, sizeof(*m));
	memcpy(m->nick, nick, sizeof(m->nick));
	memcpy(m->user, user, sizeof(m->user));
	memcpy(m->host, host, sizeof(m->host));
	return m;
}

static void
member_drop(struct ref_chan *c, struct ref_member *m)
{
	*m = c->member[--c->n];
}

void
ref_fini(struct ref *r)
{
	while (r->nchans > 0)
		chan_drop(r, r->chan[0]);
	free(r->chan);
	r->chan = NULL;
	ref_forget_silenced(r);
	free(r->silenced.mask);
	r->silenced.mask = NULL;
}

void
ref_forget_silenced(struct ref *r)
{
	list_clear(&r->silenced);
}

bool
ref_has_own(const struct ref *r, char letter)
{
	return (r->own_modes & REF_LETTER(letter)) != 0;
}

bool
ref_has_mode(const struct ref *r, const struct ref_chan *c, char letter)
{
	enum chan_mode m = chan_mode_of_letter(r->tables, letter);

	return m != CM_NONE && (c->modes >> m & 1) != 0;
}

/* ---- lines ---- */

static bool
is_self(const struct ref *r, const struct line *l)
{
	return strcmp(l->user, r->user) == 0;
}

static void
phase(struct ref *r, int k, struct span line)
{
	if (k < r->phase && r->misordered[0] == '\0')
		copy(r->misordered, sizeof(r->misordered), line);
	r->phase = k;
}

/*
 * A user who kicks a veiled member is shown that member first. Return true if
 * the line is the KICK behind such a JOIN; the order and the coming are then as
 * before the JOIN.
 */
static bool
kicks_unseen(struct ref *r, const struct line *l)
{
	const struct ref_before *b = &r->before;
	struct span nick = l->m.nparam > 1 ? l->m.param[1] : SPAN_NONE;

	if (span_eq(l->m.verb, SPAN("KICK")) && is_self(r, l) && nick.n > 0 &&
	    span_eq(nick, span_of(b->nick))) {
		r->phase = b->phase;
		r->nmoves = b->nmoves;
		memcpy(r->misordered, b->misordered, sizeof(r->misordered));
		return true;
	}
	r->before.nick[0] = '\0';
	if (!span_eq(l->m.verb, SPAN("JOIN")))
		return false;
	memcpy(r->before.nick, l->nick, sizeof(r->before.nick));
	memcpy(r->before.misordered, r->misordered, sizeof(r->misordered));
	r->before.phase = r->phase;
	r->before.nmoves = r->nmoves;
	return false;
}

/*
 * Return true if the line is one of those by which a user seems to reconnect:
 * a QUIT, then JOIN, MODE and AWAY for each channel.
 */
static bool
reconnects(struct ref *r, const struct line *l)
{
	struct span nick = span_of(r->changing), verb = l->m.verb;

	if (span_eq(verb, SPAN("QUIT")) &&
	    span_eq(l->m.param[0], SPAN("Changing host"))) {
		memcpy(r->changing, l->nick, sizeof(r->changing));
		return true;
	}
	if (nick.n > 0 && span_eq(verb, SPAN("MODE")) && l->user[0] == '\0' &&
	    l->m.nparam > 2 && span_eq(l->m.param[2], nick))
		return true;
	if (nick.n > 0 && span_eq(span_of(l->nick), nick) &&
	    (span_eq(verb, SPAN("JOIN")) || span_eq(verb, SPAN("AWAY"))))
		return true;
	r->changing[0] = '\0';
	return false;
}

/* Note that a user comes to a channel, or goes from it. */
static void
moves(struct ref *r, const char *chan, const char *user, bool came)
{
	struct ref_move *m;
	size_t i;

	if (r->changing[0] != '\0')
		return;
	for (i = 0; i < r->nmoves; i++) {
		m = &r->move[i];
		if (m->came != came && strcmp(m->chan, chan) == 0 &&
		    strcmp(m->user, user) == 0)
			snprintf(r->flapped, sizeof(r->flapped), "%s %s", user,
			    chan);
	}
	if (r->nmoves == sizeof(r->move) / sizeof(r->move[0]))
		return;
	m = &r->move[r->nmoves++];
	memcpy(m->chan, chan, sizeof(m->chan));
	memcpy(m->user, user, sizeof(m->user));
	m->came = came;
}

static void
split_source(struct line *l)
{
	struct span s = l->m.source, nick;

	nick = span_cut(&s, '!');
	copy(l->nick, sizeof(l->nick), nick);
	copy(l->user, sizeof(l->user), span_cut(&s, '@'));
	copy(l->host, sizeof(l->host), s);
}

/* Return how many ends of NAMES the JOINs of that channel will get. */
static struct ref_owed *
names_owed(struct ref *r, struct span chan)
{
	struct ref_owed *x = r->owed;

	while (x->chan[0] != '\0' && !casemap_eq(span_of(x->chan), chan))
		if (++x == r->owed + REF_OWED)
			abort();
	copy(x->chan, sizeof(x->chan), chan);
	return x;
}

/* The ends of NAMES that are owed will have another name. */
static void
owed_moves(struct ref *r, struct span from, struct span to)
{
	struct ref_owed *a = names_owed(r, from), *b = names_owed(r, to);

	b->n += a->n;
	b->begun |= a->begun;
	a->n = 0;
	a->begun = false;
}

/*
 * A client without draft/channel-rename sees itself leave and join if a channel
 * gets another name. Return true if the line is the JOIN of this; the order and
 * the moves are then as before the PART. The ends of NAMES that it still gets
 * have the new name. If several answers to JOINs have not begun, one is enough.
 */
static bool
is_renamed(struct ref *r, const struct line *l)
{
	struct ref_parted *b = &r->parted;
	struct ref_owed *owed;
	bool joins = is_self(r, l) && span_eq(l->m.verb, SPAN("JOIN"));

	r->renamed = false;
	if (joins && b->chan[0] != '\0' &&
	    !casemap_eq(l->m.param[0], span_of(b->chan))) {
		r->phase = b->phase;
		r->nmoves = b->nmoves;
		memcpy(r->misordered, b->misordered, sizeof(r->misordered));
		memcpy(r->flapped, b->flapped, sizeof(r->flapped));
		owed_moves(r, span_of(b->chan), l->m.param[0]);
		owed = names_owed(r, l->m.param[0]);
		owed->n = owed->begun;
		b->chan[0] = '\0';
		r->renamed = true;
		return true;
	}
	b->chan[0] = '\0';
	if (!is_self(r, l) || !span_eq(l->m.verb, SPAN("PART")))
		return false;
	copy(b->chan, sizeof(b->chan), l->m.param[0]);
	memcpy(b->misordered, r->misordered, sizeof(b->misordered));
	memcpy(b->flapped, r->flapped, sizeof(b->flapped));
	b->phase = r->phase;
	b->nmoves = r->nmoves;
	return false;
}

/* An end of NAMES may be that of a JOIN before the last PART. */
static void
on_names_end(struct ref *r, struct span chan)
{
	struct ref_chan *c = ref_chan(r, chan);
	struct ref_owed *owed = names_owed(r, chan);

	if (owed->n > 0)
		owed->n--;
	owed->begun = false;
	if (c != NULL && owed->n == 0)
		c->named = true;
}

static void
on_join(struct ref *r, struct line *l)
{
	struct ref_chan *c = ref_chan(r, l->m.param[0]);

	if (is_self(r, l)) {
		if (c != NULL) {
			bad(r, "joins %s twice", c->name);
			return;
		}
		c = chan_add(r, l->m.param[0]);
		names_owed(r, l->m.param[0])->n++;
		if (r->joined != NULL)
			r->joined(r->ctx, c->name);
	} else if (c == NULL) {
		bad(r, "JOIN on a channel it is not on");
		return;
	}
	if (ref_member(c, span_of(l->nick)) != NULL)
		bad(r, "JOIN of one who is present: %s", l->nick);
	if (is_twofold(r, l->nick, l->user))
		bad(r, "JOIN: %s is two people", l->nick);
	member_add(c, l->nick, l->user, l->host)->since = r->now;
	/* the client may have left another channel of this name in the step */
	if (!r->renamed)
		moves(r, c->name, l->user, true);
	if (r->came != NULL && r->changing[0] == '\0')
		r->came(r->ctx, c, l->user);
}

/* Return true if a stranger may be on a channel of which not all names have
 * come yet (doc/decisions/0007). */
static bool
is_unnamed(const struct ref *r)
{
	for (size_t i = 0; i < r->nchans; i++)
		if (!r->chan[i]->named)
			return true;
	return false;
}

static void
gone(struct ref *r, struct ref_chan *c, struct span nick, const char *what)
{
	struct ref_member *m = ref_member(c, nick);

	if (m == NULL && !c->named)
		return;
	if (m == NULL) {
		bad(r, "%s of one who is not on %s: %.*s", what, c->name,
		    SPAN_ARG(nick));
		return;
	}
	moves(r, c->name, m->user, false);
	if (strcmp(m->user, r->user) == 0)
		chan_drop(r, c);
	else
		member_drop(c, m);
}

static void
on_part(struct ref *r, struct line *l)
{
	struct ref_chan *c = ref_chan(r, l->m.param[0]);
	struct ref_member *m;

	if (c == NULL) {
		bad(r, "PART on a channel it is not on");
		return;
	}
	m = ref_member(c, span_of(l->nick));
	if (m != NULL && strcmp(m->user, l->user) != 0)
		bad(r, "PART of somebody else: %s", l->nick);
	gone(r, c, span_of(l->nick), "PART");
}

static void
on_rename(struct ref *r, struct line *l)
{
	struct ref_chan *c = ref_chan(r, l->m.param[0]);

	if (c == NULL) {
		bad(r, "RENAME of a channel it is not on");
		return;
	}
	if (ref_chan(r, l->m.param[1]) != NULL &&
	    ref_chan(r, l->m.param[1]) != c)
		bad(r, "RENAME to the name of another channel");
	if (l->m.nparam != 3)
		bad(r, "RENAME without a reason");
	if (ref_chan(r, l->m.param[1]) == NULL)
		owed_moves(r, l->m.param[0], l->m.param[1]);
	copy(c->name, sizeof(c->name), l->m.param[1]);
}

static void
on_kick(struct ref *r, struct line *l)
{
	struct ref_chan *c = ref_chan(r, l->m.param[0]);

	if (c == NULL)
		bad(r, "KICK on a channel it is not on");
	else
		gone(r, c, l->m.param[1], "KICK");
}

static void
on_quit(struct ref *r, struct line *l)
{
	struct ref_member *m;
	bool known = false;
	size_t i;

	if (is_self(r, l))
		return;
	for (i = 0; i < r->nchans; i++) {
		m = ref_member(r->chan[i], span_of(l->nick));
		if (m == NULL)
			continue;
		if (strcmp(m->user, l->user) != 0)
			bad(r, "QUIT of somebody else: %s", l->nick);
		moves(r, r->chan[i]->name, m->user, false);
		member_drop(r->chan[i], m);
		known = true;
	}
	if (!known && !is_unnamed(r))
		bad(r, "QUIT of a stranger: %s", l->nick);
}

static void
on_chghost(struct ref *r, struct line *l)
{
	struct ref_member *m;
	bool known = is_self(r, l);

	for (size_t i = 0; i < r->nchans; i++) {
		m = ref_member(r->chan[i], span_of(l->nick));
		if (m == NULL)
			continue;
		known = true;
		if (strcmp(m->user, l->user) != 0 ||
		    strcmp(m->host, l->host) != 0)
			bad(r, "CHGHOST of somebody else: %s", l->nick);
		copy(m->host, sizeof(m->host), l->m.param[1]);
	}
	if (!known && !is_unnamed(r))
		bad(r, "CHGHOST of a stranger: %s", l->nick);
}

static void
on_nick(struct ref *r, struct line *l)
{
	struct ref_member *m;
	char to[REF_NAME];
	bool known;
	size_t i;

	copy(to, sizeof(to), l->m.param[0]);
	known = is_self(r, l);
	for (i = 0; i < r->nchans; i++) {
		m = ref_member(r->chan[i], l->m.param[0]);
		if (m != NULL && strcmp(m->user, l->user) != 0)
			bad(r, "NICK to a nick in use: %s", to);
		m = ref_member(r->chan[i], span_of(l->nick));
		if (m == NULL)
			continue;
		known = true;
		if (strcmp(m->user, l->user) != 0)
			bad(r, "NICK of somebody else: %s", l->nick);
		memcpy(m->nick, to, sizeof(to));
	}
	if (!known && !is_unnamed(r))
		bad(r, "NICK of a stranger: %s", l->nick);
	if (is_self(r, l)) {
		if (strcmp(r->nick, l->nick) != 0)
			bad(r, "NICK of oneself under another nick: %s is %s",
			    l->nick, r->nick);
		memcpy(r->nick, to, sizeof(to));
	}
}

static void
on_status(struct ref *r, struct ref_chan *c, bool on, enum status s,
    struct span nick)
{
	struct ref_member *m = ref_member(c, nick);
	uint32_t bit = 1u << s;

	if (m == NULL && !c->named)
		return;
	if (m == NULL) {
		bad(r, "MODE of one who is not on %s: %.*s", c->name,
		    SPAN_ARG(nick));
		return;
	}
	if (strcmp(m->user, r->user) == 0)
		c->status_at = r->now;
	/* before its names came, it does not know the status of members */
	if (c->named && ((m->status & bit) != 0) == on)
		bad(r, "MODE changes nothing: %s %c%c %s", c->name,
		    on ? '+' : '-', status_row(r->tables, s)->letter, m->nick);
	m->status = on ? m->status | bit : m->status & ~bit;
}

/* Return true if the value is not told (link-protocol.md, 9.20). */
static bool
is_hidden(const struct chan_mode_row *row, struct span value)
{
	return row->type == MODE_VALUE && row->value->for_members &&
	       span_eq(value, SPAN("*"));
}

static void
on_chan_mode(struct ref *r, struct ref_chan *c, bool on, enum chan_mode mode,
    struct span arg)
{
	const struct chan_mode_row *row = chan_mode_row(r->tables, mode);
	uint64_t bit = UINT64_C(1) << mode;
	char *value;
	struct ref_list *l;
	bool same;
	size_t i;

	if (row->type == MODE_LIST) {
		l = &c->list[mode];
		/* an answer that is under way has the masks of before */
		l->moved = !l->known;
		if (!l->known)
			return;
		i = list_find(l, arg);
		/* it was over when the client asked for the list, and is
		 * removed now */
		if (!on && i == l->n && span_starts(arg, SPAN("~time:")))
			return;
		if ((i < l->n) == on)
			bad(r, "MODE changes nothing: %s %c%c %.*s", c->name,
			    on ? '+' : '-', row->letter, SPAN_ARG(arg));
		else if (on)
			list_add(l, arg);
		else
			list_take(l, i);
		return;
	}
	c->mode_at[mode] = r->now;
	if (!c->modes_known)
		return;
	value = row->type == MODE_VALUE ? c->value[mode] : NULL;
	same = ((c->modes & bit) != 0) == on;
	if (on && value != NULL)
		same = same && span_eq(arg, span_of(value)) &&
		       !is_hidden(row, arg);
	if (same)
		bad(r, "MODE changes nothing: %s %c%c", c->name, on ? '+' : '-',
		    row->letter);
	c->modes = on ? c->modes | bit : c->modes & ~bit;
	if (value != NULL)
		copy(value, REF_NAME, on ? arg : SPAN_NONE);
}

static bool
takes_arg(const struct chan_mode_row *row, bool on)
{
	return row->type == MODE_LIST ||
	       (row->type == MODE_VALUE && (on || row->value->arg_to_unset));
}

static void
on_own_modes(struct ref *r, const struct line *l)
{
	struct span letters = l->m.param[1];
	bool on = true;

	if (!casemap_eq(l->m.param[0], span_of(r->nick)))
		bad(r, "MODE of another user");
	for (size_t i = 0; i < letters.n; i++) {
		if (letters.p[i] == '+' || letters.p[i] == '-')
			on = letters.p[i] == '+';
		else if (ref_has_own(r, letters.p[i]) == on)
			bad(r, "MODE changes nothing: %c%c", on ? '+' : '-',
			    letters.p[i]);
		else
			r->own_modes ^= REF_LETTER(letters.p[i]);
	}
}

/* Take the modes of 221, which the welcome of a held user has, too. */
static void
on_own_modes_are(struct ref *r, struct span letters)
{
	r->own_modes = 0;
	for (size_t i = 0; i < letters.n; i++)
		if (letters.p[i] != '+')
			r->own_modes |= REF_LETTER(letters.p[i]);
}

static void
on_mode(struct ref *r, struct line *l)
{
	struct ref_chan *c = ref_chan(r, l->m.param[0]);
	struct span letters = l->m.param[1], arg;
	enum chan_mode mode;
	enum status s;
	unsigned next = 2;
	bool on = true;
	size_t i;

	if (c == NULL) {
		if (l->m.param[0].n > 0 && l->m.param[0].p[0] == '#')
			bad(r, "MODE on a channel it is not on");
		else
			on_own_modes(r, l);
		return;
	}
	for (i = 0; i < letters.n && !r->bad; i++) {
		if (letters.p[i] == '+' || letters.p[i] == '-') {
			on = letters.p[i] == '+';
			continue;
		}
		s = status_of_letter(r->tables, letters.p[i]);
		mode = chan_mode_of_letter(r->tables, letters.p[i]);
		if (s == ST_NONE && mode == CM_NONE) {
			bad(r, "MODE of no such letter: %c", letters.p[i]);
			return;
		}
		arg = SPAN_NONE;
		if (s != ST_NONE ||
		    takes_arg(chan_mode_row(r->tables, mode), on)) {
			if (next >= l->m.nparam) {
				bad(r, "MODE without its parameter");
				return;
			}
			arg = l->m.param[next++];
		}
		if (s != ST_NONE)
			on_status(r, c, on, s, arg);
		else
			on_chan_mode(r, c, on, mode, arg);
	}
	if (!r->bad && next < l->m.nparam)
		bad(r, "MODE with more parameters than letters");
}

static void
on_topic(struct ref *r, struct line *l)
{
	struct ref_chan *c = ref_chan(r, l->m.param[0]);

	if (c == NULL)
		bad(r, "TOPIC on a channel it is not on");
	else
		copy(c->topic, sizeof(c->topic), l->m.param[1]);
}

static void
on_away(struct ref *r, struct line *l)
{
	struct ref_member *m;
	bool known = is_self(r, l);
	size_t i;

	for (i = 0; i < r->nchans; i++) {
		m = ref_member(r->chan[i], span_of(l->nick));
		if (m == NULL)
			continue;
		known = true;
		if (strcmp(m->user, l->user) != 0)
			bad(r, "AWAY of somebody else: %s", l->nick);
		m->away = l->m.nparam > 0 && l->m.param[0].n > 0;
	}
	if (!known && !is_unnamed(r))
		bad(r, "AWAY of a stranger: %s", l->nick);
}

/* 353: prefixes nick!user@host, with all prefixes of each member. */
static void
on_names(struct ref *r, struct line *l)
{
	struct ref_chan *c = ref_chan(r, l->m.param[2]);
	struct span rest = l->m.param[3], word, nick, user;
	char n[REF_NAME], u[REF_NAME], h[REF_NAME];
	struct ref_member *m;
	uint32_t status;
	enum status s;

	if (c == NULL)
		return;
	names_owed(r, l->m.param[2])->begun = true;
	while ((word = span_word(&rest)).n > 0) {
		for (status = 0; word.n > 0 && (s = status_of_prefix(r->tables,
						    word.p[0])) != ST_NONE;
		     word = span_tail(word, 1))
			status |= 1u << s;
		nick = span_cut(&word, '!');
		user = span_cut(&word, '@');
		copy(n, sizeof(n), nick);
		copy(u, sizeof(u), user);
		copy(h, sizeof(h), word);
		if (is_twofold(r, n, u))
			bad(r, "NAMES: %s is two people", n);
		m = ref_member(c, nick);
		if (m == NULL)
			m = member_add(c, n, u, h);
		memcpy(m->host, h, sizeof(m->host));
		m->status = status;
		m->away = strcmp(u, r->user) == 0 ? m->away : -1;
	}
}

static void
on_modes_are(struct ref *r, struct line *l)
{
	struct ref_chan *c = ref_chan(r, l->m.param[1]);
	struct span letters = span_tail(l->m.param[2], 1);
	unsigned next = 3;
	enum chan_mode mode;
	size_t i;

	if (c == NULL)
		return;
	for (i = 0; !c->modes_known && i < REF_MODES; i++)
		c->mode_at[i] = r->now;
	c->modes_known = true;
	c->modes = 0;
	memset(c->value, 0, sizeof(c->value));
	for (i = 0; i < letters.n; i++) {
		mode = chan_mode_of_letter(r->tables, letters.p[i]);
		if (mode == CM_NONE) {
			bad(r, "324 of no such letter: %c", letters.p[i]);
			return;
		}
		c->modes |= UINT64_C(1) << mode;
		if (chan_mode_row(r->tables, mode)->type == MODE_VALUE)
			copy(c->value[mode], REF_NAME, l->m.param[next++]);
	}
}

static void
on_list(struct ref *r, struct line *l, enum chan_mode mode, bool end)
{
	struct ref_chan *c = ref_chan(r, l->m.param[1]);
	struct ref_list *list;

	if (c == NULL)
		return;
	list = &c->list[mode];
	if (list->known) /* asked again after another JOIN */
		list_clear(list);
	list->known = end && !list->moved;
	if (end) {
		if (list->moved)
			list_clear(list);
		list->moved = false;
		return;
	}
	if (list_find(list, l->m.param[2]) < list->n)
		bad(r, "a list with one mask twice: %.*s",
		    SPAN_ARG(l->m.param[2]));
	else
		list_add(list, l->m.param[2]);
}

static struct ref_watch *
find_watch(struct ref *r, struct span nick)
{
	for (size_t i = 0; i < r->nwatches; i++)
		if (casemap_eq(span_of(r->watch[i].nick), nick))
			return &r->watch[i];
	return NULL;
}

/* 730 and 731: nicks, or nick!user@host, with commas between them. */
static void
on_watched(struct ref *r, struct line *l, bool online)
{
	struct span rest = l->m.param[1], target, nick;
	struct ref_watch *w;

	while (rest.n > 0) {
		target = span_cut(&rest, ',');
		nick = span_cut(&target, '!');
		w = find_watch(r, nick);
		if (w == NULL && r->nwatches < REF_WATCHES) {
			w = &r->watch[r->nwatches++];
			copy(w->nick, sizeof(w->nick), nick);
		}
		if (w == NULL)
			bad(r, "watches too many nicks");
		else
			w->online = online;
	}
}

static void
on_numeric(struct ref *r, struct line *l, unsigned n)
{
	struct ref_chan *c;

	if (n >= 400)
		r->errors++;
	r->nick_in_use += n == 433;
	r->cannot_repeat += n == 404 && span_eq(l->m.param[2], SPAN(NO_REPEAT));
	r->cannot_say += n == 404 && !span_eq(l->m.param[2], SPAN(BANNED));
	r->keeps_nick += n == 447;
	r->nick_held += n == 437;
	r->sent_on += n == 470;
	r->cannot_join += n == 471 || n == 473 || n == 474 || n == 475 ||
			  n == 477 || n == 480 || n == 489;
	switch (n) {
	case 1:
		r->registered = true;
		copy(r->nick, sizeof(r->nick), l->m.param[0]);
		break;
	case 221:
		on_own_modes_are(r, l->m.param[1]);
		break;
	case 324:
		on_modes_are(r, l);
		break;
	case 332:
		if ((c = ref_chan(r, l->m.param[1])) != NULL)
			copy(c->topic, sizeof(c->topic), l->m.param[2]);
		break;
	case 353:
		on_names(r, l);
		break;
	case 366:
		on_names_end(r, l->m.param[1]);
		break;
	case 367:
	case 368:
		on_list(r, l, CM_BAN, n == 368);
		break;
	case 348:
	case 349:
		on_list(r, l, CM_EXCEPT, n == 349);
		break;
	case 346:
	case 347:
		on_list(r, l, CM_INVEX, n == 347);
		break;
	case 493:
		if (r->uninvited != NULL)
			r->uninvited(r->ctx, l->m.param[1], l->m.param[2]);
		break;
	case 505:
		if (r->uninvited != NULL)
			r->uninvited(r->ctx, l->m.param[2], l->m.param[1]);
		break;
	case 730:
	case 731:
		on_watched(r, l, n == 730);
		break;
	default:
		break;
	}
}

static void
on_batch(struct ref *r, struct line *l)
{
	struct span ref = span_tail(l->m.param[0], 1);
	size_t i;

	if (l->m.param[0].p[0] == '+') {
		if (r->nbatches == 8)
			bad(r, "too many batches");
		else {
			r->labelled_batch[r->nbatches] =
			    span_eq(l->m.param[1], SPAN("labeled-response"));
			r->batch_of_lines[r->nbatches] =
			    span_eq(l->m.param[1], SPAN("draft/multiline"));
			copy(r->batch[r->nbatches++], 32, ref);
		}
		return;
	}
	for (i = 0; i < r->nbatches; i++)
		if (span_eq(span_of(r->batch[i]), ref)) {
			r->nbatches--;
			memmove(r->batch[i], r->batch[r->nbatches], 32);
			r->labelled_batch[i] = r->labelled_batch[r->nbatches];
			r->batch_of_lines[i] = r->batch_of_lines[r->nbatches];
			return;
		}
	bad(r, "BATCH ends that was not begun");
}

static void
check_tags(struct ref *r, struct span tags)
{
	struct span tag;
	size_t i;

	r->in_lines = false;
	while (tags.n > 0) {
		tag = span_cut(&tags, ';');
		if (span_starts(tag, SPAN("label=")) && r->labelled != NULL)
			r->labelled(r->ctx, span_tail(tag, 6));
		if (!span_starts(tag, SPAN("batch=")))
			continue;
		for (i = 0; i < r->nbatches; i++)
			if (span_eq(span_of(r->batch[i]), span_tail(tag, 6)))
				break;
		if (i == r->nbatches)
			bad(r, "a line of a batch that is not open");
		else
			r->in_lines = r->batch_of_lines[i];
	}
}

static void
on_invite(struct ref *r, struct line *l)
{
	if (r->invited != NULL && casemap_eq(l->m.param[0], span_of(r->nick)))
		r->invited(r->ctx, l->m.source);
}

/* The server confirms a SILENCE. */
static void
on_silence(struct ref *r, struct line *l)
{
	struct span mask = span_tail(l->m.param[0], 1);
	size_t i = list_find(&r->silenced, mask);
	bool on = l->m.param[0].p[0] == '+';

	if ((i < r->silenced.n) == on)
		bad(r, "SILENCE changes nothing");
	else if (on)
		list_add(&r->silenced, mask);
	else
		list_take(&r->silenced, i);
}

static const struct {
	const char *verb;
	void (*fn)(struct ref *, struct line *);
	int phase;
} verbs[] = {
	{ "JOIN", on_join, PHASE_JOIN },
	{ "PART", on_part, PHASE_GO },
	{ "KICK", on_kick, PHASE_GO },
	{ "QUIT", on_quit, PHASE_GO },
	{ "NICK", on_nick, PHASE_NICK },
	{ "MODE", on_mode, PHASE_MODE },
	{ "TOPIC", on_topic, PHASE_MODE },
	{ "AWAY", on_away, PHASE_JOIN },
	{ "CHGHOST", on_chghost, PHASE_JOIN },
	{ "RENAME", on_rename, PHASE_NONE },
	{ "BATCH", on_batch, PHASE_NONE },
	{ "INVITE", on_invite, PHASE_NONE },
	{ "SILENCE", on_silence, PHASE_NONE },
};

/* A client is told of nothing before its server has answered that it is
 * registered. */
static void
check_welcomed(struct ref *r, struct span verb)
{
	if (r->registered)
		return;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (span_eq(verb, span_of(verbs[i].verb)))
			bad(r, "%s before 001", verbs[i].verb);
	if (span_eq(verb, SPAN("PRIVMSG")))
		bad(r, "a message before 001");
}

/* Return true if the line refuses a RENAME, or tells the name of a channel. */
static bool
is_about_names(const struct line *l)
{
	return l->m.nparam == 5 &&
	       (span_eq(l->m.param[0], SPAN("RENAME")) ||
		   span_eq(l->m.param[1], SPAN("CHANNEL_RENAMED")));
}

void
ref_line(struct ref *r, struct span line)
{
	struct line l;
	uint64_t n;
	size_t i;
	bool again;

	if (r->bad)
		return;
	if (!msg_parse(line, &l.m)) {
		bad(r, "not a message");
		return;
	}
	split_source(&l);
	check_tags(r, l.m.tags);
	if (l.m.verb.n == 3 && span_u64(l.m.verb, &n)) {
		on_numeric(r, &l, (unsigned)n);
		return;
	}
	check_welcomed(r, l.m.verb);
	if (span_eq(l.m.verb, SPAN("FAIL")) && !is_about_names(&l))
		bad(r, "%.*s", SPAN_ARG(line));
	if (r->said != NULL && l.m.nparam >= 2 &&
	    (span_eq(l.m.verb, SPAN("PRIVMSG")) ||
		span_eq(l.m.verb, SPAN("NOTICE")))) {
		r->said(r->ctx, l.m.source, l.m.param[0], l.m.param[1]);
		return;
	}
	again = reconnects(r, &l);
	again |= kicks_unseen(r, &l);
	again |= is_renamed(r, &l);
	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (span_eq(l.m.verb, span_of(verbs[i].verb))) {
			if (!again && verbs[i].phase != PHASE_NONE)
				phase(r, verbs[i].phase, line);
			verbs[i].fn(r, &l);
			break;
		}
	if (r->bad) {
		n = strlen(r->why);
		snprintf(r->why + n, sizeof(r->why) - n, " (%.*s)",
		    SPAN_ARG(line));
	}
}

void
ref_step(struct ref *r, bool one_act)
{
	if (one_act && r->misordered[0] != '\0')
		bad(r, "lines in another order: %s", r->misordered);
	if (one_act && r->flapped[0] != '\0')
		bad(r, "comes and goes in one step: %s", r->flapped);
	r->flapped[0] = '\0';
	r->nmoves = 0;
	r->before.nick[0] = '\0';
	r->parted.chan[0] = '\0';
	r->phase = PHASE_NONE;
	r->changing[0] = '\0';
	r->misordered[0] = '\0';
	for (size_t i = 0; i < r->nbatches; i++)
		if (!r->labelled_batch[i])
			bad(r, "a batch is open at the end of a step");
}

void
ref_rest(struct ref *r)
{
	if (r->nbatches > 0)
		bad(r, "a batch was never ended");
	for (size_t i = 0; i < r->nchans; i++)
		if (!r->chan[i]->named)
			bad(r, "was not told all names of %s",
			    r->chan[i]->name);
}

/* ---- against the server ---- */

static void
compare_member(struct ref *r, const struct ref_chan *rc, const struct member *m)
{
	const struct ref_member *rm;
	const struct user *u = m->user;

	rm = ref_member(rc, user_nick(u));
	if (rm == NULL) {
		bad(r, "%s: the server shows %.*s, it does not know it",
		    rc->name, SPAN_ARG(user_nick(u)));
		return;
	}
	if (!span_eq(span_of(rm->nick), user_nick(u)) ||
	    !span_eq(span_of(rm->user), ident_username(u->ident)))
		bad(r, "%s: %s is %s, the server has %.*s", rc->name, rm->nick,
		    rm->user, SPAN_ARG(ident_username(u->ident)));
	if (!span_eq(span_of(rm->host), user_host(u)) &&
	    strcmp(rm->user, r->user) != 0)
		bad(r, "%s: %s has the host %s, the server has %.*s", rc->name,
		    rm->nick, rm->host, SPAN_ARG(user_host(u)));
	if (rm->status != member_status(m))
		bad(r, "%s: status of %s is %x, the server has %x", rc->name,
		    rm->nick, rm->status, member_status(m));
	if (r->away_notify && rm->away >= 0 && strcmp(rm->user, r->user) != 0 &&
	    rm->away != (user_away(u) != NULL))
		bad(r, "%s: away of %s is %d", rc->name, rm->nick, rm->away);
}

/*
 * Check that the client has the mask, and return 1. Return 0 if the mask ends
 * and the client does not have it: it may have been over when it came.
 */
static size_t
compare_mask(struct ref *r, const struct ref_chan *rc, unsigned k,
    const struct shown_mask *s)
{
	const struct ref_list *l = &rc->list[k];
	struct span text = rcbuf_span(s->text);

	text = span_word(&text);
	if (list_find(l, text) < l->n)
		return 1;
	if (s->expiry.ms == 0)
		bad(r, "%s: not in list %c: %.*s", rc->name,
		    chan_mode_row(r->tables, k)->letter, SPAN_ARG(text));
	return 0;
}

/* Return the number that the mode has at that server. A row that goes has its
 * number until clients have been told of it on all channels. */
static enum chan_mode
mode_there(const struct ref *r, const struct core *core, unsigned k)
{
	char letter = chan_mode_row(r->tables, k)->letter;
	enum chan_mode m;

	for (m = 0; m < core->tables.nchan_mode; m++)
		if (chan_mode_row(&core->tables, m)->letter == letter)
			return m;
	return CM_NONE;
}

/* Return the modes that the server shows, by the numbers of the client. */
static uint64_t
modes_there(const struct ref *r, const struct core *core, const struct chan *c)
{
	uint64_t modes = 0;
	enum chan_mode m;

	for (unsigned k = 0; k < r->tables->nchan_mode; k++) {
		m = mode_there(r, core, k);
		if (m != CM_NONE && (c->modes >> m & 1) != 0)
			modes |= UINT64_C(1) << k;
	}
	return modes;
}

static void
compare_lists(struct ref *r, const struct ref_chan *rc, const struct chan *c,
    const struct core *core)
{
	const struct shown_mask *s;
	enum chan_mode there;

	for (unsigned k = 0; k < r->tables->nchan_mode; k++) {
		size_t n = 0;

		there = mode_there(r, core, k);
		if (!rc->list[k].known || there == CM_NONE)
			continue;
		for (s = shown_first(c, there); s != NULL; s = shown_next(s))
			n += compare_mask(r, rc, k, s);
		if (rc->list[k].n != n)
			bad(r, "%s: %zu in list %c, the server has %zu of them",
			    rc->name, rc->list[k].n,
			    chan_mode_row(r->tables, k)->letter, n);
	}
}

/* Return true if the client shall know of the member: a member who is veiled is
 * shown to themselves alone. */
static bool
is_for(const struct ref *r, const struct member *m)
{
	return m->shown &&
	       (!m->veiled ||
		   span_eq(ident_username(m->user->ident), span_of(r->user)));
}

static void
compare_modes(struct ref *r, const struct ref_chan *rc, const struct chan *c,
    const struct core *core)
{
	uint64_t modes = modes_there(r, core, c);
	const struct rcbuf *v;

	if (!rc->modes_known)
		return;
	if (rc->modes != modes)
		bad(r, "%s: modes %" PRIx64 ", the server has %" PRIx64,
		    rc->name, rc->modes, modes);
	for (unsigned k = 0; k < r->tables->nchan_mode; k++) {
		if (!(modes >> k & 1))
			continue;
		v = chan_value(c, mode_there(r, core, k));
		if (v != NULL &&
		    !is_hidden(chan_mode_row(r->tables, k),
			span_of(rc->value[k])) &&
		    !span_eq(rcbuf_span(v), span_of(rc->value[k])))
			bad(r, "%s: %s is %s", rc->name,
			    chan_mode_row(r->tables, k)->name, rc->value[k]);
	}
}

static void
compare_chan(struct ref *r, const struct ref_chan *rc, const struct chan *c,
    const struct core *core)
{
	const struct member *m;
	struct span topic;
	size_t n = 0;

	TAILQ_FOREACH(m, &c->members, chan_link)
		if (is_for(r, m)) {
			compare_member(r, rc, m);
			n++;
		}
	if (rc->n != n)
		bad(r, "%s: %zu members, the server shows %zu", rc->name, rc->n,
		    n);
	topic = c->topic == NULL ? SPAN_NONE : rcbuf_span(c->topic);
	span_cut(&topic, ' ');
	if (!span_eq(topic, span_of(rc->topic)))
		bad(r, "%s: topic is `%s', the server has `%.*s'", rc->name,
		    rc->topic, SPAN_ARG(topic));
	compare_lists(r, rc, c, core);
	compare_modes(r, rc, c, core);
}

/* Compare with the list of the session what was told of its nicks. */
static void
compare_watches(struct ref *r, const struct core *core, const struct user *u)
{
	const struct session *s = LIST_FIRST(&u->sessions);
	const struct watch *w = s == NULL ? NULL : monitor_first(s);
	const struct ref_watch *told;
	bool online;

	for (; w != NULL; w = monitor_next(w)) {
		online = facts_find_nick(&core->facts, watch_nick(w)) != NULL;
		told = find_watch(r, watch_nick(w));
		if (told == NULL || told->online != online)
			bad(r, "watches %.*s, who is %s, and was told %s",
			    SPAN_ARG(watch_nick(w)),
			    online ? "online" : "offline",
			    told == NULL ? "nothing" : "something else");
	}
}

void
ref_compare(struct ref *r, const struct core *core)
{
	const struct user *u;
	const struct member *m;
	const struct ref_chan *rc;
	size_t n;

	if (r->bad)
		return;
	u = facts_find_nick(&core->facts, span_of(r->nick));
	if (u == NULL || !span_eq(ident_username(u->ident), span_of(r->user))) {
		bad(r, "thinks it is %s, the server does not", r->nick);
		return;
	}
	n = 0;
	for (struct stays it = stays_of(u); (m = stays_next(&it)) != NULL;) {
		if (!m->shown)
			continue;
		n++;
		rc = ref_chan(r, rcbuf_span(m->chan->name));
		if (rc == NULL)
			bad(r, "is on %.*s and does not know it",
			    SPAN_ARG(rcbuf_span(m->chan->name)));
		else if (rc->named)
			compare_chan(r, rc, m->chan, core);
	}
	if (n != r->nchans)
		bad(r, "thinks it is on %zu channels, it is on %zu", r->nchans,
		    n);
	compare_watches(r, core, u);
}
