/*
 * END ["*"] *(o "=" v "/" f)
 *
 * The end of a snapshot. For each origin, v is the number of the last entry
 * whose facts are in the snapshot, and f the last one that the sender's log no
 * longer holds (link-protocol.md, 8.1). It is taken at the end of this step,
 * when all entries that came before are processed (net.c).
 */
#include "link/msg/msg.h"
#include "link/snap_in.h"
#include "link/snap_out.h"
#include "link/state.h"

const char *
end_recv(const struct link_step *st, struct link *l, struct span rest)
{
	struct span more = rest;
	bool last = !span_eq(span_word(&more), SPAN("*"));
	const char *why;

	if (l->in == NULL)
		return "END without SNAP";
	why = snap_in_end(st, l, last ? rest : more);
	if (why != NULL || !last || l->state == LINK_DEAD)
		return why;
	snap_cut_abort(st->net);
	l->ended_in = st->net->takes = true;
	return NULL;
}
