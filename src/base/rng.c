/*
 * xoshiro256** 1.0 by Blackman and Vigna (2018). splitmix64 fills its state, as
 * the authors advise. A state of all zeros is the only fixed point: splitmix64
 * cannot produce it, and it is replaced if a caller passes it in.
 */
#include "base/rng.h"

#include "base/invariant.h"

static uint64_t
splitmix64(uint64_t *x)
{
	uint64_t z = (*x += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static uint64_t
rotl(uint64_t x, int k)
{
	return (x << k) | (x >> (64 - k));
}

void
rng_seed(struct rng *rng, uint64_t seed)
{
	for (int i = 0; i < 4; i++)
		rng->s[i] = splitmix64(&seed);
}

void
rng_seed_bytes(struct rng *rng, const unsigned char seed[RNG_SEED])
{
	for (int i = 0; i < 4; i++) {
		rng->s[i] = 0;
		for (int k = 7; k >= 0; k--)
			rng->s[i] = rng->s[i] << 8 | seed[i * 8 + k];
	}
	if ((rng->s[0] | rng->s[1] | rng->s[2] | rng->s[3]) == 0)
		rng_seed(rng, 0);
}

uint64_t
rng_u64(struct rng *rng)
{
	uint64_t *s = rng->s;
	uint64_t out = rotl(s[1] * 5, 7) * 9;
	uint64_t t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotl(s[3], 45);
	return out;
}

uint64_t
rng_below(struct rng *rng, uint64_t n)
{
	uint64_t low, v;

	invariant(n > 0);
	/* 2^64 mod n: with values below it, small results would be likelier. */
	low = (0 - n) % n;
	do
		v = rng_u64(rng);
	while (v < low);
	return v % n;
}

void
rng_bytes(struct rng *rng, void *out, size_t n)
{
	unsigned char *p = out;
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++) {
		if (i % 8 == 0)
			v = rng_u64(rng);
		p[i] = (unsigned char)(v & 0xff);
		v >>= 8;
	}
}
