/*
 * duration.h - how long a thing lasts, as an operator types it: numbers with
 * units, such as 90s, 15m, 2h, 1d, 1w, 1y or 1d12h. A bare number is minutes,
 * as on Solanum.
 */
#ifndef WIRE_DURATION_H
#define WIRE_DURATION_H

#include "base/span.h"

#define DURATION_MAX (UINT64_C(10) * 365 * 24 * 3600) /* seconds */

/* Parse a whole word. Return false, and leave *seconds alone, if it is no
 * duration or longer than DURATION_MAX. */
bool duration_parse(struct span s, uint64_t *seconds);

#endif
