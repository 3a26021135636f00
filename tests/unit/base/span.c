#include "base/span.h"

#include <stdlib.h>
#include <string.h>

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
	ck_assert(span_eq(SPAN_NONE, SPAN("")));
}
END_TEST

START_TEST(cmp_is_bytes_then_length)
{
	ck_assert_int_eq(span_cmp(SPAN("ab"), SPAN("ab")), 0);
	ck_assert_int_lt(span_cmp(SPAN("ab"), SPAN("abc")), 0);
	ck_assert_int_gt(span_cmp(SPAN("abc"), SPAN("ab")), 0);
	ck_assert_int_gt(span_cmp(SPAN("b"), SPAN("abc")), 0);
	ck_assert_int_gt(span_cmp(SPAN("\xff"), SPAN("a")), 0);
	ck_assert_int_lt(span_cmp(SPAN_NONE, SPAN("a")), 0);
	ck_assert_int_eq(span_cmp(SPAN_NONE, SPAN("")), 0);
}
END_TEST

START_TEST(starts_with_itself_and_nothing_longer)
{
	ck_assert(span_starts(SPAN("abc"), SPAN("")));
	ck_assert(span_starts(SPAN("abc"), SPAN("ab")));
	ck_assert(span_starts(SPAN("abc"), SPAN("abc")));
	ck_assert(!span_starts(SPAN("abc"), SPAN("abcd")));
	ck_assert(!span_starts(SPAN("abc"), SPAN("b")));
}
END_TEST

START_TEST(head_and_tail_stay_inside)
{
	struct span s = SPAN("abc");

	ck_assert(span_eq(span_head(s, 2), SPAN("ab")));
	ck_assert(span_eq(span_head(s, 3), s));
	ck_assert(span_eq(span_head(s, 4), s));
	ck_assert(span_eq(span_tail(s, 1), SPAN("bc")));
	ck_assert_uint_eq(span_tail(s, 3).n, 0);
	ck_assert_uint_eq(span_tail(s, SIZE_MAX).n, 0);
}
END_TEST

START_TEST(find_gives_length_when_absent)
{
	ck_assert_uint_eq(span_find(SPAN("abcb"), 'b'), 1);
	ck_assert_uint_eq(span_find(SPAN("abcb"), 'x'), 4);
	ck_assert_uint_eq(span_find(SPAN_NONE, 'x'), 0);
	ck_assert_uint_eq(span_find(SPAN("a\0"), '\0'), 1);
}
END_TEST

START_TEST(cut_keeps_empty_tokens_but_the_last)
{
	struct span rest = SPAN(",a,,b,");

	ck_assert(span_eq(span_cut(&rest, ','), SPAN("")));
	ck_assert(span_eq(span_cut(&rest, ','), SPAN("a")));
	ck_assert(span_eq(span_cut(&rest, ','), SPAN("")));
	ck_assert(span_eq(span_cut(&rest, ','), SPAN("b")));
	ck_assert_uint_eq(rest.n, 0);
}
END_TEST

START_TEST(word_skips_spaces)
{
	struct span rest = SPAN("  one two  ");

	ck_assert(span_eq(span_word(&rest), SPAN("one")));
	ck_assert(span_eq(span_word(&rest), SPAN("two")));
	ck_assert_uint_eq(span_word(&rest).n, 0);
	ck_assert_uint_eq(rest.n, 0);
}
END_TEST

static const struct {
	struct span text;
	bool ok;
	uint64_t v;
} u64s[] = {
	{ SPAN_INIT("0"), true, 0 },
	{ SPAN_INIT("007"), true, 7 },
	{ SPAN_INIT("18446744073709551615"), true, UINT64_MAX },
	{ SPAN_INIT("18446744073709551616"), false, 0 },
	{ SPAN_INIT("99999999999999999999"), false, 0 },
	{ SPAN_INIT("184467440737095516150"), false, 0 },
	{ SPAN_INIT(""), false, 0 },
	{ SPAN_INIT("+1"), false, 0 },
	{ SPAN_INIT("-1"), false, 0 },
	{ SPAN_INIT(" 1"), false, 0 },
	{ SPAN_INIT("1 "), false, 0 },
	{ SPAN_INIT("0x1"), false, 0 },
	{ SPAN_INIT("1\0"), false, 0 },
};

START_TEST(u64_is_strict)
{
	uint64_t v = 42;
	bool ok = span_u64(u64s[_i].text, &v);

	ck_assert_int_eq(ok, u64s[_i].ok);
	ck_assert_uint_eq(v, u64s[_i].ok ? u64s[_i].v : 42);
}
END_TEST

static const struct {
	struct span text;
	bool ok;
	int64_t v;
} i64s[] = {
	{ SPAN_INIT("0"), true, 0 },
	{ SPAN_INIT("-0"), true, 0 },
	{ SPAN_INIT("-1"), true, -1 },
	{ SPAN_INIT("9223372036854775807"), true, INT64_MAX },
	{ SPAN_INIT("9223372036854775808"), false, 0 },
	{ SPAN_INIT("-9223372036854775808"), true, INT64_MIN },
	{ SPAN_INIT("-9223372036854775809"), false, 0 },
	{ SPAN_INIT("-"), false, 0 },
	{ SPAN_INIT("--1"), false, 0 },
	{ SPAN_INIT(""), false, 0 },
};

START_TEST(i64_is_strict)
{
	int64_t v = 42;
	bool ok = span_i64(i64s[_i].text, &v);

	ck_assert_int_eq(ok, i64s[_i].ok);
	ck_assert_int_eq(v, i64s[_i].ok ? i64s[_i].v : 42);
}
END_TEST

START_TEST(dup_ends_in_nul)
{
	char *copy = span_dup(span_head(SPAN("abcdef"), 3));

	ck_assert_str_eq(copy, "abc");
	free(copy);
	copy = span_dup(SPAN_NONE);
	ck_assert_str_eq(copy, "");
	free(copy);
}
END_TEST

Suite *
span_suite(void)
{
	Suite *s = suite_create("base/span");
	TCase *t = unit_case("span");

	tcase_add_test(t, of_takes_all_but_the_nul);
	tcase_add_test(t, eq_compares_length_and_bytes);
	tcase_add_test(t, cmp_is_bytes_then_length);
	tcase_add_test(t, starts_with_itself_and_nothing_longer);
	tcase_add_test(t, head_and_tail_stay_inside);
	tcase_add_test(t, find_gives_length_when_absent);
	tcase_add_test(t, cut_keeps_empty_tokens_but_the_last);
	tcase_add_test(t, word_skips_spaces);
	tcase_add_loop_test(t, u64_is_strict, 0,
	    (int)(sizeof(u64s) / sizeof(u64s[0])));
	tcase_add_loop_test(t, i64_is_strict, 0,
	    (int)(sizeof(i64s) / sizeof(i64s[0])));
	tcase_add_test(t, dup_ends_in_nul);
	suite_add_tcase(s, t);
	return s;
}
