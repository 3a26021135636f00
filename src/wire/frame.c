/*
 * A line ends at LF; a CR before it belongs to the end (modern-irc, "Message
 * Format", asks for CR LF; all servers accept LF alone from clients, and this
 * server does). A line whose LF has
 * not come yet is over its limit as soon as an LF as the next byte could not
 * save it. So a peer that never sends an LF is told at once, and never makes us
 * hold more than the limit.
 *
 * Invariants
 *	1  FRAME_MORE leaves fewer than tags + body bytes
 *	2  each line over its limit gives FRAME_LONG exactly once
 *	3  the way in which a stream is cut into windows changes neither the
 *	   lines nor their order nor their kind
 */
#include "wire/frame.h"

#include "base/invariant.h"
#include "wire/msg.h"

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
	*f = (struct frame){ .body = FRAME_LINK, .crlf = true };
}

/*
 * Return how many bytes of text are within the limits: text.n if no limit is
 * exceeded. text is all of a line that has come, without its LF.
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

bool
frame_client_fits(struct span text)
{
	struct frame f;

	frame_init_client(&f);
	return within(&f, text) == text.n;
}

/*
 * Consume up to the end of the line that is skipped, or all if the end is not
 * there.
 */
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
		f->seen = (uint16_t)lf; /* not over the limits */
		return FRAME_MORE;
	}
	*line = span_head(*in, lf);
	*in = span_tail(*in, lf + 1);
	f->seen = 0;
	if (line->n > 0 && line->p[line->n - 1] == '\r')
		line->n--;
	else if (f->crlf)
		return FRAME_BAD; /* link-protocol.md, part 3 */
	return msg_is_text(*line) ? FRAME_LINE : FRAME_BAD;
}
