/*
 * A msgid is t0, the time when the client's line was first read, and a hash of
 * the session, the number of the command and the place of the message in it. So
 * it names what the client did, is the same at every server, and stays the same
 * if the command is executed again elsewhere (doc/decisions/0004). For an act
 * of a server, the hash is made of the entry instead.
 */
#include "core/deliver.h"

#include "base/siphash.h"
#include "core/client.h"
#include "core/facts/chan_name.h"
#include "core/force.h"
#include "core/held.h"
#include "core/note.h"
#include "core/part/clean.h"
#include "core/sessions/audience.h"
#include "core/sessions/batch.h"
#include "core/sessions/source.h"
#include "core/show/change.h"
#include "core/sessions/targets.h"
#include "core/types/cost.h"
#include "wire/mask.h"
#include "wire/msg.h"
#include "wire/name.h"
#include "wire/tags.h"

#define T0_DIGITS 9
#define HASH_DIGITS 13

static const unsigned char msgid_key[SIPHASH_KEY] = "banyan msgid v1";

static void
write_base32hex(struct writer *w, uint64_t v, unsigned digits)
{
	static const char alphabet[] = "0123456789abcdefghijklmnopqrstuv";
	char *to = writer_room(w, digits);

	while (to != NULL && digits-- > 0)
		*to++ = alphabet[(v >> (5 * digits)) & 31];
}

static struct span
msgid(struct step *st, uint32_t index)
{
	char buf[128];
	struct writer key, w;
	int64_t t0 = st->cause.sess.k != 0 ? st->cause.t0 : st->stamp.ms;

	writer_init(&key, buf, sizeof(buf));
	if (st->cause.sess.k != 0) {
		write_session_id(&key, st->cause.sess);
		writer_char(&key, ' ');
		writer_u64(&key, st->cause.c);
	} else {
		write_origin(&key, st->o);
		writer_char(&key, ' ');
		writer_u64(&key, st->n);
	}
	writer_char(&key, ' ');
	writer_u64(&key, index);
	writer_init_arena(&w, st->arena, T0_DIGITS + HASH_DIGITS);
	write_base32hex(&w, (uint64_t)t0, T0_DIGITS);
	write_base32hex(&w, siphash(msgid_key, writer_done(&key)), HASH_DIGITS);
	return writer_done(&w);
}

/* Add the sessions of the sender that asked for echo-message. */
static void
add_echo(struct step *st, const struct user *u)
{
	struct session *s;

	if (u == NULL)
		return;
	LIST_FOREACH(s, &u->sessions, user_link)
		if (s->caps & CAPB(ECHO_MESSAGE))
			audience_add(st, s);
}

/* Return the tags that mark the sender, and then those of `tags` that a client
 * may send to others. Other tags are made by the server of the receiver
 * (message-tags.md, "Rules for servers"). */
static struct span
tags_shown(struct step *st, const struct part *part, struct span tags)
{
	struct span marks = by_tags(st, &part->u.say.by);
	struct writer w;

	if (tags.n == 0)
		return marks;
	writer_init_arena(&w, st->arena, tags.n + marks.n + 1);
	writer_span(&w, marks);
	(void)tags_put_client_only(&w, tags);
	return clean_text(st->arena, writer_done(&w));
}

/* Return ":source VERB target :text", and the place where the text begins, or
 * 0. */
static struct span
said_body(struct step *st, const struct part *part, struct span target,
    size_t *text)
{
	const struct part_say *p = &part->u.say;
	const struct said_row *row = said_find(st->tables, p->verb);
	struct writer w;

	body_begin(st, &w, by_source(st, &p->by));
	writer_span(&w, p->verb);
	writer_char(&w, ' ');
	writer_span(&w, target);
	*text = 0;
	if (row->text != SAID_BARE) {
		writer_str(&w, " :");
		*text = w.n;
		writer_span(&w, p->text.s);
	}
	return writer_done(&w);
}

/* ---- messages of several lines (link-protocol.md, 11.44) ----------------- */

#define LINES_MAX 128 /* of one message, which is delivered in one step */

static bool
by_eq(const struct by *a, const struct by *b)
{
	return uid_cmp(a->uid, b->uid) == 0 && sid_cmp(a->sid, b->sid) == 0;
}

