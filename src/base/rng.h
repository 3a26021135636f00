/*
 * Pseudo-random numbers from a seed: the same seed gives the same numbers on
 * every machine. Do not use them for secrets: keys and passwords come from the
 * daemon.
 */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

#define RNG_SEED 32 /* bytes of a full seed */

struct rng {
	uint64_t s[4];
};

/*
 * Seed the generator with one of these before anything else. Any seed will do.
 */
void rng_seed(struct rng *rng, uint64_t seed);
void rng_seed_bytes(struct rng *rng, const unsigned char seed[RNG_SEED]);

/* Return the next number; each value is equally likely. */
uint64_t rng_u64(struct rng *rng);

/* Return a number from 0 to n - 1, each equally likely; n > 0. */
uint64_t rng_below(struct rng *rng, uint64_t n);

/* Write n random bytes to out. */
void rng_bytes(struct rng *rng, void *out, size_t n);

#endif
