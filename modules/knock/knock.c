/*
 * KNOCK asks the operators of a channel to be let in (numerics 710 to 714, as
 * on Solanum; link-protocol.md, 11.32).
 *
 * The home of the user decides, and answers. The knock is a message (+SAY) to
 * the channel, for members who may invite: each server with such members tells
 * its own.
 *
 * A user knocks once in five minutes, and a channel is knocked at once in a
 * minute, unless options say otherwise. For a channel, a server counts the
 * knocks of its own users and those that it tells operators of, so it needs to
 * ask nobody.
 *
 * Differs from Solanum: the first parameter of 710 is the nick of the operator,
 * as in any numeric, and not the channel a second time.
 */
#include "core/facts/chan_name.h"
#include "core/module.h"

#include "core/cmd/cmd.h"
#include "core/facts/memory.h"
#include "core/sessions/source.h"
#include "core/types/cost.h"
#include "core/types/mode_value.h"

enum { USER_S, CHANNEL_S, PRIVATE };

#define DAY 86400 /* seconds */

static const struct option_row options[] = {
	[USER_S] = { "user_s", OPTION_IS_NUM, 0, DAY, 300,
	    "After how many seconds a user may knock again, at any channel.",
	    NULL },
	[CHANNEL_S] = { "channel_s", OPTION_IS_NUM, 0, DAY, 60,
	    "After how many seconds a channel may be knocked at again, by any "
	    "user.",
	    NULL },
	[PRIVATE] = { "private", OPTION_IS_BOOL, 0, 0, 0,
	    "Whether channels with +p may be knocked at.", NULL },
};

enum { KNOCK, DELIVERED, TOO_MANY, OPEN, ON_CHANNEL };

static const struct numeric_row numerics[] = {
	[KNOCK] = { 710, "RPL_KNOCK", "$ $ :has asked for an invite" },
	[DELIVERED] = { 711, "RPL_KNOCKDLVR",
	    "$ :Your KNOCK has been delivered" },
	[TOO_MANY] = { 712, "ERR_TOOMANYKNOCK", "$ :Too many KNOCKs ($)" },
	[OPEN] = { 713, "ERR_CHANOPEN", "$ :Channel is open" },
	[ON_CHANNEL] = { 714, "ERR_KNOCKONCHAN",
	    "$ :You are already on that channel" },
};

/* ---- how often ---------------------------------------------------------- */

/* The last knock of a user, or at a channel. */
struct knocked {
	struct mono at;
};

enum { OF_USER, OF_CHANNEL };

static const struct memory_row memories[] = {
	[OF_USER] = { "knock/user", MEMORY_USER, sizeof(struct knocked), 0 },
	[OF_CHANNEL] = { "knock/channel", MEMORY_CHAN, sizeof(struct knocked),
	    0 },
};

/* Return true if the last knock is not as long ago as the option says. */
static bool
is_recent(const struct step *st, const struct knocked *last, int option)
{
	int64_t s = settings_option(st->core->settings, &options[option]);

	return last != NULL &&
	       mono_cmp(st->now, mono_add_ms(last->at, s * MS_PER_S)) < 0;
}

static void
note_chan(const struct step *st, const struct chan *ch)
{
	struct knocked *x =
	    memory_get_chan(st->facts, &memories[OF_CHANNEL], ch);

	x->at = st->now;
}

/* Operators of the server may knock as often as they like. */
static bool
is_too_often(struct cmd *c, const struct chan *ch)
{
	const struct knocked *user, *chan;
	const char *what = NULL;

	user = memory_find_user(c->facts, &memories[OF_USER], c->user);
	chan = memory_find_chan(c->facts, &memories[OF_CHANNEL], ch);
	if (!cmd_is_oper(c) && is_recent(c->st, user, USER_S))
		what = "user";
	else if (is_recent(c->st, chan, CHANNEL_S))
		what = "channel";
	if (what == NULL)
		return false;
	reply_row(c->st, c->s, &numerics[TOO_MANY], rcbuf_span(ch->name),
	    span_of(what));
	return true;
}

/* ---- KNOCK -------------------------------------------------------------- */

/* Return true if a mode of the channel keeps users out. */
static bool
is_closed(const struct chan *ch)
{
	const struct rcbuf *limit = chan_value(ch, CM_LIMIT);

	return (ch->modes & CMB(INVITE_ONLY)) || chan_value(ch, CM_KEY) ||
	       (limit != NULL && ch->nshown >= mode_limit(rcbuf_span(limit)));
}