/* Return true if the part is another line of that message. */
static bool
is_line_of(const struct part *head, const struct part *part)
{
	const struct part_say *a = &head->u.say, *b = &part->u.say;
	struct span value;

	return part->id == PART_SAY && span_eq(a->verb, b->verb) &&
	       by_eq(&a->by, &b->by) && span_eq(a->target, b->target) &&
	       span_eq(a->status, b->status) &&
	       !tags_find(part->tags, SPAN("lines"), &value);
}

/* Return how many of the n parts are lines of the message that the first one
 * begins, or 0 if that is one line alone. */
static size_t
count_lines(const struct step *st, const struct part *part, size_t n)
{
	struct span verb, value;
	uint64_t k;

	if (part->id != PART_SAY || part->tags.n == 0 ||
	    core_mutated(st->facts, LINES_APART))
		return 0;
	verb = part->u.say.verb;
	if (!(span_eq(verb, SPAN("PRIVMSG")) ||
		span_eq(verb, SPAN("NOTICE"))) ||
	    !tags_find(part->tags, SPAN("lines"), &value) ||
	    !span_u64(value, &k) || value.p[0] == '0' || k > LINES_MAX || k > n)
		return 0;
	for (size_t i = 1; i < k; i++)
		if (!is_line_of(part, &part[i]))
			return 0;
	return (size_t)k;
}

/* Set the lines of BATCH, for sessions that know such batches. */
static void
name_batch(struct step *st, struct line_batch *b, const struct part *part,
    struct span target)
{
	struct writer w;

	if ((audience_caps(st) & BATCH_CAPS) != BATCH_CAPS)
		return;
	b->ref = batch_ref_text(st, rng_u64(&st->core->rng));
	body_begin(st, &w, by_source(st, &part->u.say.by));
	writer_str(&w, "BATCH +");
	writer_span(&w, b->ref);
	writer_str(&w, " draft/multiline ");
	writer_span(&w, target);
	b->open = writer_done(&w);
	body_begin(st, &w, st->core->settings->name);
	writer_str(&w, "BATCH -");
	writer_span(&w, b->ref);
	b->close = writer_done(&w);
}

/* Return the lines of the message that begins with the part, and the place
 * where the text of each begins. */
static const struct line_batch *
batch_of(struct step *st, const struct part *part, struct span target,
    size_t *text)
{
	struct line_batch *b = arena_alloc(st->arena, sizeof(*b));
	struct span value;

	*b = (struct line_batch){ .n = st->nlines,
		.tags = tags_shown(st, part, SPAN_NONE),
		.line = arena_alloc(st->arena, st->nlines * sizeof(*b->line)) };
	name_batch(st, b, part, target);
	for (size_t i = 0; i < b->n; i++)
		b->line[i] = (struct line_part){ .body = said_body(st, &part[i],
						     target, text),
			.joined = i > 0 && tags_find(part[i].tags,
					       SPAN("joined"), &value) };
	return b;
}

/* Send ":source VERB target :text" to the audience. */
static void
send_said(struct step *st, const struct part *part, struct span target,
    uint32_t index, bool apart)
{
	const struct said_row *row = said_find(st->tables, part->u.say.verb);
	struct line l = { .apart = apart };

	if (audience_is_empty(st))
		return;
	l.tags = tags_shown(st, part, part->tags);
	if (st->nlines > 0)
		l.batch = batch_of(st, part, target, &l.text);
	else
		l.body = said_body(st, part, target, &l.text);
	if (audience_caps(st) & CAPB(MESSAGE_TAGS))
		l.msgid = msgid(st, index);
	if (row->cap != 0)
		audience_keep_cap(st, row->cap);
	audience_send(st, &l);
}

static uint32_t
status_from(const struct tables *t, struct span name)
{
	enum status s = name.n == 0 ? ST_NONE : status_of_name(t, name);

	return s == ST_NONE ? 0 : statuses_from(t, status_row(t, s)->rank);
}

/* Return the name of the channel, behind the prefix of a status if the message
 * is for members with that status. */
static struct span
chan_target(struct step *st, const struct chan *c, struct span status)
{
	struct writer w;

	if (status_from(st->tables, status) == 0)
		return rcbuf_span(c->name);
	writer_init_arena(&w, st->arena, 1 + c->name->n);
	writer_char(&w,
	    status_row(st->tables, status_of_name(st->tables, status))->prefix);
	writer_span(&w, rcbuf_span(c->name));
	return writer_done(&w);
}

