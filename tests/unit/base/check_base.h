/* The suites of src/base, one per source file. */
#ifndef UNIT_BASE_CHECK_BASE_H
#define UNIT_BASE_CHECK_BASE_H

#include "lib/unit.h"

Suite *span_suite(void);

#endif
