/*
 * QUERY id from dst ttl :command
 *
 * A question to one server (link-protocol.md, part 10). It is routed by the
 * map, and is lost if a link on its way ends. The id has the sid of the server
 * that asks, so the answer finds its way back even if the home of the user
 * changes.
 */
#include "link/forgetting/census.h"
#include "link/msg/msg.h"
#include "link/peers/order.h"
#include "link/peers/traffic.h"
#include "link/state.h"
#include "link/trust/sid_collision.h"
#include "link/words.h"

bool
question_id(struct span *rest, struct question *q)
{
	struct span word;

	return word_next(rest, &word) &&
	       sid_parse(span_cut(&word, '.'), &q->asker) &&
	       num_parse(word, &q->id);
}

bool
question_way(struct span *rest, struct question *q)
{
	uint64_t ttl;

	if (!word_sid(rest, &q->dst) || !word_num(rest, &ttl) ||
	    ttl > QUESTION_TTL)
		return false;
	q->ttl = (unsigned)ttl;
	return true;
}

struct link *
question_link(const struct link_step *st, const struct question *q)
{
	struct link *l = q->ttl == 0 ? NULL : net_link_to(st->net, q->dst);

	return l != NULL && l->unsent < LINK_QUESTION_MAX ? l : NULL;
}

struct link_line
question_line(const struct link_step *st, enum verb verb,
    const struct question *q)
{
	struct link_line line = link_line(st, verb);
	struct writer *w = &line.w;

	writer_char(w, ' ');
	writer_span(w, sid_span(&q->asker));
	writer_char(w, '.');
	writer_u64(w, q->id);
	writer_char(w, ' ');
	if (!uid_is_none(q->from)) {
		writer_span(w, uid_span(&q->from));
		writer_char(w, ' ');
	}
	writer_span(w, sid_span(&q->dst));
	writer_char(w, ' ');
	writer_u64(w, mutated(st->net, MUT_TTL_KEPT) ? q->ttl : q->ttl - 1);
	return line;
}

void
query_pass(const struct link_step *st, struct question *q)
{
	struct link *l;
	struct link_line line;

	if (sid_cmp(q->dst, st->net->self.sid) == 0) {
		if (census_answer(st, q) || sid_collision_asked(st, q) ||
		    order_asked(st, q) || traffic_asked(st, q))
			return;
		core_query(st->net->core, st->ev, q->id, q->from, q->asker,
		    q->text, st->fx);
		return;
	}
	if ((l = question_link(st, q)) == NULL)
		return;
	skip_tell(st, l);
	line = question_line(st, VERB_QUERY, q);
	writer_str(&line.w, " :");
	writer_span(&line.w, q->text);
	link_send(st, l, &line);
}

struct question
question_reply(const struct question *asked)
{
	return (struct question){ .asker = asked->asker,
		.id = asked->id,
		.dst = asked->asker,
		.ttl = QUESTION_TTL };
}

uint64_t
question_ask(const struct link_step *st, struct sid dst, struct span text)
{
	struct link_net *net = st->net;
	struct question q = { .asker = net->self.sid,
		.id = QUESTION_OWN_ID + ++net->questions,
		.dst = dst,
		.ttl = QUESTION_TTL,
		.text = text };
	struct writer w;

	writer_init(&w, q.from.s, sizeof(q.from.s));
	writer_span(&w, sid_span(&q.asker));
	writer_str(&w, "AAAAAA");
	query_pass(st, &q);
	return q.id;
}

const char *
query_recv(const struct link_step *st, struct link *l, struct span rest)
{
	struct question q = { 0 };

	(void)l;
	if (!question_id(&rest, &q))
		return "expected sid.number";
	if (!word_uid(&rest, &q.from))
		return "expected a uid";
	if (!question_way(&rest, &q))
		return "expected a sid and a ttl";
	if (!word_text(&rest, &q.text))
		return "expected a command";
	/* what this server asks itself it sends to nobody */
	if (sid_cmp(q.asker, st->net->self.sid) == 0 &&
	    sid_cmp(q.dst, st->net->self.sid) == 0)
		return NULL;
	query_pass(st, &q);
	return NULL;
}
