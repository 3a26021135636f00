/*
 * The unit tests of src/gate. To add a suite, add a line here and in the
 * header.
 */
#include "unit/gate/check_gate.h"

int
main(void)
{
	static unit_suite *const suites[] = {
		roll_suite,
		trunkline_suite,
		NULL,
	};

	return unit_main(suites);
}
