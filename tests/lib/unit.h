/*
 * The frame of a unit test program. One program per folder of src, one suite
 * per source file: the program's main() lists the suites, unit_main() runs
 * them. Output is TAP when CK_TAP_LOG_FILE_NAME says so, as `make check` does.
 */
#ifndef LIB_UNIT_H
#define LIB_UNIT_H

#include <check.h>

/* Makes a suite; a NULL ends the list given to unit_main(). */
typedef Suite *unit_suite(void);

/* Runs every suite; returns the exit status. */
int unit_main(unit_suite *const *suites);

#endif
