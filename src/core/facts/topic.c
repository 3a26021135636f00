#include "core/facts/topic.h"

void
topic_take(struct topic *t, const struct reg *r)
{
	struct span field = rcbuf_span(r->name->text);

	if (span_eq(field, SPAN(FIELD_TOPIC)))
		t->text = *r;
	else if (span_eq(field, SPAN(FIELD_TOPIC_SINCE)))
		t->since = *r;
}

bool
topic_has_since(const struct topic *t)
{
	struct dot text = t->text.write.dot, since = t->since.write.dot;

	return t->text.name != NULL && t->since.name != NULL &&
	       t->since.value != NULL && origin_cmp(text.o, since.o) == 0 &&
	       text.n == since.n;
}

/*
 * A server that makes a channel again writes its topic anew, and says when the
 * topic was set. The entry decides which write counts, and clients are shown
 * that time. A user who sets another topic later has nothing to take back: the
 * time is of another entry then.
 */
struct stamp
topic_set_at(const struct topic *t)
{
	struct stamp at = t->text.write.stamp, since;

	if (topic_has_since(t) &&
	    stamp_parse(rcbuf_span(t->since.value), &since) && since.ms < at.ms)
		return since;
	return at;
}
