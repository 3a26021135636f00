/* The suites of src/trunk. */
#ifndef UNIT_TRUNK_CHECK_TRUNK_H
#define UNIT_TRUNK_CHECK_TRUNK_H

#include "lib/unit.h"

unit_suite ahead_suite;
unit_suite ends_suite;
unit_suite lists_suite;
unit_suite load_suite;
unit_suite opening_suite;
unit_suite peers_suite;
unit_suite place_suite;
unit_suite talk_suite;

#endif
