/*
 * ERROR code :reason
 *
 * Says why the other side closes the link.
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
	link_end_by_peer(st, l, code, reason);
	return NULL;
}
