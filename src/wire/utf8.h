/*
 * UTF-8 as in RFC 3629: no overlong forms, no surrogates, nothing above
 * U+10FFFF.
 */
#ifndef WIRE_UTF8_H
#define WIRE_UTF8_H

#include "base/span.h"

bool utf8_valid(struct span s);

/*
 * The longest head of s of at most max bytes that does not cut a character
 * in two. Bytes that are not UTF-8 count as characters of their own.
 */
struct span utf8_cut(struct span s, size_t max);

#endif
