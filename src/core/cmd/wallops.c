/*
 * WALLOPS (modern-irc, "WALLOPS message"): to all users with +w, on all
 * servers. "The WALLOPS message MAY be restricted to operators", as it is here.
 *
 * GLOBOPS is to all operators (+o). UnrealIRCd shows it as a NOTICE to each, of
 * the server, with "*** Global -- from nick:". Solanum calls it OPERWALL, and
 * shows a WALLOPS of the operator that begins with "OPERWALL - ", to operators
 * with +z. Here it has both names, and is a WALLOPS that begins with
 * "GLOBOPS - ": clients show its sender, and put it where they put WALLOPS.
 */
#include "core/cmd/cmd.h"
#include "core/sessions/audit.h"

static void
broadcast(struct cmd *c, struct span verb)
{
	audit_log(c->st, LOG_BROADCAST,
	    &(struct audit){ .by = c->user,
		.what = { c->name },
		.why = cmd_arg(c, 0),
		.result = "ok" });
	(void)cmd_say_servers(c, verb, SPAN("$$*"), text_of(cmd_arg(c, 0)));
}

void
cmd_wallops(struct cmd *c)
{
	if (cmd_may(c, PRIV_WALLOPS))
		broadcast(c, c->name);
}

void
cmd_globops(struct cmd *c)
{
	if (cmd_may(c, PRIV_GLOBOPS))
		broadcast(c, SPAN("GLOBOPS"));
}
