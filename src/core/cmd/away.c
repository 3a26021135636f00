/*
 * AWAY (modern-irc, "AWAY message"). 305 and 306 tell of a change, so the show
 * code sends them to all sessions of the user (core/show/show_user.c). The
 * command answers with them by itself only if there is nothing to change.
 *
 * `AWAY :` has no text, so it means what AWAY alone means.
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

void
cmd_away(struct cmd *c)
{
	struct span text = utf8_cut(cmd_arg(c, 0), c->settings->away_len);
	struct part *p;

	if (is_so_already(c->user, text)) {
		reply0(c->st, c->s, text.n > 0 ? RPL_NOWAWAY : RPL_UNAWAY);
		return;
	}
	p = cmd_add_part(c, PART_SET);
	p->u.set = (struct part_set){ c->user->uid, SPAN("away"), cmd_by(c),
		text.n > 0 ? text_of(text) : text_off() };
}
