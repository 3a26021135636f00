#include "base/writer.h"

#include <string.h>

#include "unit/base/check_base.h"

#define ASSERT_TEXT(w, text) ck_assert(span_eq(writer_done(w), SPAN(text)))

START_TEST(pieces_in_order)
{
	struct writer w;
	char buf[64];

	writer_init(&w, buf, sizeof(buf));
	writer_str(&w, "ab");
	writer_char(&w, ':');
	writer_span(&w, SPAN("c\0d"));
	writer_span(&w, SPAN_NONE);
	writer_u64(&w, 0);
	ck_assert(!w.over);
	ASSERT_TEXT(&w, "ab:c\0d0");
}
END_TEST

START_TEST(numbers)
{
	struct writer w;
	char buf[128];

	writer_init(&w, buf, sizeof(buf));
	writer_u64(&w, UINT64_MAX);
	writer_char(&w, ' ');
	writer_i64(&w, INT64_MIN);
	writer_char(&w, ' ');
	writer_i64(&w, INT64_MAX);
	writer_char(&w, ' ');
	writer_pad(&w, 7, 3);
	writer_pad(&w, 1234, 3);
	writer_char(&w, ' ');
	writer_pad(&w, 1, 20);
	ASSERT_TEXT(&w, "18446744073709551615 -9223372036854775808 "
			"9223372036854775807 0071234 00000000000000000001");
}
END_TEST

START_TEST(hex)
{
	struct writer w;
	char buf[64];

	writer_init(&w, buf, sizeof(buf));
	writer_hex(&w, SPAN("\x00\x9a\xff"));
	ASSERT_TEXT(&w, "009aff");
}
END_TEST

START_TEST(json)
{
	char buf[WRITER_JSON_BYTES(10)];
	struct writer w;

	writer_init(&w, buf, sizeof(buf));
	writer_json(&w, SPAN("a\"\\\n\x7e\xc3\xa9"));
	ASSERT_TEXT(&w, "\"a\\\"\\\\\\u000a\x7e\xc3\xa9\"");
	/* the most that ten bytes can take */
	writer_init(&w, buf, sizeof(buf));
	writer_json(&w, SPAN("\0\1\2\3\4\5\6\7\10\37"));
	ck_assert(!w.over);
	ck_assert_uint_eq(writer_done(&w).n, sizeof(buf));
	writer_init(&w, buf, sizeof(buf));
	writer_json(&w, SPAN("\xc2\x9b"
			     "31m\xc2\x80\xc2\x9f\xc2\xa0"));
	ck_assert(span_eq(writer_done(&w),
	    SPAN("\"\\u009b31m\\u0080\\u009f\xc2\xa0\"")));
}
END_TEST

/* Write s in JSON, and return what is between the quotes. */
static struct span
in_json(struct span s)
{
	static char buf[WRITER_JSON_BYTES(32)];
	struct writer w;

	writer_init(&w, buf, sizeof(buf));
	writer_json(&w, s);
	ck_assert(!w.over);
	return span_make(buf + 1, writer_done(&w).n - 2);
}

/* Logs are read in terminals, which obey DEL, C1, and the characters that break
 * lines or turn the direction of writing. */
