/*
 * SipHash-2-4 (Aumasson and Bernstein, 2012): a hash that who does not know
 * the key cannot steer. The value is the same on every machine, so it may go
 * over links and into msgids.
 */
#ifndef BASE_SIPHASH_H
#define BASE_SIPHASH_H

#include <stdint.h>

#include "base/span.h"

#define SIPHASH_KEY 16 /* bytes of a key */

/* key: secret where strangers choose s. */
uint64_t siphash(const unsigned char key[SIPHASH_KEY], struct span s);

#endif
