#include "base/siphash.h"

#include "unit/base/check_base.h"

/* "SipHash: a fast short-input PRF", appendix A, and its reference vectors */
START_TEST(test_vectors_of_the_paper)
{
	static const unsigned char key[SIPHASH_KEY] = { 0, 1, 2, 3, 4, 5, 6, 7,
		8, 9, 10, 11, 12, 13, 14, 15 };

	ck_assert_uint_eq(siphash(key, span_make(key, 15)),
	    UINT64_C(0xa129ca6149be45e5));
	ck_assert_uint_eq(siphash(key, SPAN_NONE),
	    UINT64_C(0x726fdb47dd0e0e31));
}
END_TEST

Suite *
siphash_suite(void)
{
	Suite *s = suite_create("base/siphash");
	TCase *t = unit_case("siphash");

	tcase_add_test(t, test_vectors_of_the_paper);
	suite_add_tcase(s, t);
	return s;
}
