/*
 * LUSERS, MOTD, MODULES, VERSION (modern-irc, "Server Queries and Commands").
 * Another server is asked for its own answers (core/answers/query.c); a server
 * that is known but cannot be reached is answered with 402, "No such server".
 */
#include "core/cmd/cmd.h"
#include "core/answers/query.h"
#include "core/answers/welcome.h"
#include "core/module.h"

void
cmd_lusers(struct cmd *c)
{
	reply_lusers(c->st, c->s);
}

/* Return true if this server shall answer; else the other server has been
 * asked, or 402 was sent. */
static bool
is_for_us(struct cmd *c, enum query_kind kind)
{
	struct span target = cmd_arg(c, 0);
	const struct server *server;

	if (target.n == 0)
		return true;
	if ((server = cmd_find_server(c, target)) == NULL) {
		reply(c->st, c->s, ERR_NOSUCHSERVER, target);
		return false;
	}
	if (sid_cmp(server->sid, c->core->self.sid) == 0)
		return true;
	query_ask(c->st, c->s, server->sid, kind, c->name, target);
	return false;
}

void
cmd_motd(struct cmd *c)
{
	if (is_for_us(c, QUERY_MOTD))
		reply_motd(c->st, c->s);
}

void
cmd_version(struct cmd *c)
{
	if (is_for_us(c, QUERY_VERSION))
		reply_version(c->st, c->s);
}

/* Modules are the business of this server alone; 702 and 703 are those of
 * Solanum and InspIRCd. */
void
cmd_modules(struct cmd *c)
{
	const struct module *m;
	struct writer w;

	if (!cmd_may(c, PRIV_MODULES))
		return;
	for (size_t i = 0; i < c->settings->nmodule; i++) {
		m = c->settings->module[i];
		writer_init_arena(&w, c->st->arena, LINE_BODY_MAX);
		module_adds(&w, m);
		reply(c->st, c->s, RPL_MODLIST, span_of(m->name),
		    span_of(m->version), span_of(m->purpose), writer_done(&w));
	}
	reply0(c->st, c->s, RPL_ENDOFMODLIST);
}
