/*
 * AWAY (modern-irc, "AWAY message"). 305 and 306 tell of a change, so the show
 * code sends them to all sessions of the user (core/show/show_user.c). The
 * command answers with them by itself only if there is nothing to change.
 *
 * `AWAY :` has no text, so it means what AWAY alone means.
 *
 * A client with draft/pre-away may say it before it registers (ircv3 pre-away).
 * The text goes with the entry that makes the user, so nobody sees the user
 * present. `AWAY *` needs nothing here: clients know what the text means.
 */
#include "core/cmd/cmd.h"
#include "wire/utf8.h"

static bool
is_so_already(const struct user *u, struct span text)
{
	if (user_away(u) == NULL)
		return text.n == 0;
	return span_eq(rcbuf_span(user_away(u)), text);
}

/* "If the capability has been negotiated, servers MUST accept the AWAY command
 * before connection registration has completed" (ircv3 pre-away). */
static void
before_registration(struct cmd *c, struct span text)
{
	struct registration *r = c->s->registration;

	/* the entry that makes the user is under way already */
	if ((c->s->caps & CAPB(PRE_AWAY)) == 0 || c->s->id.k != 0) {
		reply0(c->st, c->s, ERR_NOTREGISTERED);
		return;
	}
	rcbuf_unref(r->away);
	r->away = text.n > 0 ? rcbuf_new(text) : NULL;
	reply0(c->st, c->s, text.n > 0 ? RPL_NOWAWAY : RPL_UNAWAY);
}

void
cmd_away(struct cmd *c)
{
	struct span text = utf8_cut(cmd_arg(c, 0), c->settings->away_len);
	struct part *p;

	if (c->user == NULL) {
		before_registration(c, text);
		return;
	}
	if (is_so_already(c->user, text)) {
		reply0(c->st, c->s, text.n > 0 ? RPL_NOWAWAY : RPL_UNAWAY);
		return;
	}
	p = cmd_add_part(c, PART_SET);
	p->u.set = (struct part_set){ c->user->uid, SPAN("away"), cmd_by(c),
		text.n > 0 ? text_of(text) : text_off() };
}
