/*
 * PRIVMSG, NOTICE, TAGMSG (modern-irc, "Sending Messages"; IRCv3
 * message-tags.md). NOTICE and TAGMSG never cause an automatic reply such as
 * 301. Errors are answered, but not to NOTICE (modern-irc, "NOTICE message").
 */
#include "core/cmd/message.h"

#include "core/facts/chan_name.h"
#include "core/sessions/audit.h"
#include "wire/name.h"

struct how {
	struct span verb;
	bool quiet; /* no numerics back */
	bool text;
};

static void
refuse(struct cmd *c, const struct how *how, enum numeric n, struct span what)
{
	if (!how->quiet)
		reply(c->st, c->s, n, what);
}

/*
 * Return NULL if the user may speak there, else the mode that forbids it. The
 * rule users know: a voice or more always speaks; the others need -m and no
 * ban. The first step that applies decides.
 *
 * Differs from modern-irc, "PRIVMSG message", for banned users ("will silently
 * fail"): the same page wants 404 for what is not delivered, and the user
 * should know.
 */
static const char *
silenced_by(struct cmd *c, const struct chan *ch, const struct member *m)
{
	/* 1. A member with any status speaks, whatever +m and the bans say. */
	if (m != NULL && member_rights(m) != 0)
		return NULL;

	/* 2. +m: nobody else speaks, not even a user who is not on a channel
	 *    without +n. */
	if (ch->modes & CMB(MODERATED))
		return "+m";

	/* 3. +b: a user who is banned does not speak, unless an exception of +e
	 *    matches, too. */
	if (chan_list_matches(c, ch, CM_BAN, c->user, MASK_FOR_SPEECH) &&
	    !chan_list_matches(c, ch, CM_EXCEPT, c->user, MASK_FOR_SPEECH))
		return "+b";
	return NULL;
}

/* Return the higher one of two statuses. ST_NONE is the lowest. */
static enum status
higher(const struct tables *t, enum status a, enum status b)
{
	if (a == ST_NONE)
		return b;
	return status_row(t, a)->rank > status_row(t, b)->rank ? a : b;
}

/*
 * Return NULL if hooks let the user say each of the lines, else the mode that
 * forbids one of them. They are not asked about blank lines. A line that they
 * refuse, since nothing is left of it, is a blank one (core/types/hook.h); but
 * something must be left of the message.
 */
static const char *
may_say_lines(struct speech *x, uint64_t modes, const struct lines *text)
{
	const char *why, *blank = NULL;
	bool any = false;

	for (size_t i = 0; i < text->n; i++) {
		x->text = text->v[i].s;
		if (x->text.n == 0 && text->joined != NULL)
			continue;
		why = speak_ask(x->st->tables, x, modes);
		if (why != NULL && (text->joined == NULL || x->text.n > 0))
			return why;
		if (why != NULL)
			blank = why;
		any |= x->text.n > 0;
		text->v[i].s = x->text;
	}
	return any ? NULL : blank;
}

/*
 * Return NULL if the user may say that on the channel, else the mode that
 * forbids it. Hooks may put other lines in the place of these, and say that
 * fewer members see the message than those of status *min.
 */
static const char *
may_say(struct cmd *c, struct speech *x, const struct lines *text,
    enum status *min)
{
	uint64_t modes = x->chan->modes;
	const char *why;
	enum status to;

	/* +n: a user who is not on the channel says nothing there. */
	if (x->member == NULL && (modes & CMB(NO_EXTERNAL)))
		return "+n";
	x->silenced = silenced_by(c, x->chan, x->member);
	if (x->silenced != NULL && c->tables->ndivert == 0)
		return x->silenced;
	why = may_say_lines(x, modes, text);
	if (x->silenced == NULL)
		return why;
	if ((to = divert_ask(c->tables, x, modes)) == ST_NONE)
		return x->silenced;
	*min = higher(c->tables, *min, to);
	return why;
}

static void
to_chan(struct cmd *c, const struct how *how, struct span target,
    struct span name, enum status min, const struct lines *text)
{
	const struct chan *ch = chan_name_find(c->facts, name);
	struct speech x = {
		.st = c->st, .chan = ch, .by = c->user, .verb = how->verb
	};
	const char *why;

	/* modern-irc lists 401 for PRIVMSG ("No such nick/channel"), so this is
	 * 401, not 403 */
	if (ch == NULL || !chan_is_shown(ch)) {
		refuse(c, how, ERR_NOSUCHNICK, target);
		return;
	}
	x.member = cmd_member(c, ch);
	why = may_say(c, &x, text, &min);
	speak_end(c->tables, &x, ch->modes, why == NULL);
	if (why != NULL) {
		if (!how->quiet)
			reply(c->st, c->s, ERR_CANNOTSENDTOCHAN,
			    rcbuf_span(ch->name), span_of(why));
		return;
	}
	cmd_reveal(c, x.member);
	cmd_say_chan(c, how->verb, ch, min, text->v[0]);
	cmd_say_more(c, text);
}

