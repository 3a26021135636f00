#include "base/mtime.h"

#include "unit/base/check_base.h"

#define MONO(x) ((struct mono){ x })

START_TEST(mono_add_saturates)
{
	ck_assert_int_eq(mono_add_ms(MONO(5), 2).ns, 2000005);
	ck_assert_int_eq(mono_add_ms(MONO(5), -2).ns, -1999995);
	ck_assert(mono_is_never(mono_add_ms(MONO_NEVER, -1)));
	ck_assert(mono_is_never(mono_add_ms(MONO(1), INT64_MAX)));
	ck_assert(mono_is_never(mono_add_ms(MONO(INT64_MAX - 1), 1)));
	ck_assert_int_eq(mono_add_ms(MONO(-1), INT64_MIN).ns, INT64_MIN);
	ck_assert_int_eq(mono_add_ms(MONO(INT64_MIN + 1), -1).ns, INT64_MIN);
}
END_TEST

START_TEST(mono_sub_is_whole_ms)
{
	ck_assert_int_eq(mono_sub_ms(MONO(3000000), MONO(1000001)), 1);
	ck_assert_int_eq(mono_sub_ms(MONO(3000000), MONO(1000000)), 2);
	ck_assert_int_eq(mono_sub_ms(MONO(1000000), MONO(3000000)), -2);
	ck_assert_int_eq(mono_sub_ms(MONO_NEVER, MONO(1)), INT64_MAX);
	ck_assert_int_eq(mono_sub_ms(MONO(INT64_MAX - 1), MONO(INT64_MIN)),
	    INT64_MAX / NS_PER_MS);
}
END_TEST

START_TEST(order)
{
	ck_assert_int_lt(mono_cmp(MONO(1), MONO(2)), 0);
	ck_assert_int_eq(mono_cmp(MONO(2), MONO(2)), 0);
	ck_assert_int_gt(mono_cmp(MONO_NEVER, MONO(INT64_MAX - 1)), 0);
	ck_assert_int_eq(mono_min(MONO(1), MONO(2)).ns, 1);
	ck_assert_int_eq(mono_min(MONO_NEVER, MONO(2)).ns, 2);
}
END_TEST

Suite *
mtime_suite(void)
{
	Suite *s = suite_create("base/mtime");
	TCase *t = unit_case("mtime");

	tcase_add_test(t, mono_add_saturates);
	tcase_add_test(t, mono_sub_is_whole_ms);
	tcase_add_test(t, order);
	suite_add_tcase(s, t);
	return s;
}
