/* The unit tests of src/base. A new suite is a line here and in the header. */
#include "unit/base/check_base.h"

int
main(void)
{
	static unit_suite *const suites[] = {
		span_suite,
		NULL,
	};

	return unit_main(suites);
}
