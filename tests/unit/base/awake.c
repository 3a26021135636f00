#include "base/awake.h"

#include "unit/base/check_base.h"

#define AT(ms) ((struct mono){ (ms)*NS_PER_MS })

START_TEST(a_wait_is_no_pause)
{
	struct awake a = { 0 };

	ck_assert(!awake_run(&a, AT(1000), MONO_NEVER));
	ck_assert(!awake_run(&a, AT(900000), MONO_NEVER));
	ck_assert(!awake_run(&a, AT(990000), AT(990000)));
	ck_assert(!awake_run(&a, AT(999250), AT(999000)));
	ck_assert(!awake_run(&a, AT(999250), AT(1)));
	ck_assert(!awake_run(&a, AT(999500), AT(1)));
	ck_assert_int_eq(a.paused_ns, 0);
}
END_TEST

START_TEST(a_deadline_that_passed_is_a_pause)
{
	struct awake a = { 0 };

	awake_run(&a, AT(1000), MONO_NEVER);
	ck_assert(awake_run(&a, AT(6000), AT(1250)));
	ck_assert_int_eq(a.paused_ns, 4750 * NS_PER_MS);
	ck_assert(!awake_run(&a, AT(6000), AT(1250)));
	ck_assert(awake_run(&a, AT(7000), AT(6100)));
	ck_assert_int_eq(a.paused_ns, 5500 * NS_PER_MS);
	ck_assert(awake_run(&a, AT(70000), AT(60000)));
	ck_assert_int_eq(a.paused_ns, 68250 * NS_PER_MS);
}
END_TEST

START_TEST(its_clock_is_read_and_read_back)
{
	ck_assert_int_eq(awake_at(AT(6000), 4750 * NS_PER_MS).ns,
	    1250 * NS_PER_MS);
	ck_assert_int_eq(awake_until(AT(1250), 4750 * NS_PER_MS).ns,
	    6000 * NS_PER_MS);
	ck_assert(mono_is_never(awake_until(MONO_NEVER, 1)));
	ck_assert(mono_is_never(awake_at(MONO_NEVER, 1)));
}
END_TEST

Suite *
awake_suite(void)
{
	Suite *s = suite_create("base/awake");
	TCase *t = unit_case("awake");

	tcase_add_test(t, a_wait_is_no_pause);
	tcase_add_test(t, a_deadline_that_passed_is_a_pause);
	tcase_add_test(t, its_clock_is_read_and_read_back);
	suite_add_tcase(s, t);
	return s;
}
