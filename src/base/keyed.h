/*
 * Keyed BLAKE2b (RFC 7693): a hash of a text that nobody can compute or reverse
 * by trial without the key, even if they know or guess the text. SipHash
 * (siphash.h) is faster, but its key and its values are too short for that.
 */
#ifndef BASE_KEYED_H
#define BASE_KEYED_H

#include "base/span.h"

#define KEYED_MIN 16 /* bytes of a key */
#define KEYED_MAX 64
#define KEYED_HASH 32 /* bytes of a hash */

/* Hash s. The key has KEYED_MIN to KEYED_MAX bytes. */
void keyed_hash(unsigned char out[KEYED_HASH], struct span key, struct span s);

#endif
