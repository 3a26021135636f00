/*
 * INVITE (modern-irc, "INVITE message"): a fact, which lets its user into that
 * incarnation of the channel for a while, and a message to the user. A new
 * invitation replaces the ones that the user has for the channel, and removes
 * those that have expired.
 */
#include "core/cmd/cmd.h"
#include "core/sessions/response.h"

#define INVITE_MS \
	(INT64_C(3600) * 1000) /* an invitation is valid for an hour */

/* Answer with the channels that the caller is invited to and could join now. */
static void
list_own(struct cmd *c)
{
	const struct invite *i;
	const struct chan *ch;

	response_collect(c->st, c->s);
	LIST_FOREACH(i, &c->user->invites, user_link) {
		ch = i->founding->chan;
		if (ch->nshown > 0 && cmd_find_invite(c, ch) == i)
			reply(c->st, c->s, RPL_INVITELIST,
			    rcbuf_span(ch->name));
	}
	reply0(c->st, c->s, RPL_ENDOFINVITELIST);
}

static void
supersede(struct cmd *c, const struct chan *ch, const struct user *u)
{
	const struct invite *i;
	struct part *p;
	struct dot *dot;
	size_t n = 0;

	dot = arena_alloc(c->st->arena, CMD_DOTS_MAX * sizeof(*dot));
	TAILQ_FOREACH(i, &ch->current->invites, link)
		if (n < CMD_DOTS_MAX &&
		    (i->user == u || !expiry_holds(i->expiry, c->st->wall)))
			dot[n++] = i->dot;
	if (n == 0)
		return;
	p = cmd_part(c, PART_LDEL);
	p->u.ldel = (struct part_ldel){ cmd_ch(ch), cmd_by(c), { dot, n } };
}

static void
invite(struct cmd *c, const struct chan *ch, const struct user *u)
{
	struct part *p;

	supersede(c, ch, u);
	p = cmd_part(c, PART_INVITE);
	p->u.invite = (struct part_invite){ .ch = cmd_ch(ch),
		.uid = u->uid,
		.by = cmd_by(c),
		.expiry = { cmd_stamp(c).ms + INVITE_MS } };
	cmd_say_user(c, c->name, u, text_of(rcbuf_span(ch->name)));
	reply(c->st, c->s, RPL_INVITING, rcbuf_span(u->nick),
	    rcbuf_span(ch->name));
}

void
cmd_invite(struct cmd *c)
{
	const struct user *u;
	const struct chan *ch;
	const struct member *m;

	if (c->m->nparam == 0) {
		list_own(c);
		return;
	}
	if (!cmd_need(c, 2) || (u = cmd_find_user(c, cmd_arg(c, 0))) == NULL ||
	    (ch = cmd_find_chan(c, cmd_arg(c, 1))) == NULL)
		return;
	/* "SHOULD reject it when the channel has invite-only mode set, and the
	 * user is not a channel operator" */
	if (!cmd_need_rank(c, ch,
		ch->current == NULL || ch->modes & CMB(INVITE_ONLY) ? ST_OP
								    : ST_COUNT))
		return;
	if ((m = facts_find_member(ch, u)) != NULL && m->shown) {
		reply(c->st, c->s, ERR_USERONCHANNEL, rcbuf_span(u->nick),
		    rcbuf_span(ch->name));
		return;
	}
	invite(c, ch, u);
}
