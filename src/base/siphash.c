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
	uint64_t v = 0;

	(void)crypto_shorthash_siphash24(out,
	    s.n > 0 ? (const unsigned char *)s.p : &none, s.n, key);
	for (int i = (int)sizeof(out) - 1; i >= 0; i--)
		v = v << 8 | out[i];
	return v;
}
