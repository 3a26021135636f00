/*
 * KILL (modern-irc, "KILL message") is a message to the user's home, here or
 * elsewhere. The home tells the user and makes the QUIT (core/deliver.c), so
 * local and remote users are killed the same way (doc/decisions/0005).
 */
#include "core/cmd/cmd.h"
#include "core/sessions/audit.h"
#include "core/sessions/source.h"
#include "wire/utf8.h"

void
cmd_kill(struct cmd *c)
{
	struct span target = cmd_arg(c, 0);
	const struct user *u;

	if (!cmd_may(c, PRIV_KILL))
		return;
	if (facts_find_server_name(c->facts, target) != NULL) {
		reply0(c->st, c->s, ERR_CANTKILLSERVER);
		return;
	}
	if ((u = cmd_find_user(c, target)) == NULL)
		return;
	audit_log(c->st, LOG_KILL,
	    &(struct audit){ .by = c->user,
		.what = { SPAN("KILL"), user_source(c->st, u) },
		.why = cmd_arg(c, 1),
		.result = core_is_home(c->core, u) ? "ok" : "sent" });
	cmd_say_user(c, SPAN("KILL"), u,
	    text_of(utf8_cut(cmd_arg(c, 1), c->settings->kick_len)));
	cmd_told_waits(c, u);
}
