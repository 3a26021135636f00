/*
 * INVITE (modern-irc, "INVITE message"): a fact, which lets its user into that
 * incarnation of the channel for a while, and a message to the user. A new
 * invitation replaces the ones that the user has for the channel, and removes
 * those that have expired.
 */
#include <stdlib.h>

#include "core/cmd/cmd.h"
#include "core/facts/founding.h"
#include "core/sessions/response.h"
#include "core/types/cost.h"

#define INVITE_MS \
	(INT64_C(3600) * 1000) /* an invitation is valid for an hour */

static int
by_name(const void *a, const void *b)
{
	const struct chan *const *x = a, *const *y = b;

	return span_cmp(rcbuf_span((*x)->fold), rcbuf_span((*y)->fold));
}

/* Return the channels that the caller is invited to and could join now, by
 * name; a channel with several invitations stands there several times. */
static const struct chan **
collect_own(struct cmd *c, size_t *n)
{
	const struct chan **v;
	const struct invite *i;
	size_t all = 0;

	for (i = user_first_invite(c->user); i != NULL;
	     i = LIST_NEXT(i, user_link))
		all++;
	step_spend(c->st, all * COST_VISIT);
	v = arena_alloc(c->st->arena, (all + 1) * sizeof(*v));
	*n = 0;
	for (i = user_first_invite(c->user); i != NULL;
	     i = LIST_NEXT(i, user_link))
		if (i->founding == i->founding->chan->current &&
		    i->founding->chan->nshown > 0 &&
		    expiry_holds(i->expiry, c->st->wall))
			v[(*n)++] = i->founding->chan;
	qsort(v, *n, sizeof(*v), by_name);
	return v;
}

static void
list_own(struct cmd *c)
{
	const struct chan **v;
	size_t n;

	response_collect(c->st, c->s);
	v = collect_own(c, &n);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || v[i] != v[i - 1])
			reply(c->st, c->s, RPL_INVITELIST,
			    rcbuf_span(v[i]->name));
	reply0(c->st, c->s, RPL_ENDOFINVITELIST);
}

static void
supersede(struct cmd *c, const struct chan *ch, const struct user *u)
{
	const struct invite *i;
	struct part *p;
	struct dot *dot;
	size_t n = 0, all = 0;

	dot = arena_alloc(c->st->arena, CMD_DOTS_MAX * sizeof(*dot));
	for (i = founding_first_invite(ch->current); i != NULL;
	     i = TAILQ_NEXT(i, link)) {
		all++;
		if (n < CMD_DOTS_MAX &&
		    (i->user == u || !expiry_holds(i->expiry, c->st->wall)))
			dot[n++] = i->dot;
	}
	step_spend(c->st, all * COST_VISIT);
	if (n == 0)
		return;
	p = cmd_add_part(c, PART_LDEL);
	p->u.ldel = (struct part_ldel){ cmd_ch(ch), cmd_by(c), { dot, n } };
}

static void
invite(struct cmd *c, const struct chan *ch, const struct user *u)
{
	struct part *p;

	supersede(c, ch, u);
	p = cmd_add_part(c, PART_INVITE);
	p->u.invite = (struct part_invite){ .ch = cmd_ch(ch),
		.uid = u->uid,
		.by = cmd_by(c),
		.expiry = { cmd_stamp(c).ms + INVITE_MS } };
	cmd_say_user(c, c->name, u, text_of(rcbuf_span(ch->name)));
	reply(c->st, c->s, RPL_INVITING, user_nick(u), rcbuf_span(ch->name));
}

void
cmd_invite(struct cmd *c)
{
	const struct numeric_row *why;
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
		ch->current == NULL || ch->modes & CMB(INVITE_ONLY)
		    ? RANK_OP
		    : RANK_NONE))
		return;
	if ((m = facts_find_member(ch, u)) != NULL && m->shown) {
		reply(c->st, c->s, ERR_USERONCHANNEL, user_nick(u),
		    rcbuf_span(ch->name));
		return;
	}
	if ((why = cmd_may_say(c, c->name, u)) != NULL) {
		reply_row(c->st, c->s, why, user_nick(u));
		return;
	}
	invite(c, ch, u);
}
