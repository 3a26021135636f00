/*
 * ADMIN, INFO, ISUPPORT, LUSERS, MOTD, MODULES, TIME, VERSION (modern-irc,
 * "Server Queries and Commands"). Another server is asked for its own answers
 * (core/answers/query.c); a server that is known but cannot be reached is
 * answered with 402, "No such server".
 */
#include "core/cmd/cmd.h"
#include "core/answers/isupport.h"
#include "core/answers/query.h"
#include "core/answers/server_info.h"
#include "core/answers/welcome.h"
#include "core/module.h"
#include "core/sessions/source.h"

/* Return true if this server shall answer; else the other server, which is
 * parameter `at`, has been asked, or 402 was sent. */
static bool
is_for_us(struct cmd *c, enum query_kind kind, unsigned at)
{
	struct span target = cmd_arg(c, at);
	const struct server *server;

	if (target.n == 0)
		return true;
	if ((server = cmd_need_server(c, target)) == NULL)
		return false;
	if (sid_cmp(server->sid, c->core->self.sid) == 0)
		return true;
	query_ask(c->st, c->s, server->sid, &queries_builtin[kind], c->name,
	    target);
	return false;
}

/* The first parameter is a mask of servers in RFC 2812, 3.4.2. It is passed
 * over, as the numbers are those of the network. */
void
cmd_lusers(struct cmd *c)
{
	if (is_for_us(c, QUERY_LUSERS, 1))
		reply_lusers(c->st, c->s);
}

void
cmd_admin(struct cmd *c)
{
	if (is_for_us(c, QUERY_ADMIN, 0))
		reply_admin(c->st, c->s);
}

void
cmd_info(struct cmd *c)
{
	if (is_for_us(c, QUERY_INFO, 0))
		reply_info(c->st, c->s);
}

void
cmd_time(struct cmd *c)
{
	if (is_for_us(c, QUERY_TIME, 0))
		reply_time(c->st, c->s);
}

/* "Servers MAY disable" these: they tell of the accounts of a machine, and call
 * people there (RFC 2812, 4.5 and 4.6). */
void
cmd_summon(struct cmd *c)
{
	reply0(c->st, c->s, ERR_SUMMONDISABLED);
}

void
cmd_users(struct cmd *c)
{
	reply0(c->st, c->s, ERR_USERSDISABLED);
}

void
cmd_motd(struct cmd *c)
{
	if (is_for_us(c, QUERY_MOTD, 0))
		reply_motd(c->st, c->s);
}

void
cmd_version(struct cmd *c)
{
	if (is_for_us(c, QUERY_VERSION, 0))
		reply_version(c->st, c->s);
}

/* IRCv3 extended-isupport: also before registration, with the capability. */
void
cmd_isupport(struct cmd *c)
{
	if (c->user == NULL && (c->s->caps & CAPB(EXTENDED_ISUPPORT)) == 0)
		reply0(c->st, c->s, ERR_NOTREGISTERED);
	else
		reply_isupport(c->st, c->s);
}

/* Return true if the client does not ask about another server; else say that it
 * must ask there. */
static bool
is_about_us(struct cmd *c, struct span target)
{
	const struct server *server;
	struct writer w;

	if (target.n == 0)
		return true;
	if ((server = cmd_find_server(c, target)) == NULL) {
		reply(c->st, c->s, ERR_NOSUCHSERVER, target);
		return false;
	}
	if (sid_cmp(server->sid, c->core->self.sid) == 0)
		return true;
	writer_init_arena(&w, c->st->arena, LINE_BODY_MAX);
	writer_str(&w, "this is about ");
	writer_span(&w, c->settings->name);
	writer_str(&w, " alone; ask at ");
	writer_span(&w, server_name(c->core, server->sid));
	reply_fail_or_notice(c->st, c->s, c->name, SPAN("INVALID_SERVER"),
	    writer_done(&w));
	return false;
}

/* Modules are the business of this server alone; 702 and 703 are those of
 * Solanum and InspIRCd. InspIRCd refuses the name of another server, too. */
void
cmd_modules(struct cmd *c)
{
	const struct module *m;
	struct writer w;

	if (!cmd_may(c, PRIV_MODULES) || !is_about_us(c, cmd_arg(c, 0)))
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
