#include "wire/isotime.h"

#include "unit/wire/check_wire.h"

static const struct {
	struct span text;
	int64_t ms;
} pairs[] = {
	{ SPAN_INIT("1970-01-01T00:00:00.000Z"), 0 },
	/* the example of ircv3 server-time */
	{ SPAN_INIT("2011-10-19T16:40:51.620Z"), INT64_C(1319042451620) },
	{ SPAN_INIT("2000-02-29T12:00:00.000Z"), INT64_C(951825600000) },
	{ SPAN_INIT("2000-03-01T00:00:00.000Z"), INT64_C(951868800000) },
	{ SPAN_INIT("1969-12-31T23:59:59.999Z"), -1 },
	{ SPAN_INIT("2100-02-28T23:59:59.999Z"), INT64_C(4107542399999) },
	{ SPAN_INIT("2100-03-01T00:00:00.000Z"), INT64_C(4107542400000) },
	{ SPAN_INIT("0000-01-01T00:00:00.000Z"), INT64_C(-62167219200000) },
	{ SPAN_INIT("9999-12-31T23:59:59.999Z"), INT64_C(253402300799999) },
};

START_TEST(both_ways)
{
	char buf[ISOTIME_TEXT];
	struct writer w;
	struct wall t;

	writer_init(&w, buf, sizeof(buf));
	isotime_build(&w, (struct wall){ pairs[_i].ms });
	ck_assert(!w.over);
	ck_assert(span_eq(writer_done(&w), pairs[_i].text));
	ck_assert(isotime_parse(pairs[_i].text, &t));
	ck_assert_int_eq(t.ms, pairs[_i].ms);
}
END_TEST

START_TEST(every_day_of_800_years)
{
	const int64_t day = INT64_C(24) * 60 * 60 * 1000;

	for (int64_t d = -146097; d < 146097; d++) {
		char buf[ISOTIME_TEXT];
		struct writer w;
		struct wall t;

		writer_init(&w, buf, sizeof(buf));
		isotime_build(&w, (struct wall){ d * day + 1 });
		ck_assert(isotime_parse(writer_done(&w), &t));
		ck_assert_int_eq(t.ms, d * day + 1);
	}
}
END_TEST

START_TEST(outside_is_refused)
{
	static const int64_t out[] = { INT64_C(-62167219200001),
		INT64_C(253402300800000), INT64_MIN, INT64_MAX };

	for (size_t i = 0; i < sizeof(out) / sizeof(out[0]); i++) {
		char buf[64];
		struct writer w;

		writer_init(&w, buf, sizeof(buf));
		isotime_build(&w, (struct wall){ out[i] });
		ck_assert(w.over);
	}
}
END_TEST

static const struct span bad[] = {
	SPAN_INIT(""),
	SPAN_INIT("2011-10-19T16:40:51.620"),
	SPAN_INIT("2011-10-19T16:40:51.62Z"),
	SPAN_INIT("2011-10-19T16:40:51.6200Z"),
	SPAN_INIT("2011-10-19 16:40:51.620Z"),
	SPAN_INIT("2011-10-19T16:40:51.620z"),
	SPAN_INIT("2011-13-19T16:40:51.620Z"),
	SPAN_INIT("2011-00-19T16:40:51.620Z"),
	SPAN_INIT("2011-10-00T16:40:51.620Z"),
	SPAN_INIT("2011-10-32T16:40:51.620Z"),
	SPAN_INIT("2011-02-29T16:40:51.620Z"),
	SPAN_INIT("1900-02-29T16:40:51.620Z"),
	SPAN_INIT("2011-10-19T24:00:00.000Z"),
	SPAN_INIT("2011-10-19T16:60:51.620Z"),
	SPAN_INIT("2011-10-19T16:40:61.620Z"),
	SPAN_INIT("2011-10-19T16:40:5-.620Z"),
	SPAN_INIT("+011-10-19T16:40:51.620Z"),
};

START_TEST(anything_else_is_refused)
{
	struct wall t = { 42 };

	ck_assert(!isotime_parse(bad[_i], &t));
	ck_assert_int_eq(t.ms, 42);
}
END_TEST

START_TEST(leap_second_is_the_next_one)
{
	struct wall leap, next;

	ck_assert(isotime_parse(SPAN("2016-12-31T23:59:60.500Z"), &leap));
	ck_assert(isotime_parse(SPAN("2017-01-01T00:00:00.500Z"), &next));
	ck_assert_int_eq(leap.ms, next.ms);
}
END_TEST

Suite *
isotime_suite(void)
{
	Suite *s = suite_create("wire/isotime");
	TCase *t = tcase_create("isotime");

	tcase_add_loop_test(t, both_ways, 0, ROWS(pairs));
	tcase_add_test(t, every_day_of_800_years);
	tcase_add_test(t, outside_is_refused);
	tcase_add_loop_test(t, anything_else_is_refused, 0, ROWS(bad));
	tcase_add_test(t, leap_second_is_the_next_one);
	suite_add_tcase(s, t);
	return s;
}
