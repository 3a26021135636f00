/*
 * Suites that end in every way a suite can end. The script frame runs them
 * and looks at the exit status: frame_cases NAME, see the table below.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/unit.h"

START_TEST(holds)
{
	ck_assert(true);
}
END_TEST

START_TEST(fails)
{
	ck_assert(false);
}
END_TEST

START_TEST(exits_0)
{
	exit(0);
}
END_TEST

START_TEST(aborts)
{
	abort();
}
END_TEST

static void
exit_0(void)
{
	exit(0);
}

static Suite *
suite_of(const TTest *first, const TTest *second)
{
	Suite *s = suite_create("frame");
	TCase *t = unit_case("case");

	if (first != NULL)
		tcase_add_test(t, first);
	if (second != NULL)
		tcase_add_test(t, second);
	suite_add_tcase(s, t);
	return s;
}

static Suite *
holding(void)
{
	return suite_of(holds, holds);
}

static Suite *
failing(void)
{
	return suite_of(fails, holds);
}

static Suite *
exiting(void)
{
	return suite_of(exits_0, holds);
}

static Suite *
aborting(void)
{
	return suite_of(aborts, holds);
}

static Suite *
empty(void)
{
	return suite_of(NULL, NULL);
}

static Suite *
exiting_in_teardown(void)
{
	Suite *s = suite_create("frame");
	TCase *t = unit_case("case");

	tcase_add_checked_fixture(t, NULL, exit_0);
	tcase_add_test(t, holds);
	suite_add_tcase(s, t);
	return s;
}

static Suite *
exiting_outside(void)
{
	Suite *s = suite_create("frame");
	TCase *t = unit_case("case");

	tcase_add_unchecked_fixture(t, exit_0, NULL);
	tcase_add_test(t, holds);
	suite_add_tcase(s, t);
	return s;
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		unit_suite *suite;
	} rows[] = {
		{ "holding", holding },
		{ "failing", failing },
		{ "exiting", exiting },
		{ "aborting", aborting },
		{ "empty", empty },
		{ "exiting-in-teardown", exiting_in_teardown },
		{ "exiting-outside", exiting_outside },
	};
	unit_suite *suites[2] = { NULL, NULL };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (argc == 2 && strcmp(argv[1], rows[i].name) == 0)
			suites[0] = rows[i].suite;
	if (suites[0] == NULL) {
		fprintf(stderr, "usage: frame_cases NAME\n");
		return 2;
	}
	return unit_main(suites);
}
