#include "base/base64.h"

#include "base/rng.h"
#include "unit/base/check_base.h"

/* RFC 4648, 10, and the two digits that differ from base64url. */
static const struct {
	struct span bytes, text;
} pairs[] = {
	{ SPAN_INIT(""), SPAN_INIT("") },
	{ SPAN_INIT("f"), SPAN_INIT("Zg==") },
	{ SPAN_INIT("fo"), SPAN_INIT("Zm8=") },
	{ SPAN_INIT("foo"), SPAN_INIT("Zm9v") },
	{ SPAN_INIT("foob"), SPAN_INIT("Zm9vYg==") },
	{ SPAN_INIT("fooba"), SPAN_INIT("Zm9vYmE=") },
	{ SPAN_INIT("foobar"), SPAN_INIT("Zm9vYmFy") },
	{ SPAN_INIT("\xfb\xff\xbf"), SPAN_INIT("+/+/") },
	{ SPAN_INIT("\0\0\0"), SPAN_INIT("AAAA") },
};

START_TEST(vectors_both_ways)
{
	struct span bytes = pairs[_i].bytes, text = pairs[_i].text;
	char buf[16];
	size_t n;

	ck_assert_uint_eq(base64_len(bytes.n), text.n);
	base64_encode(bytes, buf);
	ck_assert(span_eq(span_make(buf, text.n), text));
	ck_assert(base64_decode(text, buf, bytes.n, &n));
	ck_assert(span_eq(span_make(buf, n), bytes));
	if (bytes.n > 0)
		ck_assert(!base64_decode(text, buf, bytes.n - 1, &n));
}
END_TEST

static const struct span wrong[] = {
	SPAN_INIT("Z"),
	SPAN_INIT("Zg"),
	SPAN_INIT("Zg="),
	SPAN_INIT("Zh=="), /* bits that no byte has */
	SPAN_INIT("Zm9="),
	SPAN_INIT("===="),
	SPAN_INIT("Z==="),
	SPAN_INIT("Zg==Zg=="),
	SPAN_INIT("Z=g="),
	SPAN_INIT("Zm9v\n"),
	SPAN_INIT("Zm 9v"),
	SPAN_INIT("Zm-_"),
	SPAN_INIT("Zm9\0"),
};

START_TEST(anything_else_is_refused)
{
	char buf[16];
	size_t n = 42;

	ck_assert(!base64_decode(wrong[_i], buf, sizeof(buf), &n));
	ck_assert_uint_eq(n, 42);
}
END_TEST

START_TEST(random_bytes_come_back)
{
	unsigned char in[64], back[64];
	char text[88];
	struct rng rng;
	size_t n;

	rng_seed(&rng, 4);
	for (size_t len = 0; len <= sizeof(in); len++) {
		rng_bytes(&rng, in, len);
		base64_encode(span_make(in, len), text);
		ck_assert(base64_decode(span_make(text, base64_len(len)), back,
		    sizeof(back), &n));
		ck_assert(span_eq(span_make(in, len), span_make(back, n)));
	}
}
END_TEST

Suite *
base64_suite(void)
{
	Suite *s = suite_create("base/base64");
	TCase *t = tcase_create("base64");

	tcase_add_loop_test(t, vectors_both_ways, 0,
	    (int)(sizeof(pairs) / sizeof(pairs[0])));
	tcase_add_loop_test(t, anything_else_is_refused, 0,
	    (int)(sizeof(wrong) / sizeof(wrong[0])));
	tcase_add_test(t, random_bytes_come_back);
	suite_add_tcase(s, t);
	return s;
}
