/*
 * NAMES (modern-irc, "NAMES message") answers for the first channel named, as
 * TARGMAX says ("Servers MAY only return information about the first"). A
 * channel that does not exist, or that the caller may not see, is answered with
 * 366 only. Operators with the privilege see all (core/sessions/sight.h).
 */
#include "core/cmd/cmd.h"
#include "core/facts/chan_name.h"
#include "core/sessions/access.h"
#include "core/sessions/sight.h"

void
cmd_names(struct cmd *c)
{
	struct span name = cmd_first(cmd_arg(c, 0));
	const struct chan *ch = chan_name_find(c->facts, name);

	if (ch != NULL && chan_is_shown(ch) &&
	    (may_see_chan(c->s, ch) || sight_of(c->st, c->user).hidden))
		reply_names(c->st, c->s, ch);
	else
		reply(c->st, c->s, RPL_ENDOFNAMES,
		    name.n > 0 ? name : SPAN("*"));
}
