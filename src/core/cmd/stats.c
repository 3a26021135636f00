/*
 * STATS (modern-irc, "STATS message"; RFC 2812, 3.4.4): the rows are those of
 * core/answers/stats.def. "If a letter is not known, RPL_ENDOFSTATS alone is
 * sent", as modern-irc says of most servers. STATS alone tells the letters, as
 * on UnrealIRCd. Another server is asked for its own answer; the privilege is
 * asked for here, and there again.
 */
#include "core/answers/query.h"
#include "core/answers/stats.h"
#include "core/cmd/cmd.h"
#include "core/sessions/source.h"

/* Set the sid of the server that is to answer. Return false after sending 402.
 */
static bool
find_server(struct cmd *c, struct sid *sid)
{
	struct span target = cmd_arg(c, 1);
	const struct server *s;

	*sid = c->core->self.sid;
	if (target.n == 0)
		return true;
	if ((s = cmd_need_server(c, target)) == NULL)
		return false;
	*sid = s->sid;
	return true;
}

/* Return the user whose connection is meant by STATS L nick, as on Solanum, or
 * NULL. */
static const struct user *
client_of(struct cmd *c, struct span letter)
{
	if (!stats_is_of_client(letter))
		return NULL;
	return facts_find_nick(c->facts, cmd_arg(c, 1));
}

static void
ask(struct cmd *c, struct sid sid, struct span letter)
{
	const struct user *u = client_of(c, letter);
	struct writer w;

	writer_init_arena(&w, c->st->arena, 32);
	writer_span(&w, c->name);
	writer_char(&w, ' ');
	writer_span(&w, letter);
	writer_str(&w, u != NULL ? " " : "");
	if (u != NULL)
		writer_span(&w, uid_span(&u->uid));
	query_ask(c->st, c->s, sid, &queries_builtin[QUERY_STATS],
	    writer_done(&w), server_name(c->core, sid));
}

void
cmd_stats(struct cmd *c)
{
	struct span arg = cmd_arg(c, 0).n > 0 ? cmd_arg(c, 0) : SPAN("?");
	struct span letter =
	    (unsigned char)arg.p[0] < 0x80 ? span_head(arg, 1) : SPAN("*");
	const struct stats_row *row = stats_find(letter.p[0]);
	struct sid sid;

	if (!find_server(c, &sid))
		return;
	if (row != NULL && row->privilege != PRIV_COUNT &&
	    !cmd_may(c, row->privilege))
		row = NULL;
	if (row == NULL)
		reply(c->st, c->s, RPL_ENDOFSTATS, letter);
	else if (row->piece == NULL ||
		 (sid_cmp(sid, c->core->self.sid) != 0 && !row->same))
		ask(c, sid, letter);
	else
		reply_stats(c->st, c->s, row);
}