static void
to_user(struct cmd *c, const struct how *how, struct span target,
    const struct lines *text)
{
	const struct user *u = facts_find_nick(c->facts, target);
	const struct numeric_row *why;

	if (u == NULL) {
		refuse(c, how, ERR_NOSUCHNICK, target);
		return;
	}
	if (!cmd_may_address(c, u, how->quiet))
		return;
	if ((why = cmd_may_say(c, how->verb, u)) != NULL) {
		if (!how->quiet)
			reply_row(c->st, c->s, why, user_nick(u));
		return;
	}
	if (user_away(u) != NULL && !how->quiet && how->text)
		reply(c->st, c->s, RPL_AWAY, user_nick(u),
		    rcbuf_span(user_away(u)));
	cmd_say_user(c, how->verb, u, text->v[0]);
	cmd_say_more(c, text);
}

/* "it may be prefixed with one or more channel membership prefix characters
 * and the message will be delivered only to the members with the given or
 * higher status": of several prefixes the lowest counts. */
static enum status
take_prefixes(const struct cmd *c, struct span *name)
{
	enum status min = ST_NONE, s;

	while (name->n > 0 &&
	       (s = status_of_prefix(c->tables, name->p[0])) != ST_NONE) {
		if (min == ST_NONE || status_row(c->tables, s)->rank <
					  status_row(c->tables, min)->rank)
			min = s;
		*name = span_tail(*name, 1);
	}
	return min;
}

/*
 * To all users of the servers that a mask matches (modern-irc, "PRIVMSG
 * message": a target that begins with a dollar sign). Differs from RFC 2812,
 * 3.3.1: the mask may be without a dot, as `$$*` is for all servers.
 */
static void
to_servers(struct cmd *c, const struct how *how, struct span target,
    const struct lines *text)
{
	if (!cmd_may(c, PRIV_MASS_NOTICE))
		return;
	if (!cmd_say_servers(c, how->verb, target, text->v[0])) {
		refuse(c, how, ERR_NOSUCHSERVER, target);
		return;
	}
	cmd_say_more(c, text);
	audit_log(c->st, LOG_BROADCAST,
	    &(struct audit){ .by = c->user,
		.what = { how->verb, target },
		.why = text->v[0].s,
		.result = "ok" });
}

static void
to_target(struct cmd *c, const struct how *how, struct span target,
    const struct lines *text)
{
	struct span name = target;
	enum status min = take_prefixes(c, &name);

	/* for others there is no such nick */
	if (target.p[0] == '$' && how->text && cmd_is_oper(c))
		to_servers(c, how, target, text);
	else if (name_is_channel(name))
		to_chan(c, how, target, name, min, text);
	else
		to_user(c, how, target, text);
}

/* Return the channel whose bans decide whether the user may speak there. */
static const struct chan *
find_banning(const struct cmd *c, struct span target)
{
	const struct chan *ch = NULL;
	const struct member *m;

	(void)take_prefixes(c, &target);
	if (name_is_channel(target))
		ch = chan_name_find(c->facts, target);
	if (ch == NULL || !chan_is_shown(ch))
		return NULL;
	m = cmd_member(c, ch);
	return m != NULL && member_rights(m) != 0 ? NULL : ch;
}

static const struct judged judged = {

	.find = find_banning,
	.use = MASK_FOR_SPEECH,
	.nlist = 2,
	.list = { CM_BAN, CM_EXCEPT }
};

static void
message(struct cmd *c, const struct how *how)
{
	struct span list = cmd_arg(c, 0), rest = list, target;
	struct text text, all = how->text ? text_of(cmd_arg(c, 1)) : text_off();
	uint32_t n = 0;

	while (rest.n > 0 && rest.p[0] == ',')
		(void)span_cut(&rest, ',');
	if (rest.n == 0) {
		refuse(c, how, ERR_NORECIPIENT, how->verb);
		return;
	}
	if (how->text && all.s.n == 0) {
		if (!how->quiet)
			reply0(c->st, c->s, ERR_NOTEXTTOSEND);
		return;
	}
	if (!judge_lists(c, list, &judged))
		return;
	while (rest.n > 0) {
		target = span_cut(&rest, ',');
		if (target.n == 0 || cmd_is_repeated(list, target))
			continue;
		if (++n > c->settings->targets_max || !cmd_has_room(c, 2)) {
			refuse(c, how, ERR_TOOMANYTARGETS, target);
			return;
		}
		text = all;
		to_target(c, how, target,
		    &(struct lines){ .v = &text, .n = 1 });
	}
}

static const struct how privmsg = { SPAN_INIT("PRIVMSG"), false, true },
			notice = { SPAN_INIT("NOTICE"), true, true };

void
cmd_privmsg(struct cmd *c)
{
	c->s->spoke = c->st->wall;
	message(c, &privmsg);
}

void
cmd_notice(struct cmd *c)
{
	message(c, &notice);
}

bool
message_lines(struct cmd *c, bool is_notice, struct span target,
    const struct lines *text)
{
	if (!judge_lists(c, target, &judged))
		return false;
	if (!is_notice)
		c->s->spoke = c->st->wall;
	to_target(c, is_notice ? &notice : &privmsg, target, text);
	return true;
}

void
cmd_tagmsg(struct cmd *c)
{
	/* a client without message-tags cannot send any tag */
	if ((c->s->caps & CAPB(MESSAGE_TAGS)) == 0) {
		reply(c->st, c->s, ERR_UNKNOWNCOMMAND, c->name);
		return;
	}
	message(c, &(struct how){ SPAN("TAGMSG"), false, false });
}
