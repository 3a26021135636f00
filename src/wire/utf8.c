/*
 * One function knows the table of RFC 3629, section 4: it returns the length of
 * the well-formed character at the start of a span, or 0.
 */
#include "wire/utf8.h"

#include <string.h>

static bool
tail_byte(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

static size_t
char_len(struct span s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	unsigned char low = 0x80, high = 0xbf;
	size_t n;

	if (p[0] < 0x80)
		return 1;
	if (p[0] >= 0xc2 && p[0] <= 0xdf)
		n = 2;
	else if (p[0] >= 0xe0 && p[0] <= 0xef)
		n = 3;
	else if (p[0] >= 0xf0 && p[0] <= 0xf4)
		n = 4;
	else
		return 0;
	if (p[0] == 0xe0)
		low = 0xa0; /* below: overlong */
	else if (p[0] == 0xed)
		high = 0x9f; /* above: surrogates */
	else if (p[0] == 0xf0)
		low = 0x90; /* below: overlong */
	else if (p[0] == 0xf4)
		high = 0x8f; /* above: U+110000 and more */
	if (s.n < n || p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if (!tail_byte(p[i]))
			return 0;
	return n;
}

/* Return a number of bytes at the start that are all ASCII, eight at a time. */
static size_t
ascii_len(struct span s)
{
	uint64_t eight;
	size_t n = 0;

	for (; s.n - n >= sizeof(eight); n += sizeof(eight)) {
		memcpy(&eight, s.p + n, sizeof(eight));
		if (eight & UINT64_C(0x8080808080808080))
			break;
	}
	return n;
}

bool
utf8_valid(struct span s)
{
	size_t n;

	while (s.n > 0) {
		n = ascii_len(s);
		if (n == 0)
			n = char_len(s);
		if (n == 0)
			return false;
		s = span_tail(s, n);
	}
	return true;
}

struct span
utf8_cut(struct span s, size_t max)
{
	if (s.n <= max)
		return s;
	/* Does a character begin up to 3 bytes before max ... */
	for (size_t back = 1; back <= 3 && back <= max; back++) {
		size_t n = char_len(span_tail(s, max - back));

		if (n > back) /* ... and ends behind it? */
			return span_head(s, max - back);
		if (n > 0)
			break;
	}
	return span_head(s, max);
}

void
utf8_mend(char *s, size_t n, char by)
{
	size_t len;

	for (size_t i = 0; i < n; i += len) {
		len = char_len(span_make(s + i, n - i));
		if (len > 0)
			continue;
		s[i] = by;
		len = 1;
	}
}

void
utf8_write_mended(struct writer *w, struct span s)
{
	size_t n;

	for (; s.n > 0; s = span_tail(s, n > 0 ? n : 1)) {
		n = char_len(s);
		writer_span(w, n > 0 ? span_head(s, n) : SPAN("\xef\xbf\xbd"));
	}
}

void
utf8_write_visible(struct writer *w, struct span s)
{
	size_t i = 0, n;

	for (; i < s.n; i += n) {
		n = span_obeyed(s, i);
		writer_char(w, n > 0 ? '?' : s.p[i]);
		n += n == 0;
	}
}
