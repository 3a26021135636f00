#include "base/invariant.h"

#include <signal.h>
#include <unistd.h>

#include "unit/base/check_base.h"

START_TEST(true_goes_on_and_is_evaluated_once)
{
	int n = 0;

	invariant(++n == 1);
	ck_assert_int_eq(n, 1);
}
END_TEST

START_TEST(false_aborts)
{
	int n = 0;

	/* A reader of the test's output need not see the message. */
	close(STDERR_FILENO);
	invariant(n == 1);
}
END_TEST

Suite *
invariant_suite(void)
{
	Suite *s = suite_create("base/invariant");
	TCase *t = unit_case("invariant");

	tcase_add_test(t, true_goes_on_and_is_evaluated_once);
	tcase_add_test_raise_signal(t, false_aborts, SIGABRT);
	suite_add_tcase(s, t);
	return s;
}
