#include "base/rng.h"

#include <string.h>

#include "unit/base/check_base.h"

/*
 * The expected numbers are those of the authors' C code (prng.di.unimi.it) for
 * the state 1 2 3 4.
 */
START_TEST(is_xoshiro256_starstar)
{
	static const uint64_t want[] = { 11520, 0, 1509978240,
		UINT64_C(1215971899390074240) };
	unsigned char seed[RNG_SEED] = { [0] = 1, [8] = 2, [16] = 3, [24] = 4 };
	struct rng rng;

	rng_seed_bytes(&rng, seed);
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		ck_assert_uint_eq(rng_u64(&rng), want[i]);
}
END_TEST

START_TEST(seed_goes_through_splitmix64)
{
	struct rng rng;

	rng_seed(&rng, 0);
	ck_assert_uint_eq(rng.s[0], UINT64_C(0xe220a8397b1dcdaf));
	ck_assert_uint_eq(rng.s[1], UINT64_C(0x6e789e6aa1b965f4));
	ck_assert_uint_eq(rng.s[2], UINT64_C(0x06c45d188009454f));
	ck_assert_uint_eq(rng.s[3], UINT64_C(0xf88bb8a8724c81ec));
}
END_TEST

START_TEST(zero_seed_is_not_stuck)
{
	const unsigned char seed[RNG_SEED] = { 0 };
	struct rng rng;
	uint64_t v;

	rng_seed_bytes(&rng, seed);
	v = rng_u64(&rng);
	ck_assert_uint_ne(v, rng_u64(&rng));
}
END_TEST

START_TEST(below_is_below_and_even)
{
	unsigned int count[6] = { 0 };
	struct rng rng;

	rng_seed(&rng, 1);
	for (int i = 0; i < 60000; i++)
		count[rng_below(&rng, 6)]++;
	for (int i = 0; i < 6; i++) {
		ck_assert_uint_gt(count[i], 9500);
		ck_assert_uint_lt(count[i], 10500);
	}
	ck_assert_uint_eq(rng_below(&rng, 1), 0);
}
END_TEST

/*
 * If 3 * 2^62 values were taken from 2^64 by the remainder alone, the first
 * third would come up twice as often as the others.
 */
START_TEST(below_is_even_for_large_n)
{
	const uint64_t third = UINT64_C(1) << 62;
	unsigned int low = 0;
	struct rng rng;

	rng_seed(&rng, 2);
	for (int i = 0; i < 30000; i++)
		low += rng_below(&rng, 3 * third) < third;
	ck_assert_uint_gt(low, 9500);
	ck_assert_uint_lt(low, 10500);
}
END_TEST

START_TEST(bytes_fills_all_and_no_more)
{
	unsigned char a[21], b[21], seen[21] = { 0 };
	struct rng rng, same;

	rng_seed(&rng, 3);
	same = rng;
	memset(a, 0xaa, sizeof(a));
	rng_bytes(&rng, a, 20);
	ck_assert_uint_eq(a[20], 0xaa);
	rng_bytes(&same, b, 20);
	ck_assert_mem_eq(a, b, 20);
	for (int round = 0; round < 20; round++) {
		rng_bytes(&rng, b, 20);
		for (int i = 0; i < 20; i++)
			seen[i] |= b[i];
	}
	for (int i = 0; i < 20; i++)
		ck_assert_uint_ne(seen[i], 0);
}
END_TEST

Suite *
rng_suite(void)
{
	Suite *s = suite_create("base/rng");
	TCase *t = unit_case("rng");

	tcase_add_test(t, is_xoshiro256_starstar);
	tcase_add_test(t, seed_goes_through_splitmix64);
	tcase_add_test(t, zero_seed_is_not_stuck);
	tcase_add_test(t, below_is_below_and_even);
	tcase_add_test(t, below_is_even_for_large_n);
	tcase_add_test(t, bytes_fills_all_and_no_more);
	suite_add_tcase(s, t);
	return s;
}
