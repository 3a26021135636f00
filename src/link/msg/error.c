/*
 * ERROR code [inc] :reason
 *
 * Says why the other side closes the link. With the code `inc` comes the inc
 * that the network knows (link-protocol.md, 12.2).
 */
#include "link/msg/msg.h"
#include "link/state.h"
#include "link/trust/sid_collision.h"
#include "link/words.h"

#define CODE_MAX 32 /* bytes; the code goes to the log */

const char *
error_recv(const struct link_step *st, struct link *l, struct span rest)
{
	struct span code, reason;
	uint64_t inc = 0;

	if (!word_next(&rest, &code))
		code = SPAN("");
	code = span_head(code, CODE_MAX);
	if ((span_eq(code, SPAN("inc")) || mutated(st->net, MUT_COPY_RENEWS)) &&
	    !word_num(&rest, &inc))
		inc = 0;
	if (!word_text(&rest, &reason))
		reason = SPAN("");
	link_end_by_peer(st, l, code, reason);
	if (inc != 0)
		sid_collision_told(st, inc);
	if (span_eq(code, SPAN("copy")))
		sid_collision_outside(st);
	return NULL;
}
