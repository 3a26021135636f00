/*
 * PRIVMSG, NOTICE, TAGMSG (modern-irc, "Sending Messages"; IRCv3
 * message-tags.md). NOTICE and TAGMSG never cause an automatic reply such as
 * 301; errors they do get, but NOTICE gets none (modern-irc, "NOTICE").
 */
#include "core/cmd/cmd.h"
#include "wire/name.h"

struct how {
	struct span	verb;
	bool		quiet;		/* no numerics back */
	bool		text;
};

static void
refuse(struct cmd *c, const struct how *how, enum numeric n, struct span what)
{
	if (!how->quiet)
		reply(c->st, c->s, n, what);
}

/* May the user speak there? NULL, or which mode says no. */
static const char *
may_speak(struct cmd *c, const struct chan *ch)
{
	const struct member *m = cmd_member(c, ch);

	if (m == NULL && (ch->modes & CMB(NO_EXTERNAL)))
		return "+n";
	if (m != NULL && m->status != 0)
		return NULL;
	if (ch->modes & CMB(MODERATED))
		return "+m";
	if (chan_list_matches(c, ch, CM_BAN, c->user) &&
	    !chan_list_matches(c, ch, CM_EXCEPT, c->user))
		return "+b";
	return NULL;
}

static void
to_chan(struct cmd *c, const struct how *how, struct span target,
    struct span name, enum status min, struct text text)
{
	const struct chan *ch = facts_find_chan(c->facts, name);
	const char *why;

	if (ch == NULL || ch->nshown == 0) {
		refuse(c, how, ERR_NOSUCHCHANNEL, target);
		return;
	}
	if ((why = may_speak(c, ch)) != NULL) {
		if (!how->quiet)
			reply(c->st, c->s, ERR_CANNOTSENDTOCHAN,
			    rcbuf_span(ch->name), span_of(why));
		return;
	}
	cmd_say_chan(c, how->verb, ch, min, text);
}

static void
to_user(struct cmd *c, const struct how *how, struct span target,
    struct text text)
{
	const struct user *u = facts_find_nick(c->facts, target);

	if (u == NULL) {
		refuse(c, how, ERR_NOSUCHNICK, target);
		return;
	}
	if (u->away != NULL && !how->quiet && how->text)
		reply(c->st, c->s, RPL_AWAY, rcbuf_span(u->nick),
		    rcbuf_span(u->away));
	cmd_say_user(c, how->verb, u, text);
}

static void
to_target(struct cmd *c, const struct how *how, struct span target,
    struct text text)
{
	enum status min = status_of_prefix(target.p[0]);

	if (min < ST_COUNT && name_is_channel(span_tail(target, 1)))
		to_chan(c, how, target, span_tail(target, 1), min, text);
	else if (name_is_channel(target))
		to_chan(c, how, target, target, ST_COUNT, text);
	else
		to_user(c, how, target, text);
}

static void
message(struct cmd *c, const struct how *how)
{
	struct span list = cmd_arg(c, 0), target;
	struct text text = how->text ? text_of(cmd_arg(c, 1)) : text_off();
	uint32_t n = 0;

	if (list.n == 0) {
		refuse(c, how, ERR_NORECIPIENT, how->verb);
		return;
	}
	if (how->text && text.s.n == 0) {
		if (!how->quiet)
			reply0(c->st, c->s, ERR_NOTEXTTOSEND);
		return;
	}
	while (list.n > 0) {
		target = span_cut(&list, ',');
		if (target.n == 0)
			continue;
		if (++n > c->settings->targets_max || !cmd_has_room(c, 1)) {
			refuse(c, how, ERR_TOOMANYTARGETS, target);
			return;
		}
		to_target(c, how, target, text);
	}
}

void
cmd_privmsg(struct cmd *c)
{
	c->s->spoke = c->st->wall;
	message(c, &(struct how){ SPAN("PRIVMSG"), false, true });
}

void
cmd_notice(struct cmd *c)
{
	message(c, &(struct how){ SPAN("NOTICE"), true, true });
}

void
cmd_tagmsg(struct cmd *c)
{
	/* without message-tags there is nothing it could say */
	if ((c->s->caps & CAPB(MESSAGE_TAGS)) == 0) {
		reply(c->st, c->s, ERR_UNKNOWNCOMMAND, c->name);
		return;
	}
	message(c, &(struct how){ SPAN("TAGMSG"), false, false });
}
