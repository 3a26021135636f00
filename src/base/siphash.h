/*
 * SipHash-2-4 (Aumasson and Bernstein, 2012): a hash that cannot be steered by
 * anybody who does not know the key. The value is the same on every machine, so
 * it may go over links and into msgids.
 */
#ifndef BASE_SIPHASH_H
#define BASE_SIPHASH_H

#include <stdint.h>

#include "base/span.h"

#define SIPHASH_KEY 16 /* bytes of a key */

/* Hash s. The key is secret wherever strangers choose s. */
uint64_t siphash(const unsigned char key[SIPHASH_KEY], struct span s);

#endif
