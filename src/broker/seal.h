/*
 * seal.h - the keys of a bus, and sealed text: X25519 (RFC 7748), BLAKE2b to
 * derive keys, and ChaCha20-Poly1305 (RFC 8439). libsodium computes them.
 *
 * The caller owns all memory, and wipes keys with seal_wipe() when they are
 * over. No key here outlives a bus.
 */
#ifndef BROKER_SEAL_H
#define BROKER_SEAL_H

#include "base/siphash.h"
#include "base/span.h"

#define SEAL_KEY 32
#define SEAL_TAG 16 /* bytes that sealed text is longer */

/* The keys of a pair of servers. */
struct seal_pair {
	unsigned char out[SEAL_KEY], in[SEAL_KEY];
	unsigned char mac_out[SIPHASH_KEY], mac_in[SIPHASH_KEY];
};

/* Derive a key from a secret, for one use: a word, and a number. */
void seal_derive(unsigned char out[SEAL_KEY],
    const unsigned char secret[SEAL_KEY], const char *use, uint64_t n);

/* Compute the public key of a secret key of X25519. */
void seal_public(const unsigned char secret[SEAL_KEY],
    unsigned char out[SEAL_KEY]);

/*
 * Compute the keys of a pair. both is a text about the two sides which is the
 * same at both; `lesser` is true at one of them only. Return false if the
 * peer's public key is one that gives every peer the same keys.
 */
bool seal_agree(struct seal_pair *, const unsigned char secret[SEAL_KEY],
    const unsigned char peer[SEAL_KEY], struct span both, bool lesser);

/* Hash a text, so that one who knows the key of its seal cannot find another
 * text with that hash. */
void seal_hash(unsigned char out[SEAL_KEY], struct span text);

/*
 * Seal the n bytes at p in place, with a tag behind them, for which there is
 * room. No counter is used twice with one key. head is not sealed, and proved
 * with the text.
 */
void seal(unsigned char *p, size_t n, struct span head, uint64_t counter,
    const unsigned char key[SEAL_KEY]);
/* Open what seal() made, in place: n bytes with the tag. Return false if it is
 * forged or for another key, head or counter. */
bool seal_open(unsigned char *p, size_t n, struct span head, uint64_t counter,
    const unsigned char key[SEAL_KEY]);

/* Overwrite a secret. */
void seal_wipe(void *p, size_t n);

#endif
