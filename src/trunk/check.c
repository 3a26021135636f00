/*
 * The invariants of trunks, as far as one server can see them after a step.
 *
 * T1  Each stream is a connection of the core, and each connection of the core
 *     with the id of a stream is a stream.
 * T2  A stream stands in its slot, and in its trunk under its number, which is
 *     not greater than the last one; it waits for no GONE.
 * T3  The lists of a trunk have streams that came on it, and are counted.
 * T4  Streams, trunks that wait and trunks that end are counted.
 * T5  What is put together in a step is sent at its end.
 * T6  Only trunks that are up, or end, have streams; READ waits only for those
 *     streams that the core has granted lines.
 * T7  No stream is further ahead than it may be, and neither are all streams of
 *     a trunk together; each stream may have one line beside that.
 * T8  Something waits, or there is no memory for it. A stream with lines that
 *     wait is ready if the core has granted one.
 * T9  The table of channels for placing has no other channels than are shown;
 *     a permanent one without members is not in it.
 * T10 The rates that are expected are those of the streams.
 */
#include "trunk/state.h"

static const char *
check_stream(const struct trunk_net *net, const struct trunk *t,
    const struct trunk_stream *s)
{
	if (!core_has_conn(net->core, s->id))
		return "T1: a stream is no connection of the core";
	if (s->trunk != t || trunk_stream_find(&net->streams, s->id) != s ||
	    trunk_stream_of(t, s->number) != s || s->number > t->last)
		return "T2: a stream is not in its place";
	return s->closing ? "T2: a stream waits for GONE" : NULL;
}

static const char *
check_ahead(const struct trunk *t, const struct trunk_stream *s)
{
	const struct trunk_ahead *a = s->ahead;

	if (s->granted + trunk_ahead_lines(s) > TRUNK_AHEAD)
		return "T7: a stream is too far ahead";
	if (a == NULL)
		return s->left ? "T8: CLOSED is lost" : NULL;
	if (STAILQ_EMPTY(&a->items) || a->stream != s)
		return "T8: nothing of a stream waits";
	if (t->state == TRUNK_UP && s->wants > 0 && !a->ready)
		return "T8: a line waits that the core has granted";
	if (a->ready && !t->busy && t->state == TRUNK_UP)
		return "T8: a trunk has streams that are forgotten";
	return NULL;
}

static const char *
check_trunk(const struct trunk_net *net, const struct trunk *t)
{
	const struct trunk_stream *s;
	const char *why;
	size_t n = 0, lines = 0;

	LIST_FOREACH(s, &t->streams, link) {
		n++;
		lines += s->granted + trunk_ahead_lines(s);
		if ((why = check_stream(net, t, s)) != NULL ||
		    (why = check_ahead(t, s)) != NULL)
			return why;
	}
	if (lines != t->lines || lines > TRUNK_AHEAD_ALL + n)
		return "T7: lines ahead are miscounted, or too many";
	if (n != t->nstreams || n != chains_count(&t->by_number))
		return "T4: streams of a trunk are miscounted";
	if (lists_check(&t->lists, t->last) != NULL)
		return "T3: lists are wrong";
	if (t->writes || t->nread > 0 || t->share.n > 0)
		return "T5: lines are left";
	if (n > 0 && t->state != TRUNK_UP && t->state != TRUNK_DEAD)
		return "T6: a trunk has streams too early";
	TAILQ_FOREACH(s, &t->owed, owed_link)
		if (!s->owed)
			return "T6: nothing is owed to a stream";
	return NULL;
}

static const char *
check_placing(const struct trunk_net *net)
{
	const struct trunk_stream *s;
	struct core_counts counts;
	uint64_t rate = 0;

	core_counts(net->core, &counts);
	if (net->placing.chans != NULL &&
	    place_chans_count(net->placing.chans) > counts.channels)
		return "T9: placing has other channels than are shown";
	for (size_t i = 0; i < net->ntrunk; i++)
		LIST_FOREACH(s, &net->trunk[i]->streams, link)
			rate += s->rate;
	return rate == net->streams.expected
		   ? NULL
		   : "T10: expected rates are miscounted";
}

const char *
trunk_check(const struct trunk_net *net)
{
	const char *why;
	size_t n = 0, waits = 0, ends = 0;

	for (size_t i = 0; i < net->ntrunk; i++) {
		const struct trunk *t = net->trunk[i];

		if ((why = check_trunk(net, t)) != NULL)
			return why;
		n += t->nstreams;
		waits += t->state == TRUNK_WAITS;
		ends += t->state == TRUNK_DEAD;
	}
	if ((why = check_placing(net)) != NULL)
		return why;
	if (n != trunk_streams_count(&net->streams) || waits != net->nwaits ||
	    ends != net->nends)
		return "T4: trunks are miscounted";
	return n == core_streams(net->core)
		   ? NULL
		   : "T1: a connection of the core is no stream";
}
