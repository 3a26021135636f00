/*
 * UTF-8 as in RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF.
 */
#ifndef WIRE_UTF8_H
#define WIRE_UTF8_H

#include "base/span.h"
#include "base/writer.h"

/* Return true if all of s is UTF-8; an empty span is. */
bool utf8_valid(struct span s);

/*
 * Return the longest head of s of at most max bytes that does not cut a
 * character in two. A byte that is not UTF-8 counts as a character.
 */
struct span utf8_cut(struct span s, size_t max);

/* Replace each byte that is not part of a character by another. Afterwards the
 * n bytes at s are UTF-8; by is ASCII. */
void utf8_mend(char *s, size_t n, char by);

/* Write s with U+FFFD in place of each byte that is not part of a character. It
 * becomes at most UTF8_MENDED times as long. */
#define UTF8_MENDED 3
void utf8_write_mended(struct writer *, struct span s);

/* Write s, which is UTF-8, with `?` in place of what a terminal may obey
 * (span_obeyed): strangers choose texts. */
void utf8_write_visible(struct writer *, struct span s);

#endif
