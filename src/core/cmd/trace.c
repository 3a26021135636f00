/*
 * TRACE (RFC 2812, 3.4.8): the way to a server, and its connections. A nick
 * stands for the connection of that user.
 *
 * "All intermediate servers must return a RPL_TRACELINK reply to indicate that
 * the TRACE passed through it and where it is going next." Differs from that:
 * this server knows the map, so it sends 200 for all of them. The other server
 * is asked for its connections (core/answers/trace.h).
 */
#include "core/answers/query.h"
#include "core/answers/trace.h"
#include "core/cmd/cmd.h"
#include "core/types/version.h"

/* Send 200 for each server on the way: the way goes from the target back to
 * this server. */
static void
tell_way(struct cmd *c, const struct server *to)
{
	const struct server **way, *s = to;
	size_t n = 0;

	way = arena_alloc(c->st->arena, (to->hops + 1) * sizeof(*way));
	while (s != NULL && s->hops > 0 && n < to->hops) {
		way[n++] = s;
		s = facts_find_server(c->facts, s->uplink);
	}
	while (n-- > 0)
		reply(c->st, c->s, RPL_TRACELINK, SPAN(BANYAN_VERSION),
		    rcbuf_span(to->name), rcbuf_span(way[n]->name));
}

static void
ask(struct cmd *c, const struct server *to, const struct user *of)
{
	struct writer w;

	tell_way(c, to);
	writer_init_arena(&w, c->st->arena, 64);
	writer_span(&w, c->name);
	if (of != NULL) {
		writer_char(&w, ' ');
		writer_span(&w, uid_span(&of->uid));
	}
	query_ask(c->st, c->s, to->sid, &queries_builtin[QUERY_TRACE],
	    writer_done(&w), rcbuf_span(to->name));
}

void
cmd_trace(struct cmd *c)
{
	struct span target = cmd_arg(c, 0);
	const struct user *of;
	const struct server *to;

	if (target.n == 0) {
		reply_trace(c->st, c->s, NULL);
		return;
	}
	of = facts_find_nick(c->facts, target);
	to = cmd_find_server(c, target);
	if (to == NULL || to->limbo)
		reply(c->st, c->s, ERR_NOSUCHSERVER, target);
	else if (sid_cmp(to->sid, c->core->self.sid) == 0)
		reply_trace(c->st, c->s, of);
	else
		ask(c, to, of);
}
