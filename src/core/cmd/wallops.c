/*
 * WALLOPS (modern-irc, "WALLOPS message"): to all users with +w, on all
 * servers. "The WALLOPS message MAY be restricted to operators", as it is here.
 */
#include "core/cmd/cmd.h"
#include "core/sessions/audit.h"

void
cmd_wallops(struct cmd *c)
{
	if (!cmd_may(c, PRIV_WALLOPS))
		return;
	audit_log(c->st, LOG_BROADCAST,
	    &(struct audit){ .by = c->user,
		.what = { c->name },
		.why = cmd_arg(c, 0),
		.result = "ok" });
	(void)cmd_say_servers(c, c->name, SPAN("$$*"), text_of(cmd_arg(c, 0)));
}
