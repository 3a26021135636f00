#include "wire/casemap.h"

#include "unit/wire/check_wire.h"

START_TEST(only_a_to_z_change)
{
	for (int c = 0; c < 256; c++) {
		int want = c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
		char in = (char)c, out;

		ck_assert(span_eq(casemap_fold(span_make(&in, 1), &out),
		    span_make(&out, 1)));
		ck_assert_int_eq((unsigned char)out, want);
	}
}
END_TEST

START_TEST(eq_is_of_the_folded)
{
	ck_assert(casemap_eq(SPAN("NiCk[]"), SPAN("nIcK[]")));
	ck_assert(!casemap_eq(SPAN("nick["), SPAN("nick{")));
	ck_assert(!casemap_eq(SPAN("nick"), SPAN("nic")));
	ck_assert(!casemap_eq(SPAN("nic"), SPAN("nick")));
	ck_assert(casemap_eq(SPAN(""), SPAN_NONE));
	/* '_' lies between the upper-case and the lower-case letters. */
	ck_assert(!casemap_eq(SPAN("A"), SPAN("_")));
}
END_TEST

Suite *
casemap_suite(void)
{
	Suite *s = suite_create("wire/casemap");
	TCase *t = unit_case("casemap");

	tcase_add_test(t, only_a_to_z_change);
	tcase_add_test(t, eq_is_of_the_folded);
	suite_add_tcase(s, t);
	return s;
}
