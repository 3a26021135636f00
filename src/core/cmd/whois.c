/*
 * WHOIS (modern-irc). `WHOIS nick` is answered from the facts, without the idle
 * time of a user of another server; `WHOIS nick nick` and `WHOIS server nick`
 * ask the user's own server (doc/decisions/0005).
 */
#include "core/cmd/cmd.h"
#include "core/answers/query.h"
#include "core/answers/whois.h"
#include "wire/casemap.h"

static void
ask(struct cmd *c, const struct user *u, struct span list)
{
	struct writer w;

	writer_init_arena(&w, c->st->arena, LINE_BODY_MAX);
	writer_str(&w, "WHOIS ");
	writer_span(&w, uid_span(&u->uid));
	query_ask(c->st, c->s, user_home(u).sid, &queries_builtin[QUERY_WHOIS],
	    writer_done(&w), list);
}

/*
 * Answer for the first user of a list only, as TARGMAX says. The end names the
 * list as it came (modern-irc, RPL_ENDOFWHOIS), also after 401 and 402: "even
 * if they did not send any other numeric".
 *
 * Differs from modern-irc, "WHOIS message", <target>: whichever server is
 * named, the user's own server is asked, as no other server knows more than
 * this one.
 */
void
cmd_whois(struct cmd *c)
{
	bool asks = c->m->nparam > 1 && cmd_arg(c, 1).n > 0;
	struct span list = cmd_arg(c, asks ? 1 : 0), nick = cmd_first(list);
	const struct user *u;

	if (nick.n == 0) {
		reply0(c->st, c->s, ERR_NONICKNAMEGIVEN);
		return;
	}
	if (asks && !casemap_eq(cmd_arg(c, 0), nick) &&
	    cmd_find_server(c, cmd_arg(c, 0)) == NULL) {
		reply(c->st, c->s, ERR_NOSUCHSERVER, cmd_arg(c, 0));
		reply(c->st, c->s, RPL_ENDOFWHOIS, list);
		return;
	}
	if ((u = cmd_find_user(c, nick)) != NULL)
		whois_record(c->st, c->user, u);
	if (u != NULL && asks &&
	    sid_cmp(user_home(u).sid, c->core->self.sid) != 0) {
		ask(c, u, list);
		return;
	}
	if (u != NULL)
		whois_reply(c->st, c->s, u, list);
	else
		reply(c->st, c->s, RPL_ENDOFWHOIS, list);
}
