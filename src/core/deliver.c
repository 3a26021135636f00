/*
 * msgid: t0, when the client's line was first read, then a hash of which
 * command of which session it was and its place in it. So it names what the
 * client did, is the same at every server, and stays the same if the command
 * is executed again elsewhere (doc/decisions/0004). Acts of a server have
 * the entry instead.
 */
#include "core/deliver.h"

#include "base/siphash.h"
#include "core/client.h"
#include "core/sessions/line.h"
#include "core/sessions/source.h"

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

/* The sender hears himself where he asked to (echo-message). */
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

/* ":source VERB target :text" to the audience. */
static void
send_said(struct step *st, const struct part *part, struct span prefix,
    struct span target, uint32_t index, bool apart)
{
	const struct part_say *p = &part->u.say;
	struct line l = { .tags = part->tags, .apart = apart };
	struct writer w;

	body_begin(st, &w, by_source(st, &p->by));
	writer_span(&w, p->verb);
	writer_char(&w, ' ');
	writer_span(&w, prefix);
	writer_span(&w, target);
	if (p->text.present) {
		writer_str(&w, " :");
		writer_span(&w, p->text.s);
	}
	l.body = writer_done(&w);
	if (st->core->audience_caps & CAPB(MESSAGE_TAGS))
		l.msgid = msgid(st, index);
	if (span_eq(p->verb, SPAN("TAGMSG")))
		audience_keep_cap(st, CAPB(MESSAGE_TAGS));
	audience_send(st, &l);
}

static uint32_t
status_from(struct span name)
{
	enum status s = name.n == 0 ? ST_COUNT : status_of_name(name);

	return s == ST_COUNT ? 0 : (2u << s) - 1;
}

static void
say_to_chan(struct step *st, const struct part *part, uint32_t index)
{
	const struct part_say *p = &part->u.say;
	const struct chan *c = facts_find_chan(st->facts, p->target);
	const struct user *by = by_find(st, &p->by);
	uint32_t need = status_from(p->status);
	char prefix;

	if (c == NULL || c->nshown == 0)
		return;
	audience_begin(st);
	if (need == 0)
		audience_add_chan(st, c, by);
	for (uint32_t i = 0; need != 0 && i < c->nlocal; i++)
		if ((c->local[i]->status & need) && c->local[i]->user != by)
			audience_add_user(st, c->local[i]->user);
	add_echo(st, by);
	prefix =
	    need == 0 ? '\0' : status_row(status_of_name(p->status))->prefix;
	send_said(st, part, span_make(&prefix, need == 0 ? 0 : 1),
	    rcbuf_span(c->name), index, false);
}

static void
say_to_user(struct step *st, const struct part *part, uint32_t index)
{
	const struct part_say *p = &part->u.say;
	struct user *u;
	struct uid uid;

	if (!uid_parse(p->target, &uid) ||
	    (u = facts_find_uid(st->facts, uid)) == NULL || !u->shown)
		return;
	if (span_eq(p->verb, SPAN("KILL"))) {
		if (sid_cmp(u->home, st->core->self.sid) == 0)
			client_killed(st, u, p);
		return;
	}
	audience_begin(st);
	audience_add_user(st, u);
	if (span_eq(p->verb, SPAN("INVITE"))) {
		struct line l = { 0 };
		struct writer w;

		body_begin(st, &w, by_source(st, &p->by));
		writer_str(&w, "INVITE ");
		writer_span(&w, rcbuf_span(u->nick));
		writer_char(&w, ' ');
		writer_span(&w, p->text.s);
		l.body = writer_done(&w);
		audience_send(st, &l);
		return;
	}
	/* To himself it comes twice, and the label is on the echo alone
	 * (labeled-response.md, "Tags"). */
	if (uid_cmp(u->uid, p->by.uid) == 0) {
		send_said(st, part, SPAN_NONE, rcbuf_span(u->nick), index,
		    true);
		audience_begin(st);
	}
	add_echo(st, by_find(st, &p->by));
	send_said(st, part, SPAN_NONE, rcbuf_span(u->nick), index, false);
}

/* A numeric that another server gives to a user here. */
static void
note(struct step *st, const struct part_note *p)
{
	const struct user *u = facts_find_uid(st->facts, p->uid);
	struct line l = { 0 };
	struct writer w;

	if (u == NULL || !u->shown)
		return;
	body_begin(st, &w, server_name(st->core, st->o.sid));
	writer_span(&w, p->numeric);
	writer_char(&w, ' ');
	writer_span(&w, rcbuf_span(u->nick));
	for (size_t i = 0; i < p->words.n; i++) {
		writer_char(&w, ' ');
		writer_span(&w, p->words.v[i]);
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

void
deliver(struct step *st, const struct part *part, uint32_t index)
{
	if (part->id == PART_NOTE)
		note(st, &part->u.note);
	else if (part->id == PART_SAY && part->u.say.target.n > 0 &&
		 part->u.say.target.p[0] == '#')
		say_to_chan(st, part, index);
	else if (part->id == PART_SAY)
		say_to_user(st, part, index);
}

bool
deliver_reaches(const struct chan_server *s, enum status min)
{
	if (min == ST_COUNT)
		return true;
	for (enum status i = 0; i <= min; i++)
		if (s->with[i] > 0)
			return true;
	return false;
}
