/*
 * OFFER
 *
 * Says that the log of the sender does not reach back far enough, so that it
 * has to send a snapshot; the sender waits until the receiver asks for it by
 * WANT (link-protocol.md, 8.12).
 */
#include "link/msg/msg.h"
#include "link/snapshots/ask.h"
#include "link/state.h"
#include "link/words.h"

void
offer_send(const struct link_step *st, struct link *l)
{
	struct link_line line = link_line(st, VERB_OFFER);

	link_send(st, l, &line);
}

const char *
offer_recv(const struct link_step *st, struct link *l, struct span rest)
{
	(void)st;
	if (!word_none(rest))
		return "expected nothing behind OFFER";
	if (l->in != NULL)
		return "OFFER came inside a snapshot";
	ask_offered(l);
	return NULL;
}
