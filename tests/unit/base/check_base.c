/*
 * The unit tests of src/base. To add a suite, add a line here and in the
 * header.
 */
#include "unit/base/check_base.h"

int
main(void)
{
	static unit_suite *const suites[] = {
		arena_suite,
		ascii_suite,
		awake_suite,
		blocks_suite,
		invariant_suite,
		chains_suite,
		lines_suite,
		map_suite,
		mem_suite,
		mtime_suite,
		pool_suite,
		rcbuf_suite,
		rng_suite,
		keyed_suite,
		siphash_suite,
		span_suite,
		work_suite,
		writer_suite,
		zip_suite,
		NULL,
	};

	return unit_main(suites);
}
