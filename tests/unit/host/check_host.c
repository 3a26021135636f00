/*
 * The unit tests of src/host. The real programs test the rest of that folder
 * (tests/e2e). To add a suite, add a line here and in the header.
 */
#include "unit/host/check_host.h"

int
main(void)
{
	static unit_suite *const suites[] = {
		logbound_suite,
		logger_suite,
		NULL,
	};

	return unit_main(suites);
}
