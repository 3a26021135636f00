/*
 * CHGHOST and CHGIDENT, for operators: a user gets another host or another user
 * name, as on UnrealIRCd and InspIRCd. Both are messages to the user's home
 * (core/force.c), which writes a register of the user (doc/decisions/0052).
 */
#include "core/cmd/cmd.h"
#include "core/part/clean.h"
#include "core/sessions/audit.h"
#include "core/sessions/source.h"

static bool
host_valid(struct cmd *c, struct span s)
{
	return s.n > 0 && s.n <= c->settings->host_len && s.p[0] != ':' &&
	       span_eq(clean_host(c->st->arena, s), s);
}

static bool
username_valid(struct cmd *c, struct span s)
{
	return s.n > 0 && s.n <= c->settings->user_len &&
	       span_eq(clean_user(c->st->arena, s), s);
}

/* Say it to the home of the user. */
static void
change(struct cmd *c, const struct user *u, struct span value)
{
	cmd_say_user(c, c->name, u, text_of(value));
	cmd_told_waits(c, u);
	audit_log(c->st, LOG_OVERRIDE,
	    &(struct audit){ .by = c->user,
		.what = { c->name, user_source(c->st, u) },
		.why = value,
		.result = core_is_home(c->core, u) ? "ok" : "sent" });
}

void
cmd_chghost(struct cmd *c)
{
	struct span host = cmd_arg(c, 1);
	const struct user *u;

	if (!cmd_may(c, PRIV_CHGHOST) ||
	    (u = cmd_find_user(c, cmd_arg(c, 0))) == NULL)
		return;
	if (host_valid(c, host))
		change(c, u, host);
	else
		reply_fail_or_notice(c->st, c->s, c->name, SPAN("INVALID_HOST"),
		    SPAN("That host is not valid"));
}

void
cmd_chgident(struct cmd *c)
{
	struct span name = cmd_arg(c, 1);
	const struct user *u;

	if (!cmd_may(c, PRIV_CHGHOST) ||
	    (u = cmd_find_user(c, cmd_arg(c, 0))) == NULL)
		return;
	if (username_valid(c, name))
		change(c, u, name);
	else
		reply_fail_or_notice(c->st, c->s, c->name,
		    SPAN("INVALID_USERNAME"),
		    SPAN("That user name is not valid"));
}
