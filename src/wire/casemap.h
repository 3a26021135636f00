/*
 * CASEMAPPING=ascii: A to Z are a to z, and no other byte has two cases
 * (modern-irc, "CASEMAPPING Parameter"). For names of everything.
 */
#ifndef WIRE_CASEMAP_H
#define WIRE_CASEMAP_H

#include "base/span.h"

static inline char
casemap_char(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/*
 * Writes s in lower case to out, s.n bytes, and returns the span of them. out
 * may be where s lies.
 */
struct span casemap_fold(struct span s, char *out);

bool casemap_eq(struct span a, struct span b);

#endif
