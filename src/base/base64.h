/*
 * Base64 as in RFC 4648, section 4: the alphabet with + and /, padded.
 */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stdbool.h>

#include "base/span.h"

/* Bytes of text that n bytes become. */
static inline size_t
base64_len(size_t n)
{
	return (n + 2) / 3 * 4;
}

/* Writes base64_len(bytes.n) characters to out, without NUL. */
void base64_encode(struct span bytes, char *out);

/*
 * Strict: whole groups, padding where it belongs, unused bits zero, so that
 * one value has one text. The bytes go to out and their number to *n. False
 * when text is anything else or needs more than cap bytes.
 */
bool base64_decode(struct span text, void *out, size_t cap, size_t *n);

#endif
