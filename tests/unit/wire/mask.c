#include "wire/mask.h"

#include <string.h>

#include "base/rng.h"

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
	{ S("a*a"), S("a"), false },
	{ S("ab*ba"), S("aba"), false },
	{ S("*b*"), S("aba"), true },
	{ S("*b*c"), S("bcb"), false },
	{ S("*c?*"), S("abc"), false },
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
	{ S("*\\*b"), S("a*b"), true },
	{ S("*\\**"), S("a*b"), true },
	{ S("*\\**"), S("ab"), false },
	{ S("*\\\\*"), S("\\*"), true },
	{ S("*\\\\*"), S("\\a"), false },
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
	ck_assert_int_eq(mask_glob(globs[_i].pattern, globs[_i].s, NULL),
	    globs[_i].match);
}
END_TEST

/* Repeat `unit`, max bytes at most, and append `end`. */
static struct span
repeated(char *buf, size_t max, const char *unit, const char *end)
{
	size_t n = strlen(unit), k = strlen(end), at = 0;

	for (; at + n + k <= max; at += n)
		memcpy(buf + at, unit, n);
	memcpy(buf + at, end, k);
	return span_make(buf, at + k);
}

/*
 * A matcher that tries earlier stars again takes 2^n steps. A matcher that
 * looks at each place for each part takes their product.
 */
