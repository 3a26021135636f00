/*
 * A span of time is written as nanoseconds, and never as `never`. A time that
 * is still to come is a negative one.
 */
#include "core/types/handtext.h"

#include "base/invariant.h"
#include "base/siphash.h"

#define NONE "*"
#define ESCAPE '\\'
#define NEVER "never"

void
handtext_begin(struct handtext *h, const char *verb)
{
	writer_init(&h->w, h->buf, sizeof(h->buf));
	writer_str(&h->w, verb);
}

/* Return true if the word could be taken for something else. */
static bool
is_escaped(struct span word)
{
	return word.n > 0 && (word.p[0] == NONE[0] || word.p[0] == ':' ||
				 word.p[0] == ESCAPE);
}

void
handtext_word(struct handtext *h, struct span word)
{
	writer_char(&h->w, ' ');
	if (is_escaped(word))
		writer_char(&h->w, ESCAPE);
	writer_span(&h->w, word.n > 0 ? word : SPAN(NONE));
}

void
handtext_u64(struct handtext *h, uint64_t n)
{
	writer_char(&h->w, ' ');
	writer_u64(&h->w, n);
}

void
handtext_i64(struct handtext *h, int64_t n)
{
	writer_char(&h->w, ' ');
	writer_i64(&h->w, n);
}

void
handtext_ago(struct handtext *h, struct mono then, struct mono now)
{
	if (mono_is_never(then))
		handtext_word(h, SPAN(NEVER));
	else
		handtext_i64(h, now.ns - then.ns);
}

void
handtext_hex(struct handtext *h, struct span bytes)
{
	writer_char(&h->w, ' ');
	writer_hex(&h->w, bytes);
}

void
handtext_origin(struct handtext *h, struct origin o)
{
	writer_char(&h->w, ' ');
	write_origin(&h->w, o);
}

void
handtext_text(struct handtext *h, struct span text)
{
	writer_str(&h->w, " :");
	writer_span(&h->w, text);
}

void
handtext_end(struct handtext *h)
{
	struct span line = writer_done(&h->w);

	invariant(!h->w.over && span_find(line, '\n') == line.n);
	h->line(h->ctx, line);
}

void
handsum_add(struct handsum *s, struct span line)
{
	unsigned char key[SIPHASH_KEY] = "........handoff";

	for (unsigned i = 0; i < 8; i++)
		key[i] = (s->hash >> (8 * i)) & 0xff;
	s->hash = siphash(key, line);
	s->lines++;
}

/* ---- read ---------------------------------------------------------------- */

bool
hand_word(struct span *rest, struct span *word)
{
	*rest = span_skip_spaces(*rest);
	if (rest->n == 0 || rest->p[0] == ':')
		return false;
	*word = span_word(rest);
	if (span_eq(*word, SPAN(NONE)))
		*word = SPAN_NONE;
	else if (word->p[0] == ESCAPE)
		*word = span_tail(*word, 1);
	return true;
}

bool
hand_u64(struct span *rest, uint64_t *n)
{
	struct span word;

	return hand_word(rest, &word) && span_u64(word, n);
}

bool
hand_u32(struct span *rest, uint32_t *n)
{
	uint64_t v;

	if (!hand_u64(rest, &v) || v > UINT32_MAX)
		return false;
	*n = (uint32_t)v;
	return true;
}

bool
hand_i64(struct span *rest, int64_t *n)
{
	struct span word;

	return hand_word(rest, &word) && span_i64(word, n);
}

bool
hand_ago(struct span *rest, struct mono now, struct mono *then)
{
	struct span word;
	int64_t ago;

	if (!hand_word(rest, &word))
		return false;
	if (span_eq(word, SPAN(NEVER))) {
		*then = MONO_NEVER;
		return true;
	}
	return span_i64(word, &ago) &&
	       !__builtin_sub_overflow(now.ns, ago, &then->ns);
}

bool
hand_stamp(struct span *rest, struct stamp *s)
{
	struct span word;

	return hand_word(rest, &word) && stamp_parse(word, s);
}

bool
hand_sid(struct span *rest, struct sid *sid)
{
	struct span word;

	return hand_word(rest, &word) && sid_parse(word, sid);
}

bool
hand_sid_or_none(struct span *rest, struct sid *sid)
{
	struct span word;

	*sid = (struct sid){ "" };
	return hand_word(rest, &word) && (word.n == 0 || sid_parse(word, sid));
}

bool
hand_origin(struct span *rest, struct origin *o)
{
	struct span word;

	return hand_word(rest, &word) && origin_parse(word, o);
}

bool
hand_bytes(struct span *rest, void *to, size_t n)
{
	struct span word;

	return hand_word(rest, &word) && span_hex(word, to, n);
}

bool
hand_text(struct span *rest, struct span *text)
{
	*rest = span_skip_spaces(*rest);
	if (rest->n == 0 || rest->p[0] != ':')
		return false;
	*text = span_tail(*rest, 1);
	*rest = SPAN_NONE;
	return true;
}

bool
hand_done(struct span rest)
{
	return span_skip_spaces(rest).n == 0;
}
