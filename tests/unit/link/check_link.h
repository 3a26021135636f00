/* The suites of src/link that need no node, and helpers that they share. */
#ifndef UNIT_LINK_CHECK_LINK_H
#define UNIT_LINK_CHECK_LINK_H

#include "core/types/ids.h"
#include "lib/unit.h"

unit_suite linkcap_suite;
unit_suite log_suite;
unit_suite netmap_suite;
unit_suite words_suite;

/* Parse an origin, such as "001.1". */
struct origin origin_of(const char *word);
struct sid sid_of(const char *word);

#endif