static void
chan_line(struct step *st, const struct part *part, uint32_t index)
{
	const struct part_say *p = &part->u.say;
	const struct chan *c = facts_find_chan(st->facts, p->target);
	const struct user *by = by_find(st, &p->by);
	uint32_t need = status_from(st->tables, p->status);

	if (c == NULL || c->nshown == 0)
		return;
	/* a status of a later version: its members are not known here */
	if (p->status.n > 0 && need == 0)
		return;
	if (need == 0)
		change_said(st, c);
	audience_begin(st);
	audience_leave_out(st, st->tables->deaf);
	if (need == 0)
		audience_add_chan(st, c, by);
	for (uint32_t i = 0; need != 0 && i < c->nlocal; i++)
		if ((member_rights(c->local[i]) & need) &&
		    c->local[i]->user != by &&
		    (c->local[i]->user->modes & st->tables->deaf) == 0)
			audience_add_user(st, c->local[i]->user);
	add_echo(st, by);
	send_said(st, part, chan_target(st, c, p->status), index, false);
}

/* Send the sender the echo of a message to that user. */
static void
echo_line(struct step *st, const struct part *part, uint32_t index,
    const struct user *u)
{
	audience_begin(st);
	add_echo(st, by_find(st, &part->u.say.by));
	send_said(st, part, user_nick(u), index, false);
}

/* Keep a message to a held user, if messages are kept for that user, and tell
 * its sender. Nothing answers a NOTICE (modern-irc, "NOTICE message"). */
static void
held_line(struct step *st, const struct part *part, uint32_t index,
    const struct user *u)
{
	const struct part_say *p = &part->u.say;
	bool answers = span_eq(p->verb, SPAN("PRIVMSG")), kept = false;
	struct line l = { 0 };

	if (!answers && !span_eq(p->verb, SPAN("NOTICE")))
		return;
	audience_begin(st);
	if (held_keeps(st, u)) {
		l.tags = tags_shown(st, part, part->tags);
		l.msgid = msgid(st, index);
		if (st->nlines > 0)
			l.batch = batch_of(st, part, user_nick(u), &l.text);
		else
			l.body = said_body(st, part, user_nick(u), &l.text);
		kept = hold_keep(st, user_hold(u), &l);
	}
	if (answers)
		held_answer(st, u, by_find(st, &p->by), kept);
}

static void
user_line(struct step *st, const struct part *part, uint32_t index,
    const struct user *u)
{
	const struct part_say *p = &part->u.say;
	struct span nick = user_nick(u);

	targets_heard(st, u, p->by.uid);
	if (user_hold(u) != NULL)
		held_line(st, part, index, u);
	audience_begin(st);
	audience_add_user(st, u);
	/* A user who writes to themselves gets it twice, and the label is on
	 * the echo alone (labeled-response.md, "Tags"). */
	if (uid_cmp(u->uid, p->by.uid) == 0) {
		send_said(st, part, nick, index, true);
		audience_begin(st);
	}
	add_echo(st, by_find(st, &p->by));
	send_said(st, part, nick, index, false);
}

/* Send ":inviter INVITE target #channel" to the audience. */
static void
send_invite(struct step *st, struct by by, const struct user *u,
    struct span chan)
{
	struct writer w;

	if (audience_is_empty(st))
		return;
	body_begin(st, &w, by_source(st, &by));
	writer_str(&w, "INVITE ");
	writer_span(&w, user_nick(u));
	writer_char(&w, ' ');
	writer_span(&w, chan);
	audience_send(st, &(struct line){ .body = writer_done(&w),
			      .tags = by_tags(st, &by) });
}

/* Return the user that a part of the entry means by the uid, or NULL if the
 * user is not among the facts. */
static const struct user *
find_meant(const struct step *st, const struct part *part, struct uid uid)
{
	return facts_find_meant(st->facts, uid, st->o, st->stamp,
	    part_meant(part).inc[0]);
}

