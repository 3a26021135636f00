/* PING, PONG (modern-irc). Any line is a sign of life, so PONG does nothing. */
#include "core/cmd/cmd.h"
#include "core/sessions/source.h"

void
cmd_ping(struct cmd *c)
{
	struct writer w;
	struct span token = cmd_arg(c, 0);

	if (token.n == 0) {
		if (c->m->nparam == 0)
			reply(c->st, c->s, ERR_NEEDMOREPARAMS, c->name);
		else
			reply0(c->st, c->s, ERR_NOORIGIN);
		return;
	}
	body_begin(c->st, &w, c->settings->name);
	writer_str(&w, "PONG ");
	writer_span(&w, c->settings->name);
	writer_str(&w, " :");
	writer_span(&w, token);
	line_send(c->st, c->s, &(struct line){ .body = writer_done(&w) });
}

void
cmd_pong(struct cmd *c)
{
	(void)c;
}
