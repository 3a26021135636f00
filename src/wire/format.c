/*
 * A code is one byte. Behind two of them may stand parameters, which a client
 * does not show:
 *
 *	0x03	a colour: one or two digits, perhaps a comma and one or two more
 *	0x04	a colour: six hex digits, perhaps a comma and six more
 *
 * A comma belongs to the code only if digits follow it. All codes are ASCII, so
 * what is left of valid UTF-8 is valid.
 */
#include "wire/format.h"

#include "base/ascii.h"

static bool
is_code(char c)
{
	switch (c) {
	case 0x02: /* bold */
	case 0x03: /* colour */
	case 0x04: /* hex colour */
	case 0x0f: /* plain */
	case 0x11: /* monospace */
	case 0x16: /* reverse */
	case 0x1d: /* italic */
	case 0x1e: /* struck out */
	case 0x1f: /* underlined */
		return true;
	default:
		return false;
	}
}

/* Return how many bytes at the beginning of s are one colour, or 0. */
static size_t
colour_length(struct span s, char code)
{
	size_t n = 0;

	if (code == 0x03) {
		while (n < 2 && n < s.n && ascii_is_digit(s.p[n]))
			n++;
		return n;
	}
	while (n < 6 && n < s.n && ascii_hex(s.p[n]) >= 0)
		n++;
	return n == 6 ? 6 : 0;
}

/* Return how many bytes the code at the beginning of s has with its
 * parameters. */
static size_t
code_length(struct span s)
{
	size_t n, more;

	if (s.p[0] != 0x03 && s.p[0] != 0x04)
		return 1;
	n = 1 + colour_length(span_tail(s, 1), s.p[0]);
	if (n == 1 || n == s.n || s.p[n] != ',')
		return n;
	more = colour_length(span_tail(s, n + 1), s.p[0]);
	return more == 0 ? n : n + 1 + more;
}

bool
format_has(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (is_code(s.p[i]))
			return true;
	return false;
}

struct span
format_strip(struct arena *a, struct span s)
{
	char *to;
	size_t n = 0;

	if (!format_has(s))
		return s;
	to = arena_alloc(a, s.n);
	for (size_t i = 0; i < s.n;) {
		if (is_code(s.p[i]))
			i += code_length(span_tail(s, i));
		else
			to[n++] = s.p[i++];
	}
	return span_make(to, n);
}
