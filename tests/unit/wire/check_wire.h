/* The suites of src/wire, one for each source file. */
#ifndef UNIT_WIRE_CHECK_WIRE_H
#define UNIT_WIRE_CHECK_WIRE_H

#include "lib/unit.h"

Suite *addr_suite(void);
Suite *proxy_suite(void);
Suite *casemap_suite(void);
Suite *frame_suite(void);
Suite *glob_index_suite(void);
Suite *isotime_suite(void);
Suite *mask_suite(void);
Suite *msg_suite(void);
Suite *name_suite(void);
Suite *numeric_suite(void);
Suite *tags_suite(void);
Suite *pace_suite(void);
Suite *tally_suite(void);
Suite *upgrade_suite(void);
Suite *utf8_suite(void);

/* The number of elements of a table, for tcase_add_loop_test(). */
#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

#endif
