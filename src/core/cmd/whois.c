/*
 * WHOIS (modern-irc). `WHOIS nick` is answered from the facts, without idle
 * time if he is elsewhere; `WHOIS nick nick` and `WHOIS server nick` ask the
 * user's own server (decisions.md, part 4).
 */
#include "core/client.h"
#include "core/cmd/cmd.h"
#include "core/query.h"
#include "core/whois.h"
#include "wire/casemap.h"

/* To his server; the answer, or after QUERY_MS the local one, ends it. */
static void
ask(struct cmd *c, const struct user *u, struct span nick)
{
	struct pending *p = pending_add(c->st, c->s, nick,
	    mono_add_ms(c->st->now, QUERY_MS));
	struct out out = { .kind = OUT_QUERY, .id = p->id,
		.from = c->user->uid, .dst = u->home };
	struct writer w;

	p->home = u->home;
	writer_init_arena(&w, c->st->arena, LINE_BODY_MAX);
	writer_str(&w, "WHOIS ");
	writer_span(&w, uid_span(&u->uid));
	out.owned = span_dup(writer_done(&w));
	out.line = span_make(out.owned, writer_done(&w).n);
	core_out_put(c->st->core, &out);
}

void
cmd_whois(struct cmd *c)
{
	bool asks = c->m->nparam > 1 && cmd_arg(c, 1).n > 0;
	struct span list = cmd_arg(c, asks ? 1 : 0), nick = list;
	const struct user *u;

	if (list.n == 0) {
		reply0(c->st, c->s, ERR_NONICKNAMEGIVEN);
		return;
	}
	nick = span_cut(&list, ',');
	if (asks && !casemap_eq(cmd_arg(c, 0), nick) &&
	    facts_find_server_name(c->facts, cmd_arg(c, 0)) == NULL) {
		reply(c->st, c->s, ERR_NOSUCHSERVER, cmd_arg(c, 0));
		return;
	}
	u = cmd_find_user(c, nick);
	if (u != NULL && asks && sid_cmp(u->home, c->core->self.sid) != 0) {
		ask(c, u, nick);
		return;
	}
	if (u != NULL)
		whois_reply(c->st, c->s, c->user, u);
	reply(c->st, c->s, RPL_ENDOFWHOIS, nick);
}
