/*
 * PASS, NICK, USER: becoming a user (modern-irc, "Connection Messages").
 *
 * PASS has the password of the class of the client (classes.password), if there
 * is one; otherwise it is read and ignored, since there are no accounts. While
 * a worker compares the password, the next line waits, as for OPER. Differs
 * from modern-irc, where the last of several PASS counts: a wrong one ends the
 * connection at once, and behind a right one no other is compared. So each
 * connection costs the worker one password, and has one guess.
 *
 * USER leaves out what cannot stand in a username. If nothing is left, it takes
 * a fixed name ("it MUST use a default value instead"): a client without a name
 * to send, as epic5 without $USER, could not register otherwise.
 */
#include "core/client.h"
#include "core/cmd/cmd.h"
#include "core/cmd/judge.h"
#include "core/facts/chan_name.h"
#include "core/facts/membership.h"
#include "core/sessions/flood.h"
#include "core/sessions/request.h"
#include "core/held.h"
#include "core/registration.h"
#include "core/types/cost.h"
#include "wire/casemap.h"
#include "wire/name.h"
#include "wire/utf8.h"

static void
put(struct rcbuf **at, struct span s)
{
	rcbuf_unref(*at);
	*at = rcbuf_new(s);
}

static void
pass_answered(struct step *st, struct session *s, const struct request *r,
    enum answer_status status, struct span bytes)
{
	(void)r;
	(void)bytes;
	switch (status) {
	case ANSWER_OK:
		s->registration->passed = true;
		registration_try(st, s);
		break;
	case ANSWER_NO:
		registration_refuse_password(st, s, SPAN("password"));
		break;
	case ANSWER_EXPIRED:
	case ANSWER_REFUSED:
		reply(st, s, RPL_TRYAGAIN, SPAN("PASS"));
		client_end(st, s, SPAN("Too many passwords at once"));
		break;
	}
}

static const struct request_use use_pass = {
	.kind = REQUEST_PASS, .hold = HOLD_LINE, .answered = pass_answered
};

void
cmd_pass(struct cmd *c)
{
	struct span verifier = c->s->conn->class->verifier;

	if (verifier.n == 0 || c->s->registration->passed)
		return;
	if (!request_ask(c->st, c->s, &use_pass,
		request_password(c->st->arena, verifier, cmd_arg(c, 0)),
		SPAN("PASS")))
		pass_answered(c->st, c->s, NULL, ANSWER_REFUSED, SPAN_NONE);
}

/* Return the username that a client gets if it sends this word. */
static struct span
username(struct cmd *c, struct span word)
{
	size_t max = c->settings->user_len;
	char *buf = arena_alloc(c->st->arena, max);
	struct span name = name_user_clean(word, buf, max);

	return name.n > 0 ? name : utf8_cut(SPAN("user"), max);
}

void
cmd_user(struct cmd *c)
{
	struct registration *r = c->s->registration;

	if (r->username != NULL) {
		reply0(c->st, c->s, ERR_ALREADYREGISTERED);
		return;
	}
	put(&r->username, username(c, cmd_arg(c, 0)));
	put(&r->realname, utf8_cut(cmd_arg(c, 3), c->settings->real_len));
	registration_try(c->st, c->s);
}

static bool
nick_is_free(struct cmd *c, struct span nick)
{
	const struct user *holder = facts_find_nick(c->facts, nick);

	if (c->user != NULL && holder == c->user)
		return true;
	return holder == NULL && !facts_nick_in_use(c->facts, nick);
}

/* Return the numeric by which a module refuses the nick, or NULL. Another
 * spelling of one's own nick is not asked about. */
static const struct numeric_row *
claim_refusal(struct cmd *c, struct span nick)
{
	if (c->user != NULL && casemap_eq(user_nick(c->user), nick))
		return NULL;
	return claim_ask(c->tables,
	    &(struct claiming){ c->st, c->user, c->s->conn->addr, nick });
}

/* Return true if a ban reserves the nick. Users who have it keep it. */
static bool
is_reserved(struct cmd *c, struct span nick)
{
	bool has_it = c->user != NULL && casemap_eq(user_nick(c->user), nick);

	return !has_it && cmd_is_reserved(c, BAN_RESV_NICK, nick);
}

/* Ask the hooks about each channel that the user is on. Return true if the user
 * may have the nick; else send why not. */
static bool
may_rename(struct cmd *c, struct span nick)
{
	struct renaming x = { .st = c->st, .nick = nick };
	const struct numeric_row *why = NULL;
	const struct chan *ch;

	if (c->tables->nnick == 0)
		return true;
	step_spend(c->st, c->user->nmembers * (size_t)COST_MEMBERSHIP);
	for (struct stays it = stays_of(c->user);
	     why == NULL && (x.member = stays_next(&it)) != NULL;) {
		ch = x.member->chan;
		if (x.member->shown)
			why = nick_ask(c->tables, &x, ch->modes);
	}
	if (why != NULL)
		reply_row(c->st, c->s, why, nick, rcbuf_span(ch->name));
	return why == NULL;
}

/* Return the channel of that name if a ban there would hold the user's nick: if
 * the user is on it without a status. Return NULL otherwise. */
