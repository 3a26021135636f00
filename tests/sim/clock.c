/*
 * Three things raise the clock of a server (doc/link-protocol.md, 1.4): the
 * wall clock, a stamp that came (of an entry, a HELLO, a link state, a line of
 * a snapshot), and, by 1 ms, each entry that the server makes. So the stamps of
 * a network are ahead of its wall clocks by 1 ms for each entry at most. A
 * server that takes a stamp for anything but an entry is found in that step.
 * The simulator sets no ban of one server alone, of which the stamp is the
 * name.
 */
#include "kept.h"
#include "link/snapshots/pack.h"
#include "wire/tags.h"

static int64_t
wall_of(const struct oracle *o, unsigned node)
{
	return NET_EPOCH_MS + o->net->now / NS_PER_MS +
	       o->net->node[node].skew_ms;
}

/* The word of that index, from 0. */
static struct span
word_at(struct span line, unsigned index)
{
	struct span word = span_word(&line);

	while (index-- > 0)
		word = span_word(&line);
	return word;
}

/* The stamp in a line of a link: HELLO, LSA, ENTRY, or a line of a snapshot; 0:
 * none. */
static int64_t
stamp_said(struct span line)
{
	struct stamp stamp = { 0 };
	struct span at;

	if (span_starts(line, SPAN("HELLO ")) ||
	    span_starts(line, SPAN("ENTRY ")))
		at = word_at(line, 3);
	else if (span_starts(line, SPAN("LSA * ")))
		at = word_at(line, 4);
	else if (span_starts(line, SPAN("LSA ")))
		at = word_at(line, 3);
	else if (line.n == 0 || line.p[0] != '@' ||
		 !tags_find(span_tail(word_at(line, 0), 1), SPAN("stamp"), &at))
		return 0;
	return stamp_parse(at, &stamp) ? stamp.ms : 0;
}

static void
raise_to(int64_t *ms, int64_t to)
{
	if (to > *ms)
		*ms = to;
}

/* The greatest stamp in the lines of a PACK; 0: none. */
static int64_t
stamp_packed(struct span words)
{
	struct unpacker *u = unpacker_new();
	struct span text;
	int64_t ms = 0;

	if (pack_decode(u, words, &text) == NULL)
		while (text.n > 0)
			raise_to(&ms, stamp_said(span_cut(&text, '\n')));
	unpacker_free(u);
	return ms;
}

void
clock_begin(struct oracle *o, unsigned node, const struct event *ev)
{
	const struct span pack = SPAN("PACK ");
	struct seen *s = &o->seen[node];
	int64_t said = 0;

	raise_to(&o->wall, wall_of(o, node));
	raise_to(&o->clock, o->wall);
	if (ev->kind == EV_LINK_LINE && span_starts(ev->u.line.line, pack))
		said = stamp_packed(span_tail(ev->u.line.line, pack.n));
	else if (ev->kind == EV_LINK_LINE)
		said = stamp_said(ev->u.line.line);
	if (said > o->clock)
		net_fail(o->net, "clock: s%u is told a stamp that nobody made",
		    node + 1);
	raise_to(&s->said, said);
	raise_to(&s->clock, s->said);
	raise_to(&s->clock, wall_of(o, node));
}

/* The stamp of the last of its own entries up to n. Some left the log in the
 * step that made them, and were not seen. */
static int64_t
stamp_due(const struct oracle *o, unsigned node, uint64_t n)
{
	const struct seen *s = &o->seen[node];

	return s->clock + (int64_t)(n - s->made);
}

void
clock_entry(struct oracle *o, unsigned node, const struct entry *e, bool own)
{
	struct seen *s = &o->seen[node];
	int64_t due;

	if (own) {
		due = stamp_due(o, node, e->n);
		if (e->stamp.ms > due)
			net_fail(o->net,
			    "clock: s%u skips %jd stamps before its entry %ju",
			    node + 1, (intmax_t)(e->stamp.ms - due),
			    (uintmax_t)e->n);
		s->made = e->n;
	}
	raise_to(&s->clock, e->stamp.ms);
}

void
clock_end(struct oracle *o, unsigned node)
{
	const struct node *n = o->net->node[node].node;
	const struct log *log = link_net_log(node_links(n));
	uint64_t made = vector_get(&log->have, core_self(node_core(n)));
	int64_t ms = core_clock(node_core(n)).ms;
	struct seen *s = &o->seen[node];

	raise_to(&s->clock, stamp_due(o, node, made));
	if (ms > s->clock)
		net_fail(o->net,
		    "clock: s%u is %jd ms beyond its wall clock and all stamps "
		    "that came or were made",
		    node + 1, (intmax_t)(ms - s->clock));
	raise_to(&o->clock, ms);
	s->clock = ms;
	s->made = made;
}

void
clock_rest(struct oracle *o, unsigned node)
{
	int64_t ms = core_clock(node_core(o->net->node[node].node)).ms;

	if (ms > o->wall + (int64_t)o->entries)
		net_fail(o->net,
		    "clock: at rest s%u is %jd ms ahead of all wall clocks, of "
		    "%zu entries",
		    node + 1, (intmax_t)(ms - o->wall), o->entries);
}
