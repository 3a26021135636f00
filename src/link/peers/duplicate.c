/*
 * Only the server with the lesser sid decides. It closes the older link.
 *
 * Rejected: both sides decide, by the time between the two HELLOs. Each side
 * measures another time, so each could close the link that the other side
 * keeps.
 */
#include "link/peers/duplicate.h"

#include "link/state.h"

static struct link *
older(struct link *a, struct link *b)
{
	return mono_cmp(a->helloed, b->helloed) <= 0 ? a : b;
}

void
duplicate_resolve(const struct link_step *st, struct sid peer)
{
	struct link_net *net = st->net;
	struct link *kept = NULL;

	if (sid_cmp(peer, net->self.sid) < 0 && !mutated(net, MUT_BOTH_CLOSE))
		return;
	for (size_t i = 0; i < net->nlink; i++) {
		struct link *l = net->link[i], *gone;

		if (l->state != LINK_UP || sid_cmp(l->o.sid, peer) != 0)
			continue;
		if (kept == NULL) {
			kept = l;
			continue;
		}
		gone = older(kept, l);
		kept = gone == kept ? l : kept;
		link_refuse(st, gone, "duplicate",
		    "the two servers have a newer link");
	}
}
