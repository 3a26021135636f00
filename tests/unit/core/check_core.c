/*
 * The unit tests of src/core. To add a suite, add a line here and in the
 * header.
 */
#include "unit/core/check_core.h"

int
main(void)
{
	static unit_suite *const suites[] = {
		audience_suite,
		asked_suite,
		bans_suite,
		cap_suite,
		channel_suite,
		client_suite,
		cname_suite,
		dot_set_suite,
		entrances_suite,
		extban_suite,
		flood_suite,
		founding_suite,
		memory_suite,
		moving_suite,
		settle_suite,
		held_suite,
		hostname_suite,
		lookups_suite,
		judge_suite,
		lag_suite,
		postpone_lists_suite,
		postpone_statuses_suite,
		listing_suite,
		many_suite,
		sizes_suite,
		part_suite,
		modules_suite,
		ranks_suite,
		register_suite,
		registration_suite,
		remember_suite,
		request_suite,
		row_change_suite,
		row_slices_suite,
		rows_suite,
		sessions_suite,
		log_rows_suite,
		sight_suite,
		show_suite,
		unknown_suite,
		unseen_suite,
		vector_suite,
		welcome_suite,
		who_suite,
		whowas_suite,
		NULL,
	};

	return unit_main(suites);
}
