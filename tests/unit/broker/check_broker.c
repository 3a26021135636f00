/*
 * The unit tests of src/broker. To add a suite, add a line here and in the
 * header.
 */
#include "unit/broker/check_broker.h"

int
main(void)
{
	static unit_suite *const suites[] = {
		form_suite,
		inbox_suite,
		outq_suite,
		stream_suite,
		trust_suite,
		NULL,
	};

	return unit_main(suites);
}
