/*
 * DIE and RESTART (RFC 2812, 4.3 and 4.4), for operators. The name of the
 * server must be given, as on Solanum, so that nobody stops a server by a
 * command that was meant for another one. The server is asked for it, even if
 * it is this one (core/answers/query.c), and may refuse operators of other
 * servers (doc/decisions/0045).
 */
#include "core/answers/query.h"
#include "core/cmd/cmd.h"
#include "core/sessions/audit.h"
#include "wire/utf8.h"

static void
ask(struct cmd *c, enum query_kind kind)
{
	struct span name = cmd_arg(c, 0), why = cmd_arg(c, 1);
	const struct server *s;
	struct writer w;

	if (!cmd_may(c, PRIV_DIE))
		return;
	s = facts_find_server_name(c->facts, name);
	if (s == NULL || s->visible == 0) {
		reply(c->st, c->s, ERR_NOSUCHSERVER, name);
		return;
	}
	audit_log(c->st, LOG_DIE,
	    &(struct audit){ .by = c->user,
		.what = { c->name, rcbuf_span(s->name) },
		.why = why,
		.result =
		    sid_cmp(s->sid, c->core->self.sid) == 0 ? "ok" : "sent" });
	writer_init_arena(&w, c->st->arena, LINE_BODY_MAX);
	writer_span(&w, c->name);
	writer_char(&w, ' ');
	writer_span(&w, utf8_cut(why, c->settings->kick_len));
	query_ask(c->st, c->s, s->sid, &queries_builtin[kind], writer_done(&w),
	    rcbuf_span(s->name));
}

void
cmd_die(struct cmd *c)
{
	ask(c, QUERY_DIE);
}

void
cmd_restart(struct cmd *c)
{
	ask(c, QUERY_RESTART);
}
