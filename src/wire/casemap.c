/*
 * ascii and not rfc1459: modern-irc advises against the latter, and with
 * UTF-8 in channel names nothing but A-Z can be folded byte by byte.
 */
#include "wire/casemap.h"

struct span
casemap_fold(struct span s, char *out)
{
	for (size_t i = 0; i < s.n; i++)
		out[i] = casemap_char(s.p[i]);
	return span_make(out, s.n);
}

bool
casemap_eq(struct span a, struct span b)
{
	return a.n == b.n && casemap_cmp(a, b) == 0;
}

int
casemap_cmp(struct span a, struct span b)
{
	for (size_t i = 0; i < a.n && i < b.n; i++) {
		unsigned char x = (unsigned char)casemap_char(a.p[i]);
		unsigned char y = (unsigned char)casemap_char(b.p[i]);

		if (x != y)
			return x < y ? -1 : 1;
	}
	return (a.n > b.n) - (a.n < b.n);
}
