/*
 * Runs the suites of one program. Check forks for each test, so a test that
 * crashes or hangs costs itself only; CK_FORK=no keeps it in one process for a
 * debugger.
 *
 * Check's own limit of four seconds tells a hanging test from a quick one on an
 * idle machine only: under the sanitizers, beside other builds, a sound test
 * takes longer.
 */
#include "lib/unit.h"

#include <stdlib.h>

#define SECONDS "120"

int
unit_main(unit_suite *const *suites)
{
	SRunner *runner;
	int failed;

	/* before the suites are made: each test case takes it then */
	if (setenv("CK_DEFAULT_TIMEOUT", SECONDS, 0) != 0)
		return EXIT_FAILURE;
	runner = srunner_create(NULL);
	for (; *suites != NULL; suites++)
		srunner_add_suite(runner, (*suites)());
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
