/* The suites of src/gate, one for each source file that has no socket. */
#ifndef UNIT_GATE_CHECK_GATE_H
#define UNIT_GATE_CHECK_GATE_H

#include "lib/unit.h"

Suite *roll_suite(void);
Suite *trunkline_suite(void);

/* The number of elements of a table, for tcase_add_loop_test(). */
#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

#endif
