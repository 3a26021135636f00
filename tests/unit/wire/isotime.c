#include "wire/isotime.h"

#include <string.h>
#include <time.h>

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

START_TEST(known_times)
{
	char buf[ISOTIME_TEXT];
	struct writer w;

	writer_init(&w, buf, sizeof(buf));
	isotime_build(&w, (struct wall){ pairs[_i].ms });
	ck_assert(!w.over);
	ck_assert(span_eq(writer_done(&w), pairs[_i].text));
}
END_TEST

START_TEST(every_day_of_800_years_as_libc_has_it)
{
	const int64_t day = INT64_C(24) * 60 * 60;

	for (int64_t d = -146097; d < 146097; d++) {
		time_t s = (time_t)(d * day + 86399);
		char buf[ISOTIME_TEXT], want[ISOTIME_TEXT + 1];
		struct writer w;
		struct tm tm;

		ck_assert_uint_eq(strftime(want, sizeof(want),
				      "%Y-%m-%dT%H:%M:%S.001Z",
				      gmtime_r(&s, &tm)),
		    ISOTIME_TEXT);
		writer_init(&w, buf, sizeof(buf));
		isotime_build(&w, (struct wall){ s * 1000 + 1 });
		ck_assert(span_eq(writer_done(&w), span_make(want, w.n)));
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

Suite *
isotime_suite(void)
{
	Suite *s = suite_create("wire/isotime");
	TCase *t = unit_case("isotime");

	tcase_add_loop_test(t, known_times, 0, ROWS(pairs));
	tcase_add_test(t, every_day_of_800_years_as_libc_has_it);
	tcase_add_test(t, outside_is_refused);
	suite_add_tcase(s, t);
	return s;
}
