/*
 * WHOWAS (modern-irc, "WHOWAS message"). The answer comes from the memory of
 * this server (core/answers/whowas.h), which has the users of all servers.
 *
 * A count that is no positive number means all entries: "Otherwise, a full
 * search is done". Differs from RFC 2812, 3.6.3: a list of nicks is one nick,
 * which nobody has had, and no other server is asked, since it has not seen
 * more.
 */
#include "core/answers/whowas.h"
#include "core/cmd/cmd.h"

void
cmd_whowas(struct cmd *c)
{
	struct span nick = cmd_arg(c, 0);
	uint64_t max = UINT64_MAX;

	if (nick.n == 0) {
		reply0(c->st, c->s, ERR_NONICKNAMEGIVEN);
		return;
	}
	if (!span_u64(cmd_arg(c, 1), &max) || max == 0)
		max = UINT64_MAX;
	whowas_reply(c->st, c->s, nick, max);
}
