/*
 * END ["*"] *(o "=" v "/" f)
 *
 * The end of a snapshot. For each origin, v is the number of the last entry
 * whose facts are in the snapshot, and f the last one that the sender's log no
 * longer holds (link-protocol.md, 8.1). The snapshot is taken when all entries
 * that came before are processed (snap_wait.c).
 */
#include "link/msg/msg.h"
#include "link/snapshots/snap_in.h"
#include "link/snapshots/snap_wait.h"
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
	snap_wait_begin(st, l);
	return NULL;
}
