/*
 * UNINVITE nick #channel: takes an invitation to a channel back (InspIRCd,
 * m_uninvite). An operator of the channel may, and so may a user who has
 * invited the other one.
 */
#include "core/module.h"

#include "core/cmd/cmd.h"
#include "core/facts/invites.h"
#include "core/sessions/access.h"
#include "core/types/cost.h"

enum { UNINVITED, NOT_INVITED };

static const struct numeric_row numerics[] = {
	[UNINVITED] = { 493, "RPL_UNINVITED", "$ $ :Uninvited" },
	[NOT_INVITED] = { 505, "ERR_NOTINVITED",
	    "$ $ :Is not invited to channel" },
};

/* Collect the invitations of the user into that incarnation: of the caller, or
 * of anybody. There is one, or a few if servers made them at the same time. */
static size_t
collect(struct cmd *c, const struct user *u, const struct founding *g, bool all,
    struct dot dot[CMD_DOTS_MAX])
{
	const struct invite *i;
	size_t n = 0, looks = 0;

	for (i = invite_into(u, g);
	     i != NULL && i->founding == g && n < CMD_DOTS_MAX;
	     i = invite_next(i)) {
		looks++;
		if (all || uid_cmp(i->by.uid, c->user->uid) == 0)
			dot[n++] = i->dot;
	}
	step_spend(c->st, looks * COST_VISIT);
	return n;
}

static void
uninvite(struct cmd *c)
{
	const struct user *u = cmd_find_user(c, cmd_arg(c, 0));
	const struct chan *ch;
	const struct member *m;
	struct part *p;
	struct dot *dot;
	size_t n = 0;
	bool is_op;

	if (u == NULL || (ch = cmd_find_chan(c, cmd_arg(c, 1))) == NULL ||
	    !cmd_need_rank(c, ch, RANK_NONE))
		return;
	m = cmd_member(c, ch);
	is_op = status_rank(c->tables, member_rights(m)) >= RANK_OP;
	dot = arena_alloc(c->st->arena, CMD_DOTS_MAX * sizeof(*dot));
	if (ch->current != NULL && find_invite(c->st, u, ch->current) != NULL)
		n = collect(c, u, ch->current, is_op, dot);
	if (n == 0 && !cmd_need_rank(c, ch, RANK_OP))
		return;
	if (n == 0) {
		reply_row(c->st, c->s, &numerics[NOT_INVITED], user_nick(u),
		    rcbuf_span(ch->name));
		return;
	}
	p = cmd_add_part(c, PART_LDEL);
	p->u.ldel = (struct part_ldel){ cmd_ch(ch), cmd_by(c), { dot, n } };
	reply_row(c->st, c->s, &numerics[UNINVITED], rcbuf_span(ch->name),
	    user_nick(u));
}

static const struct command_row command = {
	.name = SPAN_INIT("UNINVITE"),
	.run = uninvite,
	.min = 2,
	.when = COMMAND_USERS,
	.syntax = "nick #channel",
	.help = "Takes the invitation of a user to a channel back.",
};

static const struct rows rows = {
	.of = "uninvite",
	.command = &command,
	.ncommand = 1,
	.numeric = numerics,
	.nnumeric = sizeof(numerics) / sizeof(numerics[0]),
};

MODULE(uninvite) = {
	.interface = MODULE_INTERFACE,
	.layout = MODULE_LAYOUT,
	.name = "uninvite",
	.version = "1",
	.purpose = "UNINVITE: takes invitations back",
	.rows = &rows,
};
