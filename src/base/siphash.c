/*
 * libsodium computes the hash. Its 8 bytes are read as little-endian, as in the
 * paper, so that the number does not depend on the machine.
 */
#include "base/siphash.h"

#include <sodium/crypto_shorthash_siphash24.h>

_Static_assert(crypto_shorthash_siphash24_KEYBYTES == SIPHASH_KEY,
    "length of a SipHash key");

uint64_t
siphash(const unsigned char key[SIPHASH_KEY], struct span s)
{
	static const unsigned char none;
	unsigned char out[crypto_shorthash_siphash24_BYTES];

	(void)crypto_shorthash_siphash24(out,
	    s.n > 0 ? (const unsigned char *)s.p : &none, s.n, key);
	return (uint64_t)out[0] | (uint64_t)out[1] << 8 |
	       (uint64_t)out[2] << 16 | (uint64_t)out[3] << 24 |
	       (uint64_t)out[4] << 32 | (uint64_t)out[5] << 40 |
	       (uint64_t)out[6] << 48 | (uint64_t)out[7] << 56;
}
