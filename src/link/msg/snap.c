/*
 * SNAP o, then "+" lines and ENTRYs until END
 *
 * Begins a snapshot. The rest is in link/snapshots/snap_in.c and snap_take.c.
 */
#include "link/msg/msg.h"
#include "link/snapshots/ask.h"
#include "link/snapshots/snap_in.h"
#include "link/state.h"
#include "link/words.h"

const char *
snap_recv(const struct link_step *st, struct link *l, struct span rest)
{
	struct origin o;

	if (!word_origin(&rest, &o) || !word_none(rest))
		return "expected an origin, sid.inc";
	if (origin_cmp(o, l->o) != 0)
		return "expected the origin of the peer";
	if (l->in != NULL)
		return "SNAP came inside a snapshot";
	if (ask_refuse_early(st, l))
		return NULL;
	ask_not_needed(l);
	ask_progress(st, l);
	l->in = snap_in_new(st);
	return NULL;
}