/* Tell the user of an invitation; the text is the fact name of the channel. */
static void
user_invite(struct step *st, const struct part *part, uint32_t index,
    const struct user *u)
{
	const struct chan *c = facts_find_chan(st->facts, part->u.say.text.s);

	(void)index;
	targets_heard(st, u, part->u.say.by.uid);
	audience_begin(st);
	audience_add_user(st, u);
	send_invite(st, part->u.say.by, u,
	    c != NULL && c->renamed ? rcbuf_span(c->name) : part->u.say.text.s);
}

/* Collect the members who could have made that invitation, as INVITE decides
 * (core/cmd/invite.c): "a server may choose to only send the message to [...]
 * clients that have the privilege to do an /INVITE on the channel themselves"
 * (ircv3 invite-notify, "Notes"). */
static void
add_inviters(struct step *st, const struct chan *c, const struct user *by)
{
	const struct member *m;

	if ((c->modes & CMB(INVITE_ONLY)) == 0) {
		audience_add_chan(st, c, by);
		return;
	}
	for (uint32_t i = 0; i < c->nlocal; i++) {
		m = c->local[i];
		if (m->user != by &&
		    status_rank(st->tables, member_rights(m)) >= RANK_OP)
			audience_add_user(st, m->user);
	}
}

/* Return true if a command has made the entry. A server that makes an entry by
 * itself says an invitation again that was told before (core/restate.h). */
static bool
is_of_command(const struct step *st)
{
	return st->cause.sess.k != 0 || core_mutated(st->facts, INVITED_AGAIN);
}

/* Tell members of the channel of an invitation to the incarnation that they are
 * on. The inviter is sent RPL_INVITING instead, and the target an INVITE. */
static void
invited(struct step *st, const struct part *part)
{
	const struct part_invite *p = &part->u.invite;
	const struct chan *c = facts_find_chan(st->facts, p->ch.name);
	const struct user *u = find_meant(st, part, p->uid);

	if (u == NULL || !u->shown || c == NULL || !chan_is_shown(c) ||
	    !is_of_command(st) || c->current == NULL ||
	    cinc_cmp(c->current->cinc, p->ch.cinc) != 0)
		return;
	/* the members are looked at even if nobody is told */
	step_spend(st, c->nlocal * COST_MORE);
	audience_begin(st);
	add_inviters(st, c, by_find(st, &p->by));
	audience_keep_cap(st, CAPB(INVITE_NOTIFY));
	send_invite(st, p->by, u, rcbuf_span(c->name));
}

/* The home of the user makes the QUIT (doc/decisions/0005). */
static void
user_kill(struct step *st, const struct part *part, uint32_t index,
    const struct user *u)
{
	(void)index;
	if (core_is_home(st->core, u))
		client_killed(st, u, &part->u.say);
}

/* Collect the users of this server who have all of these modes. */
static void
add_all(struct step *st, uint64_t modes)
{
	const struct conn *x;

	audience_begin(st);
	for (uint32_t i = 0; (x = core_next_conn(st->core, &i)) != NULL;)
		if (x->session->user != NULL &&
		    (x->session->user->modes & modes) == modes)
			audience_add(st, x->session);
}

static void
all_line(struct step *st, const struct part *part, uint32_t index)
{
	add_all(st, 0);
	send_said(st, part, part->u.say.target, index, false);
}

/* Send it to all users of this server who have the mode. */
static void
wallops(struct step *st, const struct part_say *p, uint64_t mode,
    const char *begin)
{
	struct line l = { .tags = by_tags(st, &p->by) };
	struct writer w;

	add_all(st, mode);
	body_begin(st, &w, by_source(st, &p->by));
	writer_str(&w, "WALLOPS :");
	writer_str(&w, begin);
	writer_span(&w, p->text.s);
	l.body = writer_done(&w);
	audience_send(st, &l);
}

static void
all_wallops(struct step *st, const struct part *part, uint32_t index)
{
	(void)index;
	wallops(st, &part->u.say, UMB(WALLOPS), "");
}

static void
all_globops(struct step *st, const struct part *part, uint32_t index)
{
	(void)index;
	wallops(st, &part->u.say, UMB(OPER), "GLOBOPS - ");
}

const struct said_row said_builtin[SAID_BUILTIN] = {
#define SAID(ID, verb, text, to_chan, to_user, to_all, cap, is_asked,  \
    scenario)                                                          \
	{ SPAN_INIT(verb), SAID_##text, to_chan, to_user, cap, to_all, \
		is_asked },
