#include "wire/mask.h"

#include <string.h>

#include "unit/wire/check_wire.h"

#define S SPAN_INIT

static const struct {
	struct span pattern, s;
	bool match;
} globs[] = {
	/* the examples of modern-irc, "Wildcard Expressions" */
	{ S("a?c"), S("abc"), true },
	{ S("a?c"), S("ac"), false },
	{ S("a?c"), S("abbc"), false },
	{ S("a*c"), S("ac"), true },
	{ S("a*c"), S("abbc"), true },
	{ S("a*c"), S("abcb"), false },
	{ S(""), S(""), true },
	{ S(""), S("a"), false },
	{ S("a"), S(""), false },
	{ S("*"), S(""), true },
	{ S("**"), S("abc"), true },
	{ S("?"), S(""), false },
	{ S("*?"), S("a"), true },
	{ S("?*?"), S("a"), false },
	{ S("AbC"), S("aBc"), true },
	{ S("["), S("{"), false },
	{ S("*ab*ab"), S("abxabab"), true },
	{ S("*aab"), S("aaaaab"), true },
	{ S("a*b*c"), S("aXbYbZc"), true },
	{ S("a*b*c"), S("acb"), false },
	{ S("*abc"), S("abcabd"), false },
	/* escapes */
	{ S("a\\*c"), S("a*c"), true },
	{ S("a\\*c"), S("abc"), false },
	{ S("a\\?c"), S("a?c"), true },
	{ S("a\\?c"), S("abc"), false },
	{ S("a\\bc"), S("a\\bc"), true },
	{ S("a\\bc"), S("abc"), false },
	{ S("a\\"), S("a\\"), true },
	{ S("\\\\"), S("\\\\"), true },
	{ S("*\\*"), S("ab*"), true },
	{ S("*\\*"), S("ab"), false },
	/* any byte */
	{ S("a?c"), S("a\0c"), true },
	{ S("a?c"),
	    S("a\xff"
	      "c"),
	    true },
	{ S("?"), S("\xc3\xa9"), false },
};

START_TEST(glob)
{
	ck_assert_int_eq(mask_glob(globs[_i].pattern, globs[_i].s),
	    globs[_i].match);
}
END_TEST

/* A matcher that tries earlier stars again would not end in our time. */
START_TEST(glob_takes_no_exponential_time)
{
	static char text[20000];
	char pattern[201];

	memset(text, 'a', sizeof(text));
	for (int i = 0; i < 100; i++)
		memcpy(pattern + 2 * i, "*a", 2);
	pattern[200] = 'b';
	ck_assert(!mask_glob(span_make(pattern, 201),
	    span_make(text, sizeof(text))));
	ck_assert(mask_glob(span_make(pattern, 200),
	    span_make(text, sizeof(text))));
}
END_TEST

static const struct {
	struct span mask;
	bool match;
} v4[] = {
	{ S("*!*@*"), true },
	{ S("dan!d@shown.example"), true },
	{ S("DAN!D@SHOWN.EXAMPLE"), true },
	{ S("d?n!*@*.example"), true },
	{ S("eve!*@*"), false },
	{ S("*!e@*"), false },
	{ S("*!*@other"), false },
	{ S("*!*@192.0.2.77"), true },
	{ S("*!*@192.0.2.*"), true },
	{ S("*!*@192.0.2.0/24"), true },
	{ S("*!*@192.0.2.76/31"), true },
	{ S("*!*@192.0.2.78/31"), false },
	{ S("*!*@192.0.2.77/32"), true },
	{ S("*!*@192.0.2.76/32"), false },
	{ S("*!*@0.0.0.0/0"), true },
	{ S("*!*@::/0"), false },
	{ S("*!*@::ffff:192.0.2.0/120"), true },
	{ S("*!*@192.0.2.0/33"), false },
	{ S("eve!*@192.0.2.0/24"), false },
	/* parts that are not there */
	{ S("d@shown.example"), true },
	{ S("e@shown.example"), false },
	{ S("shown.example"), true },
	{ S("192.0.2.0/24"), true },
	{ S("other.example"), false },
	{ S("dan!d"), true },
	{ S("dan!e"), false },
};

START_TEST(match_a_user_of_ipv4)
{
	struct mask_who who = { S("dan"), S("d"), S("shown.example"),
		S("192.0.2.77"), ADDR_NONE };

	ck_assert(addr_parse(who.ip, &who.addr));
	ck_assert_int_eq(mask_match(v4[_i].mask, &who), v4[_i].match);
}
END_TEST

