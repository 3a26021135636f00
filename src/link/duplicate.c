/*
 * Of two links of one pair both sides must close the same one without a word
 * about it: they compare what both know, when the HELLOs came and who dialled.
 */
#include "link/duplicate.h"

#include "link/state.h"

#define DUPLICATE_MS 5000 /* two links of a pair this close are one */

static bool
is_by_lesser(const struct link_net *net, const struct link *l)
{
	return l->dialled == (sid_cmp(net->self.sid, l->o.sid) < 0);
}

/* b came up after a, or was said HELLO to later: which one goes? */
static struct link *
loser(const struct link_net *net, struct link *a, struct link *b)
{
	struct link *older = mono_cmp(a->helloed, b->helloed) <= 0 ? a : b;
	struct link *newer = older == a ? b : a;

	if (mono_sub_ms(newer->helloed, older->helloed) >= DUPLICATE_MS)
		return older;
	if (is_by_lesser(net, older) && !is_by_lesser(net, newer))
		return newer;
	return older;
}

void
duplicate_resolve(const struct link_step *st, struct sid peer)
{
	struct link_net *net = st->net;
	struct link *kept = NULL;

	for (size_t i = 0; i < net->nlink; i++) {
		struct link *l = net->link[i], *gone;

		if (l->state != LINK_UP || sid_cmp(l->o.sid, peer) != 0)
			continue;
		if (kept == NULL) {
			kept = l;
			continue;
		}
		gone = loser(net, kept, l);
		kept = gone == kept ? l : kept;
		link_refuse(st, gone, "duplicate",
		    "there is another link of these two servers");
	}
}