/* Return NULL, or the mode that forbids to knock. */
static const char *
forbidden_by(struct cmd *c, const struct chan *ch)
{
	if ((ch->modes & CMB(PRIVATE)) &&
	    settings_option(c->settings, &options[PRIVATE]) == 0)
		return "+p";
	if (chan_list_matches(c, ch, CM_BAN, c->user, MASK_FOR_JOIN) &&
	    !chan_list_matches(c, ch, CM_EXCEPT, c->user, MASK_FOR_JOIN))
		return "+b";
	return NULL;
}

/*
 * Return true if the user may knock; else send the numeric of the first step
 * that fails. The order is that of Solanum.
 */
static bool
may_knock(struct cmd *c, const struct chan *ch)
{
	struct span name = rcbuf_span(ch->name);
	const char *mode;

	if (cmd_member(c, ch) != NULL) {
		reply_row(c->st, c->s, &numerics[ON_CHANNEL], name);
		return false;
	}
	if (!is_closed(ch)) {
		reply_row(c->st, c->s, &numerics[OPEN], name);
		return false;
	}
	if ((mode = forbidden_by(c, ch)) != NULL) {
		reply(c->st, c->s, ERR_CANNOTSENDTOCHAN, name, span_of(mode));
		return false;
	}
	return !is_too_often(c, ch);
}

/* Return the channel whose bans decide about a KNOCK. */
static const struct chan *
find_knocked(const struct cmd *c, struct span name)
{
	return chan_name_find(c->facts, name);
}

static const struct judged judged = {

	.find = find_knocked,
	.use = MASK_FOR_JOIN,
	.nlist = 2,
	.list = { CM_BAN, CM_EXCEPT }
};

static void
cmd_knock(struct cmd *c)
{
	const struct chan *ch;
	struct knocked *x;

	if (!judge_lists(c, cmd_arg(c, 0), &judged))
		return;
	ch = cmd_find_seen(c, cmd_arg(c, 0));
	if (ch == NULL || !may_knock(c, ch))
		return;
	x = memory_get_user(c->facts, &memories[OF_USER], c->user);
	x->at = c->st->now;
	note_chan(c->st, ch);
	cmd_say_chan(c, c->name, ch, ST_OP, text_off());
	reply_row(c->st, c->s, &numerics[DELIVERED], rcbuf_span(ch->name));
}

static const struct command_row command = {
	.name = SPAN_INIT("KNOCK"),
	.run = cmd_knock,
	.min = 1,
	.when = COMMAND_USERS,
	.syntax = "#channel",
	.help = "Asks the operators of a channel to let you in. They have to "
		"invite you, or to change its modes.",
};

/* ---- the message -------------------------------------------------------- */

static void
tell(struct step *st, const struct member *m, struct span name,
    struct span source)
{
	struct session *s;

	LIST_FOREACH(s, &m->user->sessions, user_link)
		reply_row(st, s, &numerics[KNOCK], name, source);
}

/* Tell the members here who can invite. A user who has gone meanwhile does not
 * knock any more. */
static void
deliver_knock(struct step *st, const struct part *part, uint32_t index)
{
	const struct part_say *p = &part->u.say;
	const struct chan *ch = facts_find_chan(st->facts, p->target);
	const struct user *by = by_find(st, &p->by);
	struct span source;

	(void)index;
	if (ch == NULL || !chan_is_shown(ch) || by == NULL || !by->shown)
		return;
	source = user_source(st, by);
	note_chan(st, ch);
	step_spend(st, ch->nlocal * COST_VISIT);
	for (uint32_t i = 0; i < ch->nlocal; i++)
		if (status_rank(st->tables, member_rights(ch->local[i])) >=
		    RANK_OP)
			tell(st, ch->local[i], rcbuf_span(ch->name), source);
}

static const struct said_row said = {
	.verb = SPAN_INIT("KNOCK"),
	.text = SAID_ANY,
	.to_chan = deliver_knock,
};

/* ---- the module --------------------------------------------------------- */

static const struct isupport_row token = { .name = "KNOCK" };

static const struct rows rows = {
	.of = "knock",
	.command = &command,
	.ncommand = 1,
	.numeric = numerics,
	.nnumeric = sizeof(numerics) / sizeof(numerics[0]),
	.isupport = &token,
	.nisupport = 1,
	.said = &said,
	.nsaid = 1,
	.memory = memories,
	.nmemory = sizeof(memories) / sizeof(memories[0]),
	.option = options,
	.noption = sizeof(options) / sizeof(options[0]),
};

MODULE(knock) = {
	.interface = MODULE_INTERFACE,
	.layout = MODULE_LAYOUT,
	.name = "knock",
	.version = "1",
	.purpose = "KNOCK asks operators of a channel to be let in",
	.rows = &rows,
};
