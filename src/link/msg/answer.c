/*
 * ANSWER id dst ttl :line
 *
 * One line of an answer, on its way back to the server that asked. Other
 * servers only pass it on.
 */
#include "link/forgetting/census.h"
#include "link/msg/msg.h"
#include "link/state.h"
#include "link/words.h"

void
answer_pass(const struct link_step *st, struct question *q)
{
	struct link *l;
	struct link_line line;

	if (sid_cmp(q->dst, st->net->self.sid) == 0) {
		if (sid_cmp(q->asker, q->dst) == 0 && !census_line(st, q))
			core_answer(st->net->core, st->ev, q->id, q->text,
			    st->fx);
		return;
	}
	if ((l = question_link(st, q)) == NULL)
		return;
	skip_tell(st, l);
	line = question_line(st, VERB_ANSWER, q);
	writer_str(&line.w, " :");
	writer_span(&line.w, q->text);
	link_send(st, l, &line);
}

const char *
answer_recv(const struct link_step *st, struct link *l, struct span rest)
{
	struct question q = { 0 };

	(void)l;
	if (!question_id(&rest, &q))
		return "expected sid.number";
	if (!question_way(&rest, &q))
		return "expected a sid and a ttl";
	if (!word_text(&rest, &q.text))
		return "expected a line";
	answer_pass(st, &q);
	return NULL;
}
