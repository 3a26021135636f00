/*
 * RENAME (IRCv3 draft/channel-rename): the channel gets another name, and keeps
 * all else. The command makes one +CNAME (link-protocol.md, 11.48), and
 * doc/decisions/0055 says who has which name then.
 */
#include "core/cmd/cmd.h"
#include "core/deliver.h"
#include "core/facts/chan_name.h"
#include "core/part/later.h"
#include "core/sessions/flood.h"
#include "core/sessions/source.h"
#include "core/types/cost.h"
#include "wire/name.h"
#include "wire/utf8.h"

#define RENAME_MS (INT64_C(600) * 1000) /* between two renames of a channel */

/* Clients may be sent as much as if each member had left and come, so a rename
 * costs as many parts as there are members, but no more than these. */
#define PARTS_MAX 600

/* Return true if a member is an owner, or an owner may be on another server. */
static bool
has_owner(struct cmd *c, const struct chan *ch)
{
	step_spend(c->st, ch->nlocal * (size_t)COST_MEMBERSHIP);
	for (uint32_t i = 0; i < ch->nlocal; i++)
		if (member_rights(ch->local[i]) >> ST_OWNER & 1)
			return true;
	for (uint32_t i = 0; i < ch->nserver; i++)
		if (deliver_reaches(c->st, ch, &ch->server[i], ST_OWNER))
			return true;
	return false;
}

/* Return true if the caller may give the channel another name; else send why
 * not. An op gives it, but not over the head of an owner. */
static bool
may_rename(struct cmd *c, const struct chan *ch)
{
	return cmd_need_rank(c, ch, RANK_NONE) &&
	       cmd_need_rank(c, ch, has_owner(c, ch) ? RANK_OWNER : RANK_OP);
}

static bool
fail(struct cmd *c, const char *code, const char *text)
{
	reply_fail_about(c->st, c->s, c->name,
	    &(struct fail){ span_of(code), { cmd_arg(c, 0), cmd_arg(c, 1) } },
	    span_of(text));
	return false;
}

/* Return true if the name can be one; else send why not. */
static bool
is_name(struct cmd *c, struct span name)
{
	if (!name_is_channel(name))
		return fail(c, "CANNOT_RENAME",
		    "Only names that begin with # are names of channels");
	if (!name_channel_valid(name, c->settings->channel_len)) {
		reply(c->st, c->s, ERR_BADCHANMASK, name);
		return false;
	}
	if (cmd_is_reserved(c, BAN_RESV_CHANNEL, name)) {
		reply(c->st, c->s, ERR_UNAVAILRESOURCE, name);
		return false;
	}
	return true;
}

/* Return true if a RENAME line has room for both names; else send why not. */
static bool
is_short(struct cmd *c, const struct chan *ch, struct span name)
{
	size_t n = user_source(c->st, c->user).n + rcbuf_span(ch->name).n +
		   name.n + sizeof(": RENAME   :") - 1;

	return n <= LINE_BODY_MAX ||
	       fail(c, "CANNOT_RENAME", "Both names do not fit into one line");
}

/* Return true if the channel may have the name now; else send why not. */
static bool
is_free(struct cmd *c, const struct chan *ch, struct span name)
{
	const struct cname *x = cname_of(c->facts, ch->current);

	if (span_eq(rcbuf_span(ch->name), name))
		return fail(c, "CHANNEL_NAME_IN_USE",
		    "The channel has this name already");
	if (chan_name_is_taken(c->facts, ch, name))
		return fail(c, "CHANNEL_NAME_IN_USE",
		    "The channel name is already taken");
	if (x != NULL && !flood_is_exempt(c->st, c->s) &&
	    cname_stamp(x).ms > c->st->wall.ms - RENAME_MS)
		return fail(c, "CANNOT_RENAME",
		    "This channel has been renamed recently");
	return true;
}

void
cmd_rename(struct cmd *c)
{
	struct span name = cmd_arg(c, 1),
		    why = utf8_cut(cmd_arg(c, 2), c->settings->kick_len);
	const struct chan *ch = cmd_find_chan(c, cmd_arg(c, 0));
	struct ch founding;

	if (ch == NULL || !may_rename(c, ch))
		return;
	if (ch->current == NULL) {
		reply(c->st, c->s, RPL_TRYAGAIN, c->name);
		return;
	}
	if (!is_name(c, name) || !is_short(c, ch, name) ||
	    !is_free(c, ch, name))
		return;
	founding = cmd_ch(ch);
	cmd_reveal(c, cmd_member(c, ch));
	cmd_add_later(c, &later_builtin[LATER_CNAME],
	    cname_words(c->st->arena, &founding, cmd_by(c), name),
	    why.n > 0 ? text_of(why) : text_off());
	flood_charge_parts(c->st, c->s,
	    ch->nshown < PARTS_MAX ? ch->nshown : PARTS_MAX);
}
