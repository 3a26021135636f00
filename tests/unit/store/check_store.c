/*
 * The unit tests of src/store, with real SQLite files. To add a suite, add a
 * line here and in the header.
 */
#include "unit/store/check_store.h"

int
main(void)
{
	static unit_suite *const suites[] = {
		queue_suite,
		store_suite,
		NULL,
	};

	return unit_main(suites);
}
