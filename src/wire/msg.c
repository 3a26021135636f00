/*
 * Reading is liberal, as in modern-irc and in all servers: several spaces count
 * as one, and spaces before the verb and at the end mean nothing.
 */
#include "wire/msg.h"

#include <string.h>

#define EIGHT sizeof(uint64_t)

static bool
ends_text(char c)
{
	return c == '\0' || c == '\r' || c == '\n';
}

/* Return true if none of the eight bytes is less than 14. NUL, CR and LF are,
 * and so are few other bytes of a text. */
static bool
has_no_control(const char *p)
{
	uint64_t x;

	memcpy(&x, p, sizeof(x));
	return ((x - UINT64_C(0x0e0e0e0e0e0e0e0e)) & ~x &
		   UINT64_C(0x8080808080808080)) == 0;
}

bool
msg_is_text(struct span s)
{
	size_t i = 0;

	while (s.n - i >= EIGHT && has_no_control(s.p + i))
		i += EIGHT;
	/* the last eight bytes hold the rest */
	if (s.n >= EIGHT && s.n - i < EIGHT &&
	    has_no_control(s.p + s.n - EIGHT))
		return true;
	for (; i < s.n; i++)
		if (ends_text(s.p[i]))
			return false;
	return true;
}

/* Words are short, so one loop costs less than a search for each byte. */
bool
msg_is_word(struct span s)
{
	if (s.n == 0 || s.p[0] == ':')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == ' ' || ends_text(s.p[i]))
			return false;
	return true;
}

bool
msg_word(struct span *rest, struct span *word, bool *trailing)
{
	struct span s = span_skip_spaces(*rest);
	bool colon = s.n > 0 && s.p[0] == ':';

	if (trailing != NULL)
		*trailing = colon;
	*rest = SPAN_NONE;
	if (s.n == 0)
		return false;
	if (colon) {
		/* not span_tail(): an empty text still points into the line */
		*word = span_make(s.p + 1, s.n - 1);
		return true;
	}
	*word = span_word(&s);
	*rest = s;
	return true;
}

static void
parse_params(struct msg *m)
{
	struct span rest = m->rest, word;
	bool trailing;

	while (m->nparam < MSG_PARAMS - 1 &&
	       msg_word(&rest, &word, &trailing)) {
		m->param[m->nparam++] = word;
		m->trailing = trailing;
	}
	/* RFC 2812, 2.3.1: behind 14 parameters the ":" is optional */
	rest = span_skip_spaces(rest);
	if (rest.n == 0)
		return;
	m->trailing = rest.p[0] == ':';
	if (m->trailing)
		rest = span_make(rest.p + 1, rest.n - 1);
	m->param[m->nparam++] = rest;
}

bool
msg_parse(struct span line, struct msg *m)
{
	struct span s = line;

	*m = (struct msg){ 0 };
	if (!msg_is_text(line))
		return false;
	/* only as the very first byte (modern-irc, "Tags") */
	if (s.n > 0 && s.p[0] == '@')
		m->tags = span_tail(span_word(&s), 1);
	s = span_skip_spaces(s);
	if (s.n > 0 && s.p[0] == ':')
		m->source = span_tail(span_word(&s), 1);
	m->verb = span_word(&s);
	if (m->verb.n == 0)
		return false;
	m->rest = s;
	parse_params(m);
	return true;
}
