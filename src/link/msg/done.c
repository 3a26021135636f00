/*
 * DONE id dst ttl
 *
 * The end of an answer, on its way back to the server that asked.
 */
#include "link/forgetting/census.h"
#include "link/msg/msg.h"
#include "link/state.h"
#include "link/words.h"

void
done_pass(const struct link_step *st, struct question *q)
{
	struct link *l;
	struct link_line line;

	if (sid_cmp(q->dst, st->net->self.sid) == 0) {
		if (sid_cmp(q->asker, q->dst) == 0 && !census_done(st, q))
			core_done(st->net->core, st->ev, q->id, st->fx);
		return;
	}
	if ((l = question_link(st, q)) == NULL)
		return;
	skip_tell(st, l);
	line = question_line(st, VERB_DONE, q);
	link_send(st, l, &line);
}

const char *
done_recv(const struct link_step *st, struct link *l, struct span rest)
{
	struct question q = { 0 };

	(void)l;
	if (!question_id(&rest, &q))
		return "expected sid.number";
	if (!question_way(&rest, &q) || !word_none(rest))
		return "expected a sid and a ttl";
	done_pass(st, &q);
	return NULL;
}
