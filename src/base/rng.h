/*
 * Pseudo-random numbers from a seed: the same seed, the same numbers, on
 * every machine. Not for secrets: keys and passwords come from the daemon.
 */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

#define RNG_SEED 32 /* bytes of a full seed */

struct rng {
	uint64_t s[4];
};

/* Either must come first; any seed will do. */
void rng_seed(struct rng *rng, uint64_t seed);
void rng_seed_bytes(struct rng *rng, const unsigned char seed[RNG_SEED]);

uint64_t rng_u64(struct rng *rng);

/* Even among 0 .. n - 1; n > 0. */
uint64_t rng_below(struct rng *rng, uint64_t n);

void rng_bytes(struct rng *rng, void *out, size_t n);

#endif