START_TEST(json_hides_what_terminals_obey)
{
	static const struct {
		struct span raw, escaped;
	} row[] = {
		{ SPAN_INIT("\x7f"), SPAN_INIT("\\u007f") },
		{ SPAN_INIT("\xc2\x80"), SPAN_INIT("\\u0080") },
		{ SPAN_INIT("\xe2\x80\xa8"), SPAN_INIT("\\u2028") },
		{ SPAN_INIT("\xe2\x80\xae"), SPAN_INIT("\\u202e") },
		{ SPAN_INIT("\xe2\x81\xa6"), SPAN_INIT("\\u2066") },
		{ SPAN_INIT("\xe2\x81\xa9"), SPAN_INIT("\\u2069") },
		/* those beside them are told as they are */
		{ SPAN_INIT("\xc2\xa0"), SPAN_INIT("\xc2\xa0") },
		{ SPAN_INIT("\xe2\x80\xa7"), SPAN_INIT("\xe2\x80\xa7") },
		{ SPAN_INIT("\xe2\x80\xaf"), SPAN_INIT("\xe2\x80\xaf") },
		{ SPAN_INIT("\xe2\x81\xa5"), SPAN_INIT("\xe2\x81\xa5") },
		{ SPAN_INIT("\xe2\x81\xaa"), SPAN_INIT("\xe2\x81\xaa") },
		/* the end is cut off */
		{ SPAN_INIT("\xe2\x80"), SPAN_INIT("\xe2\x80") },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		ck_assert_msg(span_eq(in_json(row[i].raw), row[i].escaped),
		    "row %zu: %.*s", i, SPAN_ARG(in_json(row[i].raw)));
}
END_TEST

START_TEST(exactly_full_is_not_over)
{
	struct writer w;
	char buf[5];

	writer_init(&w, buf, 4);
	buf[4] = 'X';
	writer_str(&w, "abc");
	writer_char(&w, 'd');
	ck_assert(!w.over);
	writer_span(&w, SPAN(""));
	ck_assert(!w.over);
	writer_char(&w, 'e');
	ck_assert(w.over);
	ASSERT_TEXT(&w, "abcd");
	ck_assert_int_eq(buf[4], 'X');
}
END_TEST

START_TEST(overflow_is_sticky_and_whole)
{
	struct writer w;
	char buf[4];

	writer_init(&w, buf, sizeof(buf));
	writer_str(&w, "abc");
	writer_i64(&w, -5);
	ck_assert(w.over);
	ASSERT_TEXT(&w, "abc");
	writer_char(&w, 'd');
	writer_hex(&w, SPAN(""));
	ASSERT_TEXT(&w, "abc");
	ck_assert_ptr_null(writer_room(&w, 1));
}
END_TEST

START_TEST(fail_is_overflow)
{
	struct writer w;
	char buf[4];

	writer_init(&w, buf, sizeof(buf));
	writer_char(&w, 'a');
	writer_fail(&w);
	writer_char(&w, 'b');
	ck_assert(w.over);
	ASSERT_TEXT(&w, "a");
}
END_TEST

START_TEST(arena_grows_up_to_max)
{
	struct arena *a = arena_new(64);
	struct writer w;

	writer_init_arena(&w, a, 3000);
	for (int i = 0; i < 3000; i++)
		writer_char(&w, (char)('a' + i % 26));
	ck_assert(!w.over);
	writer_char(&w, 'x');
	ck_assert(w.over);
	ck_assert_uint_eq(writer_done(&w).n, 3000);
	for (int i = 0; i < 3000; i++)
		ck_assert_int_eq(w.p[i], 'a' + i % 26);
	arena_free(a);
}
END_TEST

START_TEST(arena_takes_one_large_piece)
{
	struct arena *a = arena_new(64);
	struct writer w;
	char *room;

	writer_init_arena(&w, a, 100000);
	writer_str(&w, "ab");
	room = writer_room(&w, 99998);
	ck_assert_ptr_nonnull(room);
	memset(room, 'z', 99998);
	ck_assert_ptr_null(writer_room(&w, 1));
	ck_assert(span_eq(span_head(writer_done(&w), 3), SPAN("abz")));
	arena_free(a);
}
END_TEST

START_TEST(small_max_in_an_arena)
{
	struct arena *a = arena_new(64);
	struct writer w;

	writer_init_arena(&w, a, 3);
	writer_str(&w, "abc");
	ck_assert(!w.over);
	writer_char(&w, 'd');
	ck_assert(w.over);
	ASSERT_TEXT(&w, "abc");
	arena_free(a);
}
END_TEST

START_TEST(room_from_the_beginning)
{
	struct arena *a = arena_new(64);
	struct writer w;
	size_t before;

	writer_init_room(&w, a, 3, 6);
	before = arena_taken(a);
	writer_str(&w, "abc");
	ck_assert_uint_eq(arena_taken(a), before);
	writer_str(&w, "def");
	ASSERT_TEXT(&w, "abcdef");
	ck_assert_uint_gt(arena_taken(a), before);
	writer_char(&w, 'g');
	ck_assert(w.over);
	ASSERT_TEXT(&w, "abcdef");
	arena_free(a);
}
END_TEST

Suite *
writer_suite(void)
{
	Suite *s = suite_create("base/writer");
	TCase *t = unit_case("writer");

	tcase_add_test(t, pieces_in_order);
	tcase_add_test(t, numbers);
	tcase_add_test(t, hex);
	tcase_add_test(t, json);
	tcase_add_test(t, json_hides_what_terminals_obey);
	tcase_add_test(t, exactly_full_is_not_over);
	tcase_add_test(t, overflow_is_sticky_and_whole);
	tcase_add_test(t, fail_is_overflow);
	tcase_add_test(t, arena_grows_up_to_max);
	tcase_add_test(t, arena_takes_one_large_piece);
	tcase_add_test(t, small_max_in_an_arena);
	tcase_add_test(t, room_from_the_beginning);
	suite_add_tcase(s, t);
	return s;
}
