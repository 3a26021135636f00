/*
 * STATS (modern-irc, "STATS message"): the rows are those of
 * core/answers/stats.def. "If a letter is not known, RPL_ENDOFSTATS alone is
 * sent", as modern-irc says of most servers.
 */
#include "core/answers/stats.h"
#include "core/cmd/cmd.h"

void
cmd_stats(struct cmd *c)
{
	struct span arg = cmd_arg(c, 0);
	struct span letter =
	    (unsigned char)arg.p[0] < 0x80 ? span_head(arg, 1) : SPAN("*");
	const struct stats_row *row = stats_find(letter.p[0]);

	if (row != NULL && row->privilege != PRIV_COUNT &&
	    !cmd_may(c, row->privilege))
		row = NULL;
	if (row != NULL)
		reply_stats(c->st, c->s, row);
	else
		reply(c->st, c->s, RPL_ENDOFSTATS, letter);
}
