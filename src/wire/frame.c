/*
 * A line ends at LF; a CR before it belongs to the end (modern-irc, "Message
 * Format", asks for CR LF; all servers take LF alone). Where no LF has come
 * yet, a line is already over its limit when even an LF as the next byte
 * could not save it: so a peer that never sends one is told at once, and
 * never makes us hold more than the limit.
 *
 * Invariants: 1. FRAME_MORE leaves fewer than tags + body bytes. 2. Each
 * line over its limit gives FRAME_LONG exactly once. 3. How the stream is
 * cut into windows does not change the lines, their order or their kind.
 */
#include "wire/frame.h"

#include "base/invariant.h"

#define CRLF 2

void
frame_init_client(struct frame *f)
{
	*f = (struct frame){
		.tags = FRAME_CLIENT_TAGS,
		.body = FRAME_CLIENT_BODY,
	};
}

void
frame_init_link(struct frame *f)
{
	*f = (struct frame){ .body = FRAME_LINK };
}

/*
 * How much of text, all of a line that has come but its LF, is within the
 * limits: text.n when none is exceeded.
 */
static size_t
within(const struct frame *f, struct span text)
{
	size_t tags = 0, body;

	if (f->tags > 0 && text.n > 0 && text.p[0] == '@') {
		struct span part = span_head(text, f->tags);

		tags = span_find(part, ' ') + 1;
		if (tags > f->tags)
			return f->tags;
		if (tags > text.n)
			return text.n;
	}
	body = text.n - tags;
	if (body > 0 && text.p[text.n - 1] == '\r')
		body--;
	if (body + CRLF > f->body)
		return tags + f->body - CRLF;
	return text.n;
}

static enum frame_result
too_long(struct frame *f, struct span *in, struct span *line, size_t keep)
{
	*line = span_head(*in, keep);
	*in = span_tail(*in, keep);
	f->seen = 0;
	f->skip = true;
	return FRAME_LONG;
}

/* Consumes to the end of the line that is skipped, if it is there. */
static void
skip(struct frame *f, struct span *in)
{
	size_t lf = span_find(*in, '\n');

	f->skip = lf == in->n;
	*in = span_tail(*in, lf + 1);
}

enum frame_result
frame_next(struct frame *f, struct span *in, struct span *line)
{
	size_t lf, keep;

	*line = SPAN_NONE;
	if (f->skip)
		skip(f, in);
	if (in->n == 0)
		return FRAME_MORE;
	invariant(f->seen <= in->n);
	lf = f->seen + span_find(span_tail(*in, f->seen), '\n');
	keep = within(f, span_head(*in, lf));
	if (keep < lf)
		return too_long(f, in, line, keep);
	if (lf == in->n) {
		f->seen = (uint16_t)lf; /* within both limits */
		return FRAME_MORE;
	}
	*line = span_head(*in, lf);
	*in = span_tail(*in, lf + 1);
	f->seen = 0;
	if (line->n > 0 && line->p[line->n - 1] == '\r')
		line->n--;
	if (span_find(*line, '\0') < line->n ||
	    span_find(*line, '\r') < line->n)
		return FRAME_BAD;
	return FRAME_LINE;
}
