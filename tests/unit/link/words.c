/* link/words.h: strict parsing of the words of link lines. */
#include "link/words.h"

#include "unit/link/check_link.h"

START_TEST(words_until_the_text)
{
	struct span rest = SPAN("  001   17 :some text "), s;
	struct sid sid;
	uint64_t n;

	ck_assert(word_sid(&rest, &sid));
	ck_assert_str_eq(sid.s, "001");
	ck_assert(word_num(&rest, &n));
	ck_assert_uint_eq(n, 17);
	ck_assert(!word_next(&rest, &s));
	ck_assert(!word_none(rest));
	ck_assert(word_text(&rest, &s));
	ck_assert(span_eq(s, SPAN("some text ")));
	ck_assert(word_none(rest));
	ck_assert(!word_text(&rest, &s));
}
END_TEST

START_TEST(numbers_have_one_spelling)
{
	uint64_t n = 5;

	ck_assert(num_parse(SPAN("0"), &n) && n == 0);
	ck_assert(num_parse(SPAN("18446744073709551615"), &n) &&
		  n == UINT64_MAX);
	ck_assert(!num_parse(SPAN("18446744073709551616"), &n));
	ck_assert(!num_parse(SPAN("01"), &n));
	ck_assert(!num_parse(SPAN("-1"), &n));
	ck_assert(!num_parse(SPAN("1x"), &n));
	ck_assert(!num_parse(SPAN(""), &n));
}
END_TEST

START_TEST(dots_have_bounds)
{
	struct dot d;

	ck_assert(dot_parse(SPAN("001.17.281474976710655.65535"), &d));
	ck_assert(d.n == DOT_N_MAX && d.part == DOT_PART_MAX);
	ck_assert(!dot_parse(SPAN("001.17.281474976710656.0"), &d));
	ck_assert(!dot_parse(SPAN("001.17.1.65536"), &d));
	ck_assert(!dot_parse(SPAN("001.17.0.1"), &d));
}
END_TEST

START_TEST(vector_there_and_back)
{
	struct vector x = { 0 };
	char buf[100];
	struct writer w;

	ck_assert(vector_parse(SPAN("002.9=1 001.17=5"), 10, &x));
	writer_init(&w, buf, sizeof(buf));
	for (size_t i = 0; i < x.n; i++) {
		writer_char(&w, ' ');
		write_vector_item(&w, &x.v[i]);
	}
	ck_assert(span_eq(writer_done(&w), SPAN(" 001.17=5 002.9=1")));
	vector_fini(&x);
}
END_TEST

START_TEST(vector_refuses)
{
	static const char *const bad[] = { "x", "001.1", "001.1=", "001=1",
		"001.1=1=1", "001.1=-1", "001.1=01", "*", ":001.1=1",
		"001.1=1 :x" };
	struct vector x = { 0 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!vector_parse(span_of(bad[i]), 10, &x),
		    "taken: %s", bad[i]);
	vector_clear(&x);
	ck_assert(vector_parse(SPAN("001.1=1 001.2=1"), 2, &x));
	ck_assert(!vector_parse(SPAN("001.3=1"), 2, &x));
	vector_fini(&x);
}
END_TEST

Suite *
words_suite(void)
{
	Suite *s = suite_create("words");
	TCase *t = unit_case("words");

	tcase_add_test(t, words_until_the_text);
	tcase_add_test(t, numbers_have_one_spelling);
	tcase_add_test(t, dots_have_bounds);
	tcase_add_test(t, vector_there_and_back);
	tcase_add_test(t, vector_refuses);
	suite_add_tcase(s, t);
	return s;
}
