/* The suites of src/node: whole nodes, which world.h joins. */
#ifndef UNIT_NODE_CHECK_NODE_H
#define UNIT_NODE_CHECK_NODE_H

#include "lib/unit.h"

unit_suite ahead_suite;
unit_suite bounds_suite;
unit_suite carried_suite;
unit_suite census_suite;
unit_suite collide_suite;
unit_suite control_suite;
unit_suite copy_suite;
unit_suite deliver_suite;
unit_suite early_suite;
unit_suite ends_suite;
unit_suite expiry_suite;
unit_suite forged_suite;
unit_suite forget_suite;
unit_suite forks_suite;
unit_suite grace_suite;
unit_suite handover_suite;
unit_suite histories_suite;
unit_suite lies_suite;
unit_suite large_suite;
unit_suite limits_suite;
unit_suite newcomer_suite;
unit_suite pack_suite;
unit_suite pair_suite;
unit_suite pause_suite;
unit_suite peer_suite;
unit_suite rules_suite;
unit_suite shown_time_suite;
unit_suite skip_suite;
unit_suite slices_suite;
unit_suite snapshot_suite;
unit_suite tenure_suite;
unit_suite uid_twice_suite;

#endif
