#ifndef UNIT_CORE_CHECK_CORE_H
#define UNIT_CORE_CHECK_CORE_H

#include "lib/unit.h"

unit_suite unknown_suite;
unit_suite unseen_suite;

unit_suite asked_suite, bans_suite;

unit_suite held_suite;
unit_suite hostname_suite;
unit_suite lookups_suite;
unit_suite judge_suite;
unit_suite lag_suite;
unit_suite row_slices_suite;
unit_suite postpone_lists_suite;
unit_suite postpone_statuses_suite;

unit_suite audience_suite;

unit_suite cap_suite, channel_suite, client_suite, cname_suite, flood_suite,
    founding_suite, settle_suite, sizes_suite, listing_suite, many_suite,
    part_suite, modules_suite, ranks_suite, register_suite, registration_suite,
    remember_suite, request_suite, row_change_suite, rows_suite, sessions_suite,
    show_suite, log_rows_suite, sight_suite, vector_suite, welcome_suite,
    who_suite, whowas_suite;

unit_suite dot_set_suite;
unit_suite entrances_suite;
unit_suite extban_suite;
unit_suite memory_suite;
unit_suite moving_suite;

#endif
