/*
 * The unit tests of src/daemon. Most of that folder is tested by the real
 * program (tests/e2e, tests/net); here is what these cannot reach. To add a
 * suite, add a line here and in the header.
 */
#include "unit/daemon/check_daemon.h"

int
main(void)
{
	static unit_suite *const suites[] = {
		dialling_suite,
		kept_suite,
		slot_suite,
		worker_suite,
		NULL,
	};

	return unit_main(suites);
}