static const struct {
	const char *unit, *end;
	const char *text, *text_end;
	size_t pattern_max, text_max;
} nasty[] = {
	{ "*a", "*b", "a", "", 200, 200 },
	{ "*a", "*b*", "a", "", 200, 200 },
	{ "*a", "b", "a", "", 200, 20000 },
	{ "*a", "", "a", "", 200, 20000 },
	{ "*aaaaaaaab", "*", "a", "", 500, 200 },
	{ "*aaaaaaaab", "*", "aaaaaaaac", "", 500, 200 },
	{ "*aaaa?aaab", "*", "a", "", 500, 200 },
	{ "*aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "*", "a", "", 33, 64 },
	{ "*aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "*", "a", "", 500, 20000 },
	{ "*????????????????????????????????b", "*", "a", "", 100, 64 },
	{ "*a*?*", "?b*", "ab", "", 500, 200 },
	{ "*", "a*", "b", "", 500, 200 },
	{ "\\*", "*b*", "*", "", 200, 200 },
};

START_TEST(glob_takes_linear_time)
{
	char p[1024], t[20000];
	struct span pattern = repeated(p, nasty[_i].pattern_max, nasty[_i].unit,
			nasty[_i].end),
		    text = repeated(t, nasty[_i].text_max, nasty[_i].text,
			nasty[_i].text_end);
	size_t steps = 7;

	(void)mask_glob(pattern, text, &steps);
	ck_assert_uint_gt(steps, 7);
	ck_assert_uint_le(steps - 7, MASK_STEPS * (pattern.n + text.n));
}
END_TEST

/* A part with more elements than that is searched for at each place. */
START_TEST(glob_takes_at_most_the_product)
{
	char p[200], t[400];
	size_t steps = 0;

	memset(p, 'a', sizeof(p));
	memset(t, 'a', sizeof(t));
	p[0] = p[199] = '*';
	p[198] = 'b';
	ck_assert(!mask_glob(span_make(p, 200), span_make(t, 400), &steps));
	ck_assert_uint_le(steps, 200 * 400);
}
END_TEST

/*
 * Match the rest of the pattern with the rest of the text in every possible
 * way.
 */
static bool
matches_plainly(struct span p, struct span s)
{
	char c;

	if (p.n == 0)
		return s.n == 0;
	c = p.p[0];
	if (c == '*')
		return matches_plainly(span_tail(p, 1), s) ||
		       (s.n > 0 && matches_plainly(p, span_tail(s, 1)));
	if (c == '\\' && p.n > 1 && (p.p[1] == '*' || p.p[1] == '?')) {
		p = span_tail(p, 1);
		c = p.p[0];
	} else if (c == '?' && s.n > 0) {
		c = s.p[0];
	}
	return s.n > 0 && s.p[0] == c &&
	       matches_plainly(span_tail(p, 1), span_tail(s, 1));
}

static struct span
random_text(struct rng *rng, char *buf, size_t max, const char *of)
{
	size_t n = (size_t)rng_below(rng, max + 1);

	for (size_t i = 0; i < n; i++)
		buf[i] = of[rng_below(rng, strlen(of))];
	return span_make(buf, n);
}

START_TEST(glob_is_the_plainest_matcher)
{
	char p[12], t[40];
	struct span pattern, text;
	unsigned matched = 0;
	struct rng rng;

	rng_seed(&rng, 12);
	for (int i = 0; i < 100000; i++) {
		pattern = random_text(&rng, p, sizeof(p), "aab*?*\\");
		text = random_text(&rng, t, i % 40, "aaaab*\\");
		ck_assert_msg(mask_glob(pattern, text, NULL) ==
				  matches_plainly(pattern, text),
		    "%.*s and %.*s", SPAN_ARG(pattern), SPAN_ARG(text));
		matched += mask_glob(pattern, text, NULL);
	}
	ck_assert_uint_gt(matched, 1000);
}
END_TEST

/* Patterns and texts that are long enough for the search by bits. */
START_TEST(glob_by_bits_is_the_plainest_matcher)
{
	char p[24], t[60];
	struct span pattern, text;
	unsigned matched = 0;
	struct rng rng;

	rng_seed(&rng, 13);
	for (int i = 0; i < 20000; i++) {
		pattern = random_text(&rng, p + 1, sizeof(p) - 2, "aaaaaa?b");
		p[0] = '*';
		p[pattern.n + 1] = '*';
		pattern = span_make(p, pattern.n + 2);
		text = random_text(&rng, t, sizeof(t), "aaaaaaaaaaab");
		ck_assert_msg(mask_glob(pattern, text, NULL) ==
				  matches_plainly(pattern, text),
		    "%.*s and %.*s", SPAN_ARG(pattern), SPAN_ARG(text));
		matched += mask_glob(pattern, text, NULL);
	}
	ck_assert_uint_gt(matched, 1000);
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
	/* masks without some of their parts */
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
	struct mask_who who = { .nick = S("dan"),
		.user = S("d"),
		.host = S("shown.example"),
		.ip = S("192.0.2.77") };

	ck_assert(addr_parse(who.ip, &who.addr));
	ck_assert_int_eq(mask_match(v4[_i].mask, &who, NULL), v4[_i].match);
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
	struct mask_who who = { .nick = S("dan"),
		.user = S("d"),
		.host = S("shown.example"),
		.ip = S("2001:db8::1:2") };

	ck_assert(addr_parse(who.ip, &who.addr));
	ck_assert_int_eq(mask_match(v6[_i].mask, &who, NULL), v6[_i].match);
}
END_TEST

START_TEST(match_a_user_of_no_address)
{
	const struct mask_who who = { .nick = S("dan"),
		.user = S("d"),
		.host = S("shown.example"),
		.addr = ADDR_NONE };

	ck_assert(mask_match(SPAN("*!*@shown.example"), &who, NULL));
	ck_assert(!mask_match(SPAN("*!*@::/0"), &who, NULL));
	ck_assert(!mask_match(SPAN("*!*@0.0.0.0/0"), &who, NULL));
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

START_TEST(match_a_user_of_more_hosts)
{
	const struct mask_who who = { .nick = S("dan"),
		.user = S("d"),
		.host = S("shown.example"),
		.addr = ADDR_NONE,
		.hosts = S("real.example 192.0.2.0/24 ") };

	ck_assert(mask_match(SPAN("*!*@shown.example"), &who, NULL));
	ck_assert(mask_match(SPAN("d@REAL.*"), &who, NULL));
	ck_assert(mask_match(SPAN("*!*@192.0.2.0/24"), &who, NULL));
	ck_assert(!mask_match(SPAN("e@real.example"), &who, NULL));
	/* they are text, and each stands alone */
	ck_assert(!mask_match(SPAN("*!*@192.0.0.0/16"), &who, NULL));
	ck_assert(!mask_match(SPAN("*@real.example?192.*"), &who, NULL));
}
END_TEST

START_TEST(match_a_user_who_has_changed)
{
	const struct mask_who who = { .nick = S("dan"),
		.user = S("d"),
		.host = S("shown.example"),
		.addr = ADDR_NONE,
		.first_user = S("dan"),
		.first_host = S("first.example") };

	ck_assert(mask_match(SPAN("*!d@shown.example"), &who, NULL));
	ck_assert(mask_match(SPAN("*!dan@first.example"), &who, NULL));
	ck_assert(mask_match(SPAN("*!dan@shown.example"), &who, NULL));
	ck_assert(mask_match(SPAN("d@FIRST.*"), &who, NULL));
	ck_assert(!mask_match(SPAN("*!e@first.example"), &who, NULL));
	ck_assert(!mask_match(SPAN("*!d@other.example"), &who, NULL));
}
END_TEST

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
	tcase_add_loop_test(t, glob_takes_linear_time, 0,
	    sizeof(nasty) / sizeof(nasty[0]));
	tcase_add_test(t, glob_takes_at_most_the_product);
	tcase_add_test(t, glob_is_the_plainest_matcher);
	tcase_add_test(t, glob_by_bits_is_the_plainest_matcher);
	tcase_add_loop_test(t, match_a_user_of_ipv4, 0, ROWS(v4));
	tcase_add_loop_test(t, match_a_user_of_ipv6, 0, ROWS(v6));
	tcase_add_test(t, match_a_user_of_no_address);
	tcase_add_test(t, match_a_user_of_more_hosts);
	tcase_add_test(t, match_a_user_who_has_changed);
	tcase_add_loop_test(t, normalise, 0, ROWS(normals));
	tcase_add_test(t, normalise_refuses);
	suite_add_tcase(s, t);
	return s;
}
