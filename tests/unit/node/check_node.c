/*
 * The unit tests of src/node. To add a suite, add a line here and in the
 * header.
 */
#include "unit/node/check_node.h"

int
main(void)
{
	static unit_suite *const suites[] = {
		ahead_suite,
		bounds_suite,
		carried_suite,
		census_suite,
		collide_suite,
		control_suite,
		copy_suite,
		deliver_suite,
		early_suite,
		ends_suite,
		expiry_suite,
		forged_suite,
		forget_suite,
		forks_suite,
		grace_suite,
		handover_suite,
		histories_suite,
		lies_suite,
		large_suite,
		limits_suite,
		newcomer_suite,
		pack_suite,
		pair_suite,
		pause_suite,
		peer_suite,
		rules_suite,
		shown_time_suite,
		skip_suite,
		slices_suite,
		snapshot_suite,
		tenure_suite,
		uid_twice_suite,
		NULL,
	};

	return unit_main(suites);
}
