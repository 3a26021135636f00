#include "base/blocks.h"

#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/poison.h"
#include "unit/base/check_base.h"

#define MANY 3000

/* Lengths from 0 to beyond the longest block of a slab, in any order. */
static size_t
length_of(unsigned i)
{
	return i * 37 % (BLOCKS_MAX + 40);
}

START_TEST(blocks_are_aligned_and_apart)
{
	static unsigned char *p[MANY];
	struct blocks b;

	blocks_init(&b);
	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < MANY; i++) {
			p[i] = blocks_take(&b, length_of(i + round));
			ck_assert_uint_eq((uintptr_t)p[i] % BLOCKS_ALIGN, 0);
			memset(p[i], i & 0xff, length_of(i + round));
		}
		ck_assert_uint_eq(b.live, MANY);
		for (unsigned i = 0; i < MANY; i++) {
			for (size_t k = 0; k < length_of(i + round); k++)
				ck_assert_uint_eq(p[i][k], i & 0xff);
			blocks_give(&b, p[i], length_of(i + round));
		}
	}
	ck_assert_uint_eq(blocks_fini(&b), 0);
}
END_TEST

START_TEST(block_that_was_given_back_is_used_again)
{
	struct blocks b;
	void *p, *q;

	blocks_init(&b);
	p = blocks_take(&b, 41);
	blocks_give(&b, p, 41);
	q = blocks_take(&b, 32);
	ck_assert_ptr_ne(q, p);
	ck_assert_ptr_eq(blocks_take_zero(&b, 48), p);
	for (int i = 0; i < 48; i++)
		ck_assert_int_eq(((char *)p)[i], 0);
	ck_assert_uint_eq(blocks_fini(&b), 2);
}
END_TEST

/* The rest of a slab that is too short for a long block is not lost. */
START_TEST(rest_of_a_slab_is_a_hole)
{
	struct blocks b;
	char *first, *p;

	blocks_init(&b);
	first = blocks_take(&b, 256);
	p = blocks_take(&b, 200);
	ck_assert_ptr_eq(p, first + 256);
	(void)blocks_take(&b, 64);
	ck_assert_ptr_eq(blocks_take(&b, 56), p + 200);
	ck_assert_uint_eq(blocks_fini(&b), 4);
}
END_TEST

START_TEST(resized_block_keeps_its_bytes)
{
	static const size_t lengths[] = { 1, 8, 9, 256, 257, 4000, 300, 250, 3,
		0, 17 };
	struct blocks b;
	size_t n = 0, to;
	char *p = NULL;

	blocks_init(&b);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		to = lengths[i];
		p = blocks_resize(&b, p, n, to);
		for (size_t k = 0; k < n && k < to; k++)
			ck_assert_int_eq(p[k], (char)('a' + k % 26));
		for (size_t k = 0; k < to; k++)
			p[k] = (char)('a' + k % 26);
		n = to;
		ck_assert_uint_eq(b.live, 1);
	}
	blocks_give(&b, p, n);
	blocks_give(&b, NULL, 8);
	ck_assert_uint_eq(blocks_fini(&b), 0);
}
END_TEST

START_TEST(give_without_a_block_in_use_aborts)
{
	struct blocks b;
	long block[8];

	close(STDERR_FILENO);
	blocks_init(&b);
	blocks_give(&b, block, sizeof(block));
}
END_TEST

#ifdef POISON_ASAN
START_TEST(blocks_that_were_given_back_are_poisoned)
{
	struct blocks b;
	char *p;

	blocks_init(&b);
	p = blocks_take(&b, 64);
	ck_assert(!__asan_address_is_poisoned(p + 63));
	ck_assert(__asan_address_is_poisoned(p + 64));
	blocks_give(&b, p, 64);
	ck_assert(__asan_address_is_poisoned(p));
	ck_assert(__asan_address_is_poisoned(p + 63));
	blocks_fini(&b);
}
END_TEST
#endif

Suite *
blocks_suite(void)
{
	Suite *s = suite_create("base/blocks");
	TCase *t = unit_case("blocks");

	tcase_add_test(t, blocks_are_aligned_and_apart);
	tcase_add_test(t, block_that_was_given_back_is_used_again);
	tcase_add_test(t, rest_of_a_slab_is_a_hole);
	tcase_add_test(t, resized_block_keeps_its_bytes);
	tcase_add_test_raise_signal(t, give_without_a_block_in_use_aborts,
	    SIGABRT);
#ifdef POISON_ASAN
	tcase_add_test(t, blocks_that_were_given_back_are_poisoned);
#endif
	suite_add_tcase(s, t);
	return s;
}
