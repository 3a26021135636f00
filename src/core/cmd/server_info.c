/*
 * LUSERS, MOTD, VERSION (modern-irc, "Server Queries and Commands"). Another
 * server is asked for its own answers (core/answers/query.c); a server that is
 * known but cannot be reached is answered with 402, "No such server".
 */
#include "core/cmd/cmd.h"
#include "core/answers/query.h"
#include "core/answers/welcome.h"

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
