/*
 * The unit tests of src/link. To add a suite, add a line here and in the
 * header.
 */
#include "unit/link/check_link.h"

struct origin
origin_of(const char *word)
{
	struct origin o = { 0 };

	ck_assert(origin_parse(span_of(word), &o));
	return o;
}

struct sid
sid_of(const char *word)
{
	struct sid sid = { "" };

	ck_assert(sid_parse(span_of(word), &sid));
	return sid;
}

int
main(void)
{
	static unit_suite *const suites[] = {
		linkcap_suite,
		log_suite,
		netmap_suite,
		words_suite,
		NULL,
	};

	return unit_main(suites);
}
