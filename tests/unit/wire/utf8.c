#include "wire/utf8.h"

#include "unit/wire/check_wire.h"

static const struct {
	struct span s;
	bool valid;
} rows[] = {
	{ SPAN_INIT(""), true },
	{ SPAN_INIT("ascii\0\x7f"), true },
	{ SPAN_INIT("\xc2\x80 \xdf\xbf"), true },
	{ SPAN_INIT("\xe0\xa0\x80 \xef\xbf\xbf"), true },
	{ SPAN_INIT("\xed\x9f\xbf \xee\x80\x80"), true },
	{ SPAN_INIT("\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf"), true },
	{ SPAN_INIT("\x80"), false },
	{ SPAN_INIT("\xbf"), false },
	{ SPAN_INIT("\xc0\x80"), false }, /* overlong */
	{ SPAN_INIT("\xc1\xbf"), false },
	{ SPAN_INIT("\xe0\x9f\xbf"), false },
	{ SPAN_INIT("\xf0\x8f\xbf\xbf"), false },
	{ SPAN_INIT("\xed\xa0\x80"), false }, /* surrogate */
	{ SPAN_INIT("\xed\xbf\xbf"), false },
	{ SPAN_INIT("\xf4\x90\x80\x80"), false }, /* U+110000 */
	{ SPAN_INIT("\xf5\x80\x80\x80"), false },
	{ SPAN_INIT("\xff"), false },
	{ SPAN_INIT("a\xc3"), false }, /* ends too early */
	{ SPAN_INIT("\xe2\x82"), false },
	{ SPAN_INIT("\xf0\x9f\x98"), false },
	{ SPAN_INIT("\xc3"
		    "a"),
	    false },
	{ SPAN_INIT("\xe2\x82"
		    "a"),
	    false },
	{ SPAN_INIT("\xf0\x9f\x98"
		    "a"),
	    false },
};

START_TEST(valid_as_in_rfc_3629)
{
	ck_assert_int_eq(utf8_valid(rows[_i].s), rows[_i].valid);
}
END_TEST

START_TEST(valid_wherever_it_stands)
{
	char text[64];
	size_t n = rows[_i].s.n;

	memset(text, 'x', sizeof(text));
	for (size_t at = 0; at < 10; at++) {
		for (size_t rest = 0; rest < 10; rest++) {
			memcpy(text + at, rows[_i].s.p, n);
			ck_assert_int_eq(utf8_valid(span_make(text,
					     at + n + rest)),
			    rows[_i].valid);
		}
		text[at] = 'x';
	}
}
END_TEST

START_TEST(cut_keeps_characters_whole)
{
	/*
	 * characters of 1, 2, 3 and 4 bytes, with boundaries at 0 1 3 6 10 11
	 */
	struct span s = SPAN("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z");
	static const size_t want[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11,
		11 };

	for (size_t max = 0; max < sizeof(want) / sizeof(want[0]); max++)
		ck_assert_uint_eq(utf8_cut(s, max).n, want[max]);
}
END_TEST

START_TEST(cut_of_other_bytes_is_at_max)
{
	struct span latin = SPAN("\xe9\xe9\xe9\xe9\xe9\xe9");
	struct span tails = SPAN("\x80\x80\x80\x80\x80\x80");

	for (size_t max = 0; max <= 6; max++) {
		ck_assert_uint_eq(utf8_cut(latin, max).n, max);
		ck_assert_uint_eq(utf8_cut(tails, max).n, max);
	}
}
END_TEST

/* Texts of strangers reach terminals. */
START_TEST(visible_hides_what_terminals_obey)
{
	char buf[64];
	struct writer w;

	writer_init(&w, buf, sizeof(buf));
	utf8_write_visible(&w,
	    SPAN("a\x1b\x7f\xc2\x9b\xc2\xa0"
		 "b\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xae\xe2\x80\xaf"
		 "c\xe2\x81\xa6\xe2\x81\xa9\xe2\x81\xaa"));
	ck_assert(span_eq(writer_done(&w), SPAN("a???\xc2\xa0"
						"b\xe2\x80\xa7??\xe2\x80\xaf"
						"c??\xe2\x81\xaa")));
}
END_TEST

START_TEST(each_byte_of_no_character_is_mended)
{
	static const struct {
		struct span from, to;
	} cases[] = {
		{ SPAN_INIT(""), SPAN_INIT("") },
		{ SPAN_INIT("a\xc3\xa9"), SPAN_INIT("a\xc3\xa9") },
		{ SPAN_INIT("\xff"), SPAN_INIT("\xef\xbf\xbd") },
		/* cut characters of three and four bytes */
		{ SPAN_INIT("\xe2\x82"),
		    SPAN_INIT("\xef\xbf\xbd\xef\xbf\xbd") },
		{ SPAN_INIT("\xf0\x9f\x8c"
			    "b"),
		    SPAN_INIT("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
			      "b") },
		/* a surrogate */
		{ SPAN_INIT("\xed\xa0\x80"),
		    SPAN_INIT("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd") },
	};
	char buf[64];
	struct writer w;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		writer_init(&w, buf, cases[i].from.n * UTF8_MENDED);
		utf8_write_mended(&w, cases[i].from);
		ck_assert(!w.over);
		ck_assert(span_eq(writer_done(&w), cases[i].to));
		ck_assert(utf8_valid(writer_done(&w)));
	}
}
END_TEST

Suite *
utf8_suite(void)
{
	Suite *s = suite_create("wire/utf8");
	TCase *t = unit_case("utf8");

	tcase_add_loop_test(t, valid_as_in_rfc_3629, 0, ROWS(rows));
	tcase_add_loop_test(t, valid_wherever_it_stands, 0, ROWS(rows));
	tcase_add_test(t, cut_keeps_characters_whole);
	tcase_add_test(t, cut_of_other_bytes_is_at_max);
	tcase_add_test(t, visible_hides_what_terminals_obey);
	tcase_add_test(t, each_byte_of_no_character_is_mended);
	suite_add_tcase(s, t);
	return s;
}
