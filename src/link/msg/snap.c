/*
 * SNAP o, then "+" lines and ENTRYs until END
 *
 * A snapshot begins; link/snapshot.c has the rest.
 */
#include "link/msg/msg.h"
#include "link/snapshot.h"
#include "link/state.h"
#include "link/words.h"

const char *
snap_recv(const struct link_step *st, struct link *l, struct span rest)
{
	struct origin o;

	if (!word_origin(&rest, &o) || !word_none(rest))
		return "expected an origin, sid.inc";
	if (origin_cmp(o, l->o) != 0)
		return "a snapshot of somebody else";
	if (l->in != NULL)
		return "a snapshot within a snapshot";
	l->in = snap_in_new(st, o);
	return NULL;
}
