/*
 * LIMITS *(name "=" value)
 *
 * Says the limits of the sender, when the link is up and again when its
 * configuration changes (link-protocol.md, 4.10). Each side compares them with
 * its own and tells its operator of each difference. Nothing is refused: facts
 * stay equal however long they are, and only clients notice the difference.
 */
#include "link/msg/msg.h"
#include "link/peers/limit.h"
#include "link/state.h"
#include "link/words.h"

void
limits_send(const struct link_step *st, struct link *l)
{
	struct link_line line;

	if (l->state != LINK_UP)
		return;
	line = link_line(st, VERB_LIMITS);
	for (unsigned i = 0; i < LIMIT_COUNT; i++) {
		writer_char(&line.w, ' ');
		writer_span(&line.w, limit_name((enum limit)i));
		writer_char(&line.w, '=');
		writer_u64(&line.w, limit_get(st->net->set, (enum limit)i));
	}
	link_send(st, l, &line);
}

static void
write_limit(struct writer *w, enum limit limit, uint32_t value)
{
	if (w->n > 0)
		writer_char(w, ' ');
	writer_span(w, limit_name(limit));
	writer_char(w, '=');
	writer_u64(w, value);
}

void
limits_compare(const struct link_step *st, struct link *l)
{
	struct writer ours, theirs;

	writer_init_arena(&ours, st->fx->arena, LINK_LINE_MAX);
	writer_init_arena(&theirs, st->fx->arena, LINK_LINE_MAX);
	for (unsigned i = 0; i < LIMIT_COUNT; i++) {
		uint32_t own = limit_get(st->net->set, (enum limit)i);

		if (l->limit[i] == 0 || l->limit[i] == own)
			continue;
		write_limit(&ours, (enum limit)i, own);
		write_limit(&theirs, (enum limit)i, l->limit[i]);
	}
	if (differ_note(&l->limits_differ, writer_done(&ours),
		writer_done(&theirs), st->ev->now))
		effects_logf(st->fx, LOG_LIMITS_DIFFER,
		    { "server", link_name(l) }, { "sid", sid_span(&l->o.sid) },
		    { "ours", writer_done(&ours) },
		    { "theirs", writer_done(&theirs) });
}

const char *
limits_recv(const struct link_step *st, struct link *l, struct span rest)
{
	struct span value, name;
	enum limit limit;
	uint64_t n;

	while (word_next(&rest, &value)) {
		name = span_cut(&value, '=');
		if (!num_parse(value, &n) || n > UINT32_MAX)
			return "expected name=value";
		if ((limit = limit_find(name)) != LIMIT_COUNT)
			l->limit[limit] = (uint32_t)n;
	}
	if (!word_none(rest))
		return "expected name=value";
	limits_compare(st, l);
	return NULL;
}
