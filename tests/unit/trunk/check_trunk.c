/*
 * The unit tests of src/trunk. To add a suite, add a line here and in the
 * header.
 */
#include "unit/trunk/check_trunk.h"

int
main(void)
{
	static unit_suite *const suites[] = {
		ahead_suite,
		ends_suite,
		lists_suite,
		load_suite,
		opening_suite,
		peers_suite,
		place_suite,
		talk_suite,
		NULL,
	};

	return unit_main(suites);
}
