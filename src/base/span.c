/*
 * Spans. Length and pointer travel together, so that no function here or in a
 * caller has to look for a terminator that foreign bytes may not have.
 * Comparing empty spans never touches their pointers, which may be NULL.
 */
#include "base/span.h"

#include <string.h>

struct span
span_str(const char *s)
{
	return (struct span){ s, s == NULL ? 0 : strlen(s) };
}

bool
span_eq(struct span a, struct span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
