/*
 * ERROR code :reason
 *
 * Why the other side closes.
 */
#include "link/msg/msg.h"
#include "link/state.h"
#include "link/words.h"

const char *
error_recv(const struct link_step *st, struct link *l, struct span rest)
{
	struct span code, reason;

	if (!word_next(&rest, &code))
		code = SPAN("");
	if (!word_text(&rest, &reason))
		reason = SPAN("");
	effects_logf(st->fx, LOG_LINK_ERROR, { "server", link_name(l) },
	    { "address", link_address(st, l) }, { "code", code },
	    { "reason", reason });
	link_down(st, l, reason, true);
	return NULL;
}
