#include "base/keyed.h"

#include <sodium/crypto_generichash_blake2b.h>

#include "base/invariant.h"

_Static_assert(crypto_generichash_blake2b_KEYBYTES_MIN == KEYED_MIN &&
		   crypto_generichash_blake2b_KEYBYTES_MAX == KEYED_MAX,
    "length of a BLAKE2b key");

void
keyed_hash(unsigned char out[KEYED_HASH], struct span key, struct span s)
{
	static const unsigned char none;

	invariant(key.n >= KEYED_MIN && key.n <= KEYED_MAX);
	(void)crypto_generichash_blake2b(out, KEYED_HASH,
	    s.n > 0 ? (const unsigned char *)s.p : &none, s.n,
	    (const unsigned char *)key.p, key.n);
}