static const struct {
	struct span mask;
	bool match;
} v6[] = {
	{ S("*!*@2001:db8::1:2"), true },
	{ S("*!*@2001:DB8:0:0::1:2"), true },
	{ S("*!*@2001:db8::/32"), true },
	{ S("*!*@2001:db8::/127"), false },
	{ S("*!*@2001:db8::1:2/127"), true },
	{ S("*!*@2001:db9::/32"), false },
	{ S("*!*@2001:db9::/31"), true },
	{ S("*!*@::/0"), true },
	{ S("*!*@0.0.0.0/0"), false },
	{ S("*!*@2001:db8:*"), true },
};

START_TEST(match_a_user_of_ipv6)
{
	struct mask_who who = { S("dan"), S("d"), S("shown.example"),
		S("2001:db8::1:2"), ADDR_NONE };

	ck_assert(addr_parse(who.ip, &who.addr));
	ck_assert_int_eq(mask_match(v6[_i].mask, &who), v6[_i].match);
}
END_TEST

START_TEST(match_a_user_of_no_address)
{
	const struct mask_who who = { S("dan"), S("d"), S("shown.example"),
		{ NULL, 0 }, ADDR_NONE };

	ck_assert(mask_match(SPAN("*!*@shown.example"), &who));
	ck_assert(!mask_match(SPAN("*!*@::/0"), &who));
	ck_assert(!mask_match(SPAN("*!*@0.0.0.0/0"), &who));
}
END_TEST

static const struct {
	struct span typed, full;
} normals[] = {
	{ S("dan"), S("dan!*@*") },
	{ S("*"), S("*!*@*") },
	{ S("d*"), S("d*!*@*") },
	{ S("d@h"), S("*!d@h") },
	{ S("@h"), S("*!*@h") },
	{ S("d@"), S("*!d@*") },
	{ S("dan!d"), S("dan!d@*") },
	{ S("dan!"), S("dan!*@*") },
	{ S("!d"), S("*!d@*") },
	{ S("!@"), S("*!*@*") },
	{ S("dan!d@h"), S("dan!d@h") },
	{ S("dan!@h"), S("dan!*@h") },
	{ S("host.example"), S("*!*@host.example") },
	{ S("10.0.0.0/8"), S("*!*@10.0.0.0/8") },
	{ S("0::1"), S("*!*@0::1") },
	{ S("group/name"), S("*!*@group/name") },
	{ S("2001:db8::/32"), S("*!*@2001:db8::/32") },
	{ S("**a***b**!**@**"), S("*a*b*!*@*") },
	{ S("a\\**b"), S("a\\**b!*@*") },
	{ S("a*?*"), S("a*?*!*@*") },
	{ S("u@a@b"), S("*!u@a@b") },
	{ S("Dan!D@H"), S("Dan!D@H") },
};

START_TEST(normalise)
{
	char buf[64], again[64];
	struct writer w, v;

	writer_init(&w, buf, sizeof(buf));
	ck_assert(mask_normalise(&w, normals[_i].typed));
	ck_assert(span_eq(writer_done(&w), normals[_i].full));
	writer_init(&v, again, sizeof(again));
	ck_assert(mask_normalise(&v, writer_done(&w)));
	ck_assert(span_eq(writer_done(&v), normals[_i].full));
}
END_TEST

START_TEST(normalise_refuses)
{
	static const struct span bad[] = { S(""), S(":a"), S("a b"), S("a\n"),
		S("a\0"), S("abcdefghi") };

	for (int i = 0; i < ROWS(bad); i++) {
		struct writer w;
		char buf[12];

		writer_init(&w, buf, sizeof(buf));
		ck_assert(!mask_normalise(&w, bad[i]));
		ck_assert(!w.over);
		ck_assert_uint_eq(w.n, 0);
		ck_assert(mask_normalise(&w, SPAN("abcdefgh")));
	}
}
END_TEST

Suite *
mask_suite(void)
{
	Suite *s = suite_create("wire/mask");
	TCase *t = unit_case("mask");

	tcase_add_loop_test(t, glob, 0, ROWS(globs));
	tcase_add_test(t, glob_takes_no_exponential_time);
	tcase_add_loop_test(t, match_a_user_of_ipv4, 0, ROWS(v4));
	tcase_add_loop_test(t, match_a_user_of_ipv6, 0, ROWS(v6));
	tcase_add_test(t, match_a_user_of_no_address);
	tcase_add_loop_test(t, normalise, 0, ROWS(normals));
	tcase_add_test(t, normalise_refuses);
	suite_add_tcase(s, t);
	return s;
}
