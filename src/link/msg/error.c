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
	struct writer addr;

	if (!word_next(&rest, &code))
		code = SPAN("");
	if (!word_text(&rest, &reason))
		reason = SPAN("");
	writer_init_arena(&addr, st->fx->arena, ADDR_TEXT);
	addr_build(&addr, &l->addr);
	effects_logf(st->fx, LOG_LINK_ERROR, { "server", link_name(l) },
	    { "address", writer_done(&addr) }, { "code", code },
	    { "reason", reason });
	link_down(st, l, reason, true);
	return NULL;
}
