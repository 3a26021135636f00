/* link/peers/linkcap.h: the words of caps. */
#include "link/peers/linkcap.h"

#include "unit/link/check_link.h"

START_TEST(words_and_values)
{
	struct linkcaps caps;

	linkcaps_parse(SPAN("future network=A=b  clock=17 more=1"), &caps);
	ck_assert_uint_eq(caps.set, LINKCAPB(CLOCK) | LINKCAPB(NETWORK));
	ck_assert(span_eq(caps.value[LINKCAP_NETWORK], SPAN("A=b")));
	ck_assert(span_eq(caps.value[LINKCAP_CLOCK], SPAN("17")));
	linkcaps_parse(SPAN(""), &caps);
	ck_assert_uint_eq(caps.set, 0);
}
END_TEST

START_TEST(whole_names_only)
{
	struct linkcaps caps;

	linkcaps_parse(SPAN("clocks=1 cloc=2 xnetwork=b =c ="), &caps);
	ck_assert_uint_eq(caps.set, 0);
}
END_TEST

START_TEST(first_of_a_name_counts)
{
	struct linkcaps caps;

	linkcaps_parse(SPAN("clock=1 clock=2"), &caps);
	ck_assert(span_eq(caps.value[LINKCAP_CLOCK], SPAN("1")));
}
END_TEST

Suite *
linkcap_suite(void)
{
	Suite *s = suite_create("linkcap");
	TCase *t = unit_case("linkcap");

	tcase_add_test(t, words_and_values);
	tcase_add_test(t, whole_names_only);
	tcase_add_test(t, first_of_a_name_counts);
	suite_add_tcase(s, t);
	return s;
}
