/*
 * Run the suites of one program. Check forks for each test, so a test that
 * crashes or hangs does no harm to the others. CK_FORK=no keeps all tests in
 * one process, for a debugger.
 *
 * Check's own limit of four seconds tells a hanging test from a quick one only
 * on an idle machine: under the sanitizers, or beside other builds, a sound
 * test takes longer.
 *
 * To Check, a test that calls exit(0) has passed, and in one process the tests
 * behind it do not run. So while a test runs, or while the program that runs
 * them has not finished, a guard turns every exit into a failure. A run without
 * a single test fails, too.
 */
#define LIB_UNIT_C
#include "lib/unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SECONDS "120"

static bool in_test; /* in the process of a test */
static pid_t runner; /* has to return from unit_main(); 0: it has */

static void
guard(void)
{
	if (!in_test && runner != getpid())
		return;
	/* Check itself tells of the exit of another process. */
	if (runner == getpid())
		fprintf(stderr, "unit: exit() in the tests of \"%s\"\n",
		    tcase_name());
	fflush(NULL);
	_exit(EXIT_FAILURE);
}

static void
enter(void)
{
	in_test = true;
}

static void
leave(void)
{
	in_test = false;
}

TCase *
unit_case(const char *name)
{
	TCase *t = tcase_create(name);

	/* Check runs teardowns in reverse order, so this one is the last. */
	tcase_add_checked_fixture(t, enter, leave);
	return t;
}

static int
run(SRunner *r)
{
	int tests, failed;

	srunner_run_all(r, CK_NORMAL);
	tests = srunner_ntests_run(r);
	failed = srunner_ntests_failed(r);
	if (tests == 0)
		fprintf(stderr, "unit: no test\n");
	return tests > 0 && failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
unit_main(unit_suite *const *suites)
{
	SRunner *r;
	int status;

	/* before the suites are made: each test case takes it then */
	if (setenv("CK_DEFAULT_TIMEOUT", SECONDS, 0) != 0 || atexit(guard) != 0)
		return EXIT_FAILURE;
	runner = getpid();
	r = srunner_create(NULL);
	for (; *suites != NULL; suites++)
		srunner_add_suite(r, (*suites)());
	status = run(r);
	srunner_free(r);
	in_test = false;
	runner = 0;
	return status;
}
