/*
 * INVITE (modern-irc, "INVITE message"): a fact, which lets its user into that
 * incarnation of the channel for a while, and a message to the user. A new
 * invitation replaces the ones that the user has for the channel, and removes
 * those that have expired.
 */
#include <string.h>

#include "base/mem.h"
#include "core/cmd/cmd.h"
#include "core/facts/chan_name.h"
#include "core/facts/founding.h"
#include "core/facts/invites.h"
#include "core/sessions/access.h"
#include "core/sessions/listing.h"
#include "core/types/cost.h"

#define OLD_MAX 256 /* invitations of a channel that are looked at */

#define INVITE_MS \
	(INT64_C(3600) * 1000) /* an invitation is valid for an hour */

/* As far as an answer is: behind the channel with that folded name. */
struct asked {
	size_t n;
	char fold[512]; /* no folded name is longer */
};

/* Return true if the user is invited to the channel and could join it now. */
static bool
is_invited(struct step *st, const struct user *u, const struct chan *ch)
{
	return ch->current != NULL && chan_is_shown(ch) &&
	       find_invite(st, u, ch->current) != NULL;
}

/* Tell the channels that the asker is invited to, by name. */
static bool
piece(struct step *st, struct session *s, struct listing *l)
{
	struct asked *a = l->asked;
	const struct invite *i;
	const struct chan *ch;

	while (listing_has_room(st)) {
		i = invite_behind(s->user, span_make(a->fold, a->n));
		if (i == NULL) {
			reply0(st, s, RPL_ENDOFINVITELIST);
			return true;
		}
		ch = i->founding->chan;
		a->n = ch->fold->n;
		memcpy(a->fold, rcbuf_span(ch->fold).p, a->n);
		if (is_invited(st, s->user, ch))
			reply(st, s, RPL_INVITELIST, rcbuf_span(ch->name));
	}
	return false;
}

static void
list_own(struct cmd *c)
{
	listing_start(c->st, c->s,
	    &(struct listing){
		.piece = piece, .asked = mem_zalloc(sizeof(struct asked)) });
}

/* Collect the dots of the invitations that a new one removes: those of the user
 * into that incarnation, and the oldest of others that have expired. */
static size_t
collect_old(struct cmd *c, const struct founding *g, const struct user *u,
    struct dot dot[CMD_DOTS_MAX])
{
	const struct invite *i;
	size_t n = 0, all = 0;

	for (i = invite_into(u, g);
	     i != NULL && i->founding == g && n < CMD_DOTS_MAX &&
	     !core_mutated(c->facts, INVITES_KEPT);
	     i = invite_next(i))
		dot[n++] = i->dot;
	for (i = founding_first_invite(g);
	     i != NULL && n < CMD_DOTS_MAX && all < OLD_MAX;
	     i = TAILQ_NEXT(i, link)) {
		all++;
		if (i->user != u && !expiry_holds(i->expiry, c->st->wall))
			dot[n++] = i->dot;
	}
	step_spend(c->st, (n + all) * COST_VISIT);
	return n;
}

static void
supersede(struct cmd *c, const struct chan *ch, const struct user *u)
{
	struct part *p;
	struct dot *dot;
	size_t n;

	dot = arena_alloc(c->st->arena, CMD_DOTS_MAX * sizeof(*dot));
	n = collect_old(c, ch->current, u, dot);
	if (n == 0)
		return;
	p = cmd_add_part(c, PART_LDEL);
	p->u.ldel = (struct part_ldel){ cmd_ch(ch), cmd_by(c), { dot, n } };
}

/* Return true if a user of this server is shown the invitation. Else send the
 * numerics that say why not, or none if the caller is not to know. (The home of
 * a user of another server takes the invitation back, core/deliver.c.) */
static bool
is_received(struct cmd *c, const struct user *u, bool *told)
{
	struct messaging x = {
		.st = c->st, .by = c->user, .to = u, .verb = c->name
	};

	*told = false;
	if (!core_is_home(c->core, u) ||
	    receive_ask(c->tables, &x, x.by->modes | x.to->modes))
		return true;
	for (size_t i = 0; x.told[i] != NULL; i++) {
		reply_row(c->st, c->s, x.told[i], user_nick(u));
		*told = true;
	}
	return false;
}

static void
invite(struct cmd *c, const struct chan *ch, const struct user *u)
{
	struct part *p;

	supersede(c, ch, u);
	p = cmd_add_part(c, PART_INVITE);
	p->tags = meant_tag(user_run_said(u, c->core->self.sid), c->st->arena);
	p->u.invite = (struct part_invite){ .ch = cmd_ch(ch),
		.uid = u->uid,
		.by = cmd_by(c),
		.expiry = { cmd_stamp(c).ms + INVITE_MS } };
	cmd_say_user(c, c->name, u, text_of(chan_name_fact(ch)));
}

void
cmd_invite(struct cmd *c)
{
	const struct numeric_row *why;
	const struct user *u;
	const struct chan *ch;
	const struct member *m;
	bool received, told;

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
	if (!cmd_has_incarnation(c, ch) || !cmd_may_address(c, u, false))
		return;
	if ((why = cmd_may_say(c, c->name, u)) != NULL) {
		reply_row(c->st, c->s, why, user_nick(u));
		return;
	}
	received = is_received(c, u, &told);
	if (told)
		return;
	cmd_reveal(c, cmd_member(c, ch));
	if (received)
		invite(c, ch, u);
	reply(c->st, c->s, RPL_INVITING, user_nick(u), rcbuf_span(ch->name));
}
