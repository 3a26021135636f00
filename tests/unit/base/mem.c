#include "base/mem.h"

#include <signal.h>
#include <stdint.h>
#include <stdlib.h>

#include "unit/base/check_base.h"

START_TEST(nothing_is_something)
{
	void *p = mem_alloc(0);
	void *q = mem_zalloc(0);

	ck_assert_ptr_nonnull(p);
	ck_assert_ptr_nonnull(q);
	p = mem_realloc(p, 0);
	ck_assert_ptr_nonnull(p);
	free(p);
	free(q);
}
END_TEST

START_TEST(zalloc_is_zero)
{
	unsigned char *p = mem_zalloc(1000);

	for (int i = 0; i < 1000; i++)
		ck_assert_uint_eq(p[i], 0);
	free(p);
}
END_TEST

START_TEST(array_keeps_its_elements)
{
	uint32_t *p = mem_array(NULL, 3, sizeof(*p));

	p[2] = 7;
	p = mem_array(p, 3000, sizeof(*p));
	ck_assert_uint_eq(p[2], 7);
	p[2999] = 1;
	free(p);
}
END_TEST

START_TEST(grow_doubles_and_keeps)
{
	size_t cap = 0;
	uint32_t small = 0, *p = mem_grow(NULL, &cap, 3, sizeof(*p));
	uint32_t *q = mem_grow32(NULL, &small, 2, sizeof(*q));

	ck_assert_uint_eq(cap, 3);
	p[2] = 7;
	p = mem_grow(p, &cap, 3, sizeof(*p));
	ck_assert_uint_eq(cap, 6);
	ck_assert_uint_eq(p[2], 7);
	p[5] = 1;
	q[1] = 8;
	q = mem_grow32(q, &small, 2, sizeof(*q));
	ck_assert_uint_eq(small, 4);
	ck_assert_uint_eq(q[1], 8);
	free(p);
	free(q);
}
END_TEST

START_TEST(grow_aborts_on_overflow)
{
	uint32_t cap = UINT32_MAX / 2 + 1;

	free(mem_grow32(NULL, &cap, 1, 0));
}
END_TEST

START_TEST(array_aborts_on_overflow)
{
	free(mem_array(NULL, SIZE_MAX / 8 + 2, 8));
}
END_TEST

Suite *
mem_suite(void)
{
	Suite *s = suite_create("base/mem");
	TCase *t = unit_case("mem");

	tcase_add_test(t, nothing_is_something);
	tcase_add_test(t, zalloc_is_zero);
	tcase_add_test(t, array_keeps_its_elements);
	tcase_add_test(t, grow_doubles_and_keeps);
	tcase_add_test_raise_signal(t, grow_aborts_on_overflow, SIGABRT);
	tcase_add_test_raise_signal(t, array_aborts_on_overflow, SIGABRT);
	suite_add_tcase(s, t);
	return s;
}
