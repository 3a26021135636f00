/*
 * CONNECT and SQUIT (modern-irc, "Server Messages"; RFC 2812, 3.4.7 and 3.1.8),
 * for operators: they make or end a link. The server that has the link does it,
 * link/peers/order.c, and is asked for it, even if it is this server
 * (doc/decisions/0045).
 *
 * The links may form any graph, so a server has no "the link". SQUIT ends that
 * with this server; if there is none, that on the shortest way to this server.
 */
#include "core/answers/query.h"
#include "core/cmd/cmd.h"
#include "core/sessions/audit.h"
#include "core/sessions/source.h"
#include "wire/casemap.h"
#include "wire/utf8.h"

static struct span
words(struct cmd *c, struct span a, struct span b)
{
	struct writer w;

	writer_init_arena(&w, c->st->arena, LINE_BODY_MAX);
	writer_span(&w, a);
	writer_char(&w, ' ');
	writer_span(&w, b);
	return writer_done(&w);
}

/* Ask that server to do it; what and why are for the log. */
static void
ask(struct cmd *c, struct sid to, enum query_kind kind, struct span what,
    struct span why)
{
	audit_log(c->st, LOG_ROUTING,
	    &(struct audit){ .by = c->user,
		.what = { what },
		.why = why,
		.result =
		    sid_cmp(to, c->core->self.sid) == 0 ? "ok" : "sent" });
	query_ask(c->st, c->s, to, &queries_builtin[kind],
	    why.n > 0 ? words(c, what, why) : what, server_name(c->core, to));
}

static bool
is_peer(const struct cmd *c, struct span name)
{
	for (size_t i = 0; i < c->settings->npeer; i++)
		if (casemap_eq(c->settings->peer[i].name, name))
			return true;
	return false;
}

/* Find the server that has the link. Return false after sending 402. */
static bool
find_end(struct cmd *c, struct span name, struct sid *end)
{
	const struct server *s = facts_find_server_name(c->facts, name);

	*end = c->core->self.sid;
	if (s != NULL && s->visible != 0 && !s->limbo && s->hops > 1) {
		*end = s->uplink;
		return true;
	}
	if (is_peer(c, name))
		return true;
	reply(c->st, c->s, ERR_NOSUCHSERVER, name);
	return false;
}

void
cmd_squit(struct cmd *c)
{
	struct span name = cmd_arg(c, 0), why = cmd_arg(c, 1);
	struct sid end;

	if (!cmd_may(c, PRIV_ROUTING) || !find_end(c, name, &end))
		return;
	if (why.n == 0)
		why = user_nick(c->user);
	ask(c, end, QUERY_SQUIT, words(c, c->name, name),
	    utf8_cut(why, c->settings->kick_len));
}

void
cmd_connect(struct cmd *c)
{
	struct span remote = cmd_arg(c, 2), port = cmd_arg(c, 1);
	struct sid end = c->core->self.sid;
	const struct server *s;
	struct span what;

	if (!cmd_may(c, PRIV_ROUTING))
		return;
	if (remote.n > 0) {
		if ((s = cmd_need_server(c, remote)) == NULL)
			return;
		end = s->sid;
	}
	what = words(c, c->name, cmd_arg(c, 0));
	if (port.n > 0)
		what = words(c, what, port);
	ask(c, end, QUERY_CONNECT, what, SPAN_NONE);
}
