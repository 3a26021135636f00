/*
 * END ["*"] *(o "=" v "/" f)
 *
 * A snapshot is complete: v is what its facts are a function of, f what its
 * sender's log no longer holds.
 */
#include "link/msg/msg.h"
#include "link/snapshot.h"
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
	if (why == NULL && last && l->state != LINK_DEAD)
		snap_take(st, l);
	return why;
}
