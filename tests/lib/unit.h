/*
 * The frame of a unit test program. There is one program for each folder of
 * src, and one suite for each source file. The program's main() lists the
 * suites, and unit_main() runs them. The output is TAP if CK_TAP_LOG_FILE_NAME
 * asks for it, as `make check` does.
 */
#ifndef LIB_UNIT_H
#define LIB_UNIT_H

#include <check.h>

/* Make a suite. A NULL ends the list of suites for unit_main(). */
typedef Suite *unit_suite(void);

/*
 * Make a test case in which a call of exit() fails the test. Use it in place of
 * tcase_create().
 */
TCase *unit_case(const char *name);

/*
 * Run every suite and return the exit status. It is EXIT_FAILURE if a test
 * failed, or if there was no test.
 */
int unit_main(unit_suite *const *suites);

#ifndef LIB_UNIT_C
#pragma GCC poison tcase_create
#endif

#endif
