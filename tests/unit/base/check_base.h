/* The suites of src/base, one for each source file. */
#ifndef UNIT_BASE_CHECK_BASE_H
#define UNIT_BASE_CHECK_BASE_H

#include "lib/unit.h"

Suite *arena_suite(void);
Suite *ascii_suite(void);
Suite *awake_suite(void);
Suite *blocks_suite(void);
Suite *invariant_suite(void);
Suite *chains_suite(void);
Suite *lines_suite(void);
Suite *map_suite(void);
Suite *mem_suite(void);
Suite *mtime_suite(void);
Suite *pool_suite(void);
Suite *rcbuf_suite(void);
Suite *rng_suite(void);
Suite *keyed_suite(void);
Suite *siphash_suite(void);
Suite *span_suite(void);
Suite *work_suite(void);
Suite *writer_suite(void);
Suite *zip_suite(void);

#endif
