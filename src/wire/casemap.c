/*
 * The mapping is ascii. rfc1459 was rejected: modern-irc advises against it,
 * and with UTF-8 in channel names only A-Z can be folded byte by byte.
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
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (casemap_char(a.p[i]) != casemap_char(b.p[i]))
			return false;
	return true;
}
