/*
 * Runs the suites of one program. Check forks for each test, so a test that
 * crashes or hangs costs itself only; CK_FORK=no keeps it in one process for a
 * debugger.
 */
#include "lib/unit.h"

#include <stdlib.h>

int
unit_main(unit_suite *const *suites)
{
	SRunner *runner;
	int failed;

	runner = srunner_create(NULL);
	for (; *suites != NULL; suites++)
		srunner_add_suite(runner, (*suites)());
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
