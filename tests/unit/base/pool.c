#include "base/pool.h"

#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/poison.h"
#include "unit/base/check_base.h"

#define MANY 5000

START_TEST(take_is_zeroed_aligned_and_apart)
{
	/*
	 * The second number is the greatest alignment that an object of that
	 * size can need.
	 */
	static const size_t rows[][2] = { { 33, 1 }, { 40, 8 }, { 48, 16 },
		{ 64, 16 } };
	const size_t size = rows[_i][0], align = rows[_i][1];
	struct pool pool;
	unsigned char *p[MANY];

	pool_init(&pool, size, "test");
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < MANY; i++) {
			p[i] = pool_take(&pool);
			ck_assert_uint_eq((uintptr_t)p[i] % align, 0);
			for (int k = 0; k < (int)size; k++)
				ck_assert_uint_eq(p[i][k], 0);
			memset(p[i], i & 0xff, size);
		}
		ck_assert_uint_eq(pool_live(&pool), MANY);
		for (int i = 0; i < MANY; i++) {
			for (int k = 0; k < (int)size; k++)
				ck_assert_uint_eq(p[i][k], i & 0xff);
			pool_give(&pool, p[i]);
		}
		ck_assert_uint_eq(pool_live(&pool), 0);
	}
	ck_assert_uint_eq(pool_fini(&pool), 0);
}
END_TEST

START_TEST(fini_counts_what_leaked)
{
	struct pool pool;

	pool_init(&pool, 1, "test");
	pool_take(&pool);
	pool_give(&pool, pool_take(&pool));
	pool_give(&pool, NULL);
	pool_take(&pool);
	ck_assert_uint_eq(pool_fini(&pool), 2);
	ck_assert_uint_eq(pool_live(&pool), 0);
}
END_TEST

START_TEST(give_to_an_empty_pool_aborts)
{
	struct pool pool;
	long obj[8];

	close(STDERR_FILENO);
	pool_init(&pool, sizeof(obj), "test");
	pool_give(&pool, obj);
}
END_TEST

#ifdef POISON_ASAN
START_TEST(given_objects_are_poisoned)
{
	struct pool pool;
	char *p;

	pool_init(&pool, 64, "test");
	p = pool_take(&pool);
	ck_assert(!__asan_address_is_poisoned(p + 63));
	pool_give(&pool, p);
	ck_assert(__asan_address_is_poisoned(p));
	ck_assert(__asan_address_is_poisoned(p + 63));
	pool_fini(&pool);
}
END_TEST
#endif

Suite *
pool_suite(void)
{
	Suite *s = suite_create("base/pool");
	TCase *t = unit_case("pool");

	tcase_add_loop_test(t, take_is_zeroed_aligned_and_apart, 0, 4);
	tcase_add_test(t, fini_counts_what_leaked);
	tcase_add_test_raise_signal(t, give_to_an_empty_pool_aborts, SIGABRT);
#ifdef POISON_ASAN
	tcase_add_test(t, given_objects_are_poisoned);
#endif
	suite_add_tcase(s, t);
	return s;
}
