#include "base/span.h"
#include "unit/base/check_base.h"

START_TEST(of_takes_all_but_the_nul)
{
	struct span s = span_of("PRIVMSG");

	ck_assert_uint_eq(s.n, 7);
	ck_assert(span_eq(s, SPAN("PRIVMSG")));
	ck_assert_uint_eq(span_of("").n, 0);
	ck_assert_uint_eq(span_of(NULL).n, 0);
}
END_TEST

START_TEST(eq_compares_length_and_bytes)
{
	ck_assert(!span_eq(SPAN("abc"), SPAN("abd")));
	ck_assert(!span_eq(SPAN("abc"), SPAN("ab")));
	ck_assert(span_eq(SPAN("a\0b"), SPAN("a\0b")));
	ck_assert(!span_eq(SPAN("a\0b"), SPAN("a\0c")));
	ck_assert(span_eq((struct span){ NULL, 0 }, SPAN("")));
}
END_TEST

Suite *
span_suite(void)
{
	Suite *s = suite_create("base/span");
	TCase *t = tcase_create("span");

	tcase_add_test(t, of_takes_all_but_the_nul);
	tcase_add_test(t, eq_compares_length_and_bytes);
	suite_add_tcase(s, t);
	return s;
}