static const struct chan *
find_holding(const struct cmd *c, struct span name)
{
	const struct chan *ch = chan_name_find(c->facts, name);
	const struct member *m = ch == NULL ? NULL : cmd_member(c, ch);

	return m == NULL || member_rights(m) != 0 ? NULL : ch;
}

static const struct judged judged = { .find = find_holding,
	.use = MASK_FOR_SPEECH,
	.nlist = 2,
	.list = { CM_BAN, CM_EXCEPT } };

/* Return the names of the channels that the user is on, with commas between
 * them. */
static struct span
chans_of(struct cmd *c)
{
	const struct member *m;
	struct writer w;
	size_t n = 0;

	step_spend(c->st, c->user->nmembers * (size_t)COST_MEMBERSHIP);
	for (struct stays it = stays_of(c->user);
	     (m = stays_next(&it)) != NULL;)
		n += rcbuf_span(m->chan->name).n + 1;
	writer_init_arena(&w, c->st->arena, n + 1);
	for (struct stays it = stays_of(c->user);
	     (m = stays_next(&it)) != NULL;) {
		writer_span(&w, rcbuf_span(m->chan->name));
		writer_char(&w, ',');
	}
	return writer_done(&w);
}

/*
 * Return true if no channel holds the user's nick by a ban; else say which one
 * does. A ban says that a user may not speak (modern-irc, "Ban Channel Mode"),
 * and a new nick would be a way out of it. No specification has this rule, but
 * Solanum, InspIRCd and UnrealIRCd have it. Another spelling of the nick fits
 * the same masks.
 */
static bool
is_free_of_bans(struct cmd *c, struct span nick, struct span names)
{
	const struct chan *ch;

	while (names.n > 0) {
		ch = find_holding(c, span_cut(&names, ','));
		if (ch == NULL ||
		    !chan_list_matches(c, ch, CM_BAN, c->user,
			MASK_FOR_SPEECH) ||
		    chan_list_matches(c, ch, CM_EXCEPT, c->user,
			MASK_FOR_SPEECH))
			continue;
		reply(c->st, c->s, ERR_BANNICKCHANGE, nick,
		    rcbuf_span(ch->name));
		return false;
	}
	return true;
}

/* Return true if a restart has left the nick to a user who may be the
 * caller. */
static bool
is_held_for(const struct cmd *c, struct span nick)
{
	return (c->user != NULL || c->s->registration != NULL) &&
	       held_way(c->st, c->s, nick) > HELD_OTHER;
}

/* Change the nick of a user. held: the held user who quits for it, or NULL. */
static void
rename_user(struct cmd *c, struct span nick, const struct user *held)
{
	struct part *p;
	struct span names = SPAN_NONE;

	if (span_eq(user_nick(c->user), nick))
		return;
	if (!casemap_eq(user_nick(c->user), nick))
		names = chans_of(c);
	if (!judge_lists(c, names, &judged) ||
	    !is_free_of_bans(c, nick, names) || !may_rename(c, nick))
		return;
	flood_charge_nick(c->st, c->s);
	if (held != NULL)
		held_quit_part(held, cmd_add_part(c, PART_QUIT));
	p = cmd_add_part(c, PART_NICK);
	p->u.nick = (struct part_nick){ .uid = c->user->uid,
		.nick = nick,
		.class = 1,
		.stamp = cmd_stamp(c) };
}

void
cmd_nick(struct cmd *c)
{
	struct span nick = cmd_arg(c, 0);
	const struct numeric_row *why = NULL;
	bool held;

	if (nick.n == 0) {
		reply0(c->st, c->s, ERR_NONICKNAMEGIVEN);
		return;
	}
	if (!name_nick_valid(nick, c->settings->nick_len)) {
		reply(c->st, c->s, ERR_ERRONEUSNICKNAME, nick);
		return;
	}
	/* the user who has it, as far as anybody knows */
	held = is_held_for(c, nick);
	if (!(held && held_is_proved(c->st, nick)) && is_reserved(c, nick)) {
		reply(c->st, c->s, ERR_ERRONEUSNICKNAME, nick);
		return;
	}
	if (!held && !nick_is_free(c, nick)) {
		reply(c->st, c->s, ERR_NICKNAMEINUSE, nick);
		return;
	}
	if (!held && (why = claim_refusal(c, nick)) != NULL) {
		reply_row(c->st, c->s, why, nick);
		return;
	}
	if (c->user == NULL) {
		if (c->s->registration != NULL && c->s->id.k == 0) {
			put(&c->s->registration->nick, nick);
			registration_try(c->st, c->s);
		}
		return;
	}
	rename_user(c, nick, held ? held_user(c->st, nick) : NULL);
}

void
cmd_quit(struct cmd *c)
{
	struct writer w;
	struct span text = cmd_arg(c, 0);

	writer_init_arena(&w, c->st->arena, LINE_BODY_MAX);
	/* the prefix stands there also without a text (modern-irc, "QUIT
	 * message") */
	writer_str(&w, "Quit: ");
	writer_span(&w, utf8_cut(text, c->settings->kick_len));
	client_end(c->st, c->s, writer_done(&w));
}