#include "core/deliver.def"
#undef SAID
};

/* Return true if one of the lines of the message has text. */
static bool
has_text(const struct step *st, const struct part *part)
{
	size_t i = 0;

	while (part[i].u.say.text.s.n == 0)
		if (++i >= st->nlines)
			return false;
	return true;
}

/* Return true if clients can read a line of that verb with that text. */
static bool
text_fits(const struct step *st, const struct said_row *row,
    const struct part *part)
{
	switch (row->text) {
	case SAID_TEXT:
		return has_text(st, part);
	case SAID_NAME:
		return name_channel_valid(part->u.say.text.s, CLEAN_CHAN_MAX);
	case SAID_BARE:
	case SAID_ANY:
		break;
	}
	return true;
}

/* No automatic answer to a NOTICE (modern-irc, "NOTICE message") nor to a
 * TAGMSG, which users do not write. */
static bool
is_answered(struct span verb)
{
	return !span_eq(verb, SPAN("NOTICE")) && !span_eq(verb, SPAN("TAGMSG"));
}

/*
 * Take back the invitation by the sender that stands before the message in its
 * entry: the user does not want it. The channel is where it is now. One message
 * takes back one invitation at most, as a linked server may make any number.
 */
static void
drop_invite(struct step *st, const struct part *part, uint32_t index,
    const struct user *u)
{
	const struct chan *ch = facts_find_chan(st->facts, part->u.say.text.s);
	struct part p = { .id = PART_LDEL };
	const struct invite *i;
	struct dot dot;

	if (index == 0 || ch == NULL || ch->current == NULL)
		return;
	dot = dot_make(st->o, st->n, index - 1);
	i = map_find(&st->facts->invites, dot_span(&dot));
	if (i == NULL || i->user != u || i->founding != ch->current ||
	    !by_eq(&i->by, &part->u.say.by))
		return;
	p.u.ldel =
	    (struct part_ldel){ { chan_name_fact(ch), ch->current->cinc },
		    by_server(st->core->self.sid), { &dot, 1 } };
	core_make(st, (struct stamp){ 0 }, &p, 1, &(struct dest){ .all = true },
	    NULL);
}

/* Return true if the user has a mode by which a module keeps messages away. */
static bool
has_filter(const struct tables *t, const struct user *u)
{
	for (unsigned i = 0; i < t->nmessage; i++)
		if (t->message[i]->receive != NULL &&
		    (t->hook_modes.message[i] & u->modes) != 0)
			return true;
	return false;
}

/*
 * Return true if the receiver is shown the message. Only the home of the
 * receiver asks: what a user accepts is known there alone (link-protocol.md,
 * 11.32). Acts of servers are not asked about.
 *
 * A sender whom a split hides is among the facts, and hooks look at those. A
 * sender who is gone from the facts cannot be looked at: a snapshot had the
 * end of the user, and carries the message. Then a mode of the receiver that
 * lets some users through keeps the message away.
 */
static bool
passes(struct messaging *x, const struct by *by)
{
	const struct tables *t = x->st->tables;

	if (uid_is_none(by->uid) || !core_is_home(x->st->core, x->to))
		return true;
	if (x->by == NULL)
		return !has_filter(t, x->to) ||
		       core_mutated(x->st->facts, GONE_HEARD);
	return receive_ask(t, x, x->by->modes | x->to->modes);
}

/*
 * Return true if the receiver is shown the message; else tell the sender why
 * not. A refusal without a word does not tell by a missing echo either: the
 * sender is sent the echo, as for a user of another server.
 */
static bool
may_receive(struct step *st, const struct part *part, uint32_t index,
    const struct user *u)
{
	const struct said_row *row = said_find(st->tables, part->u.say.verb);
	struct messaging x = { .st = st,
		.by = by_find(st, &part->u.say.by),
		.to = u,
		.verb = part->u.say.verb };

	if (passes(&x, &part->u.say.by))
		return true;
	if (x.told[0] != NULL && is_answered(x.verb))
		note_user(st, x.by, x.told, user_nick(u));
	else if (row->to_user == user_line)
		echo_line(st, part, index, u);
	if (row->to_user == user_invite)
		drop_invite(st, part, index, u);
	return false;
}

