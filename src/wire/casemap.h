/*
 * CASEMAPPING=ascii: A to Z count as a to z, and no other byte has two cases
 * (modern-irc, "CASEMAPPING Parameter"). All names are compared in this way.
 */
#ifndef WIRE_CASEMAP_H
#define WIRE_CASEMAP_H

#include "base/ascii.h"
#include "base/span.h"

static inline char
casemap_char(char c)
{
	return ascii_is_upper(c) ? (char)(c - 'A' + 'a') : c;
}

/*
 * Write s in lower case to out, which has room for s.n bytes, and return the
 * span of them. out may be the memory of s.
 */
struct span casemap_fold(struct span s, char *out);

/* Return true if a and b are the same apart from case. */
bool casemap_eq(struct span a, struct span b);

#endif
