/*
 * The unit tests of src/wire. To add a suite, add a line here and in the
 * header.
 */
#include "unit/wire/check_wire.h"

int
main(void)
{
	static unit_suite *const suites[] = {
		addr_suite,
		proxy_suite,
		casemap_suite,
		frame_suite,
		glob_index_suite,
		isotime_suite,
		mask_suite,
		msg_suite,
		name_suite,
		numeric_suite,
		pace_suite,
		tags_suite,
		tally_suite,
		upgrade_suite,
		utf8_suite,
		NULL,
	};

	return unit_main(suites);
}