/* Return true if the mask of a target `$$mask` or `$mask` matches the name of
 * this server. */
static bool
is_for_us(struct step *st, struct span target)
{
	size_t steps = 0;
	bool match =
	    mask_glob(deliver_mask(target), st->core->settings->name, &steps);

	step_spend(st, steps);
	return match;
}

static void
deliver_said(struct step *st, const struct part *part, uint32_t index)
{
	struct span target = part->u.say.target;
	const struct said_row *row = said_find(st->tables, part->u.say.verb);
	const struct user *u;
	struct uid uid;

	if (row == NULL || !text_fits(st, row, part))
		return;
	st->core->nmessages++;
	if (target.n > 0 && target.p[0] == '#') {
		if (row->to_chan != NULL)
			row->to_chan(st, part, index);
		return;
	}
	if (target.n > 0 && target.p[0] == '$') {
		if (row->to_all != NULL && is_for_us(st, target))
			row->to_all(st, part, index);
		return;
	}
	if (row->to_user == NULL || !uid_parse(target, &uid) ||
	    (u = find_meant(st, part, uid)) == NULL || !u->shown ||
	    (run_digit_differs(part->u.say.status, u->dot.o.inc) &&
		!core_mutated(st->facts, UID_LATER)))
		return;
	if (row->is_asked && st->tables->nmessage > 0 &&
	    !may_receive(st, part, index, u))
		return;
	row->to_user(st, part, index, u);
}

struct span
deliver_mask(struct span target)
{
	size_t n = 1;

	if (target.n > 1 && target.p[1] == '$')
		n = 2;
	return span_tail(target, n);
}

/* Return true if the home of the user carries it out, here or elsewhere. */
static bool
is_for_home(const struct said_row *row)
{
	return row->to_user == user_kill || row->to_user == force_join ||
	       row->to_user == force_part || row->to_user == force_nick ||
	       row->to_user == force_remove || row->to_user == force_host ||
	       row->to_user == force_username;
}

void
deliver_to_home(struct step *st, const struct part *part, uint32_t index)
{
	const struct said_row *row;

	if (part->id != PART_SAY)
		return;
	row = said_find(st->tables, part->u.say.verb);
	if (row != NULL && is_for_home(row))
		deliver_said(st, part, index);
}

/* Send a numeric of another server to a user of this server. */
static void
note(struct step *st, const struct part *part)
{
	const struct part_note *p = &part->u.note;
	const struct user *u = find_meant(st, part, p->uid);
	struct line l = { 0 };
	struct writer w;

	if (u == NULL || !u->shown || !clean_is_numeric(p->numeric))
		return;
	body_begin(st, &w, server_name(st->core, st->o.sid));
	writer_span(&w, p->numeric);
	writer_char(&w, ' ');
	writer_span(&w, user_nick(u));
	for (size_t i = 0; i < p->words.n; i++) {
		writer_char(&w, ' ');
		writer_span(&w,
		    msg_is_word(p->words.v[i]) ? p->words.v[i] : SPAN("*"));
	}
	if (p->text.present) {
		writer_str(&w, " :");
		writer_span(&w, p->text.s);
	}
	l.body = writer_done(&w);
	audience_begin(st);
	audience_add_user(st, u);
	audience_send(st, &l);
}

size_t
deliver(struct step *st, const struct part *part, size_t n, uint32_t index)
{
	size_t lines = count_lines(st, part, n);

	st->nlines = lines;
	if (part->id == PART_NOTE)
		note(st, part);
	else if (part->id == PART_INVITE)
		invited(st, part);
	else if (part->id == PART_SAY)
		deliver_said(st, part, index);
	st->nlines = 0;
	return lines > 0 ? lines : 1;
}

bool
deliver_reaches(const struct step *st, const struct chan *c,
    const struct chan_server *s, enum status min)
{
	uint32_t set;

	/* the counts are of the statuses that are shown */
	if (min == ST_NONE || c->statuses_postponed)
		return true;
	if (s->with == NULL)
		return false;
	set = statuses_from(st->tables, status_row(st->tables, min)->rank);
	for (unsigned i = 0; i < s->with->n; i++)
		if ((set >> i & 1) && s->with->of[i] > 0)
			return true;
	return false;
}
