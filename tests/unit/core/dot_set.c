/* core/types/dot_set.h */
#include "core/types/dot_set.h"

#include "unit/core/check_core.h"

static const unsigned char seed[SIPHASH_KEY] = "0123456789abcde";

/* Return a dot that differs from all others in at least one of its members. */
static struct dot
dot_of(unsigned i)
{
	struct origin o = { .sid = { "001" }, .inc = 1 + i / 1000 % 4 };
	unsigned k = i % 1000;

	o.sid.s[2] = (char)('A' + k % 16);
	return dot_make(o, 1 + i / 4000, k / 16);
}

START_TEST(has_what_was_put)
{
	struct dot_set s;

	dot_set_init(&s, seed);
	ck_assert(!dot_set_has(&s, dot_of(0)));
	for (unsigned i = 0; i < 20000; i++) {
		ck_assert(!dot_set_has(&s, dot_of(i)));
		dot_set_put(&s, dot_of(i));
		ck_assert(dot_set_has(&s, dot_of(i)));
		ck_assert(!dot_set_has(&s, dot_of(i + 1)));
	}
	for (unsigned i = 0; i < 20000; i++) {
		dot_set_put(&s, dot_of(i));
		ck_assert(dot_set_has(&s, dot_of(i)));
	}
	ck_assert_uint_eq(s.n, 20000);
	dot_set_fini(&s);
	ck_assert(!dot_set_has(&s, dot_of(0)));
	dot_set_put(&s, dot_of(0));
	ck_assert(dot_set_has(&s, dot_of(0)));
	dot_set_fini(&s);
}
END_TEST

/* No dot is like an empty place. */
START_TEST(dot_of_nothing_is_never_in)
{
	struct dot none = { 0 };
	struct dot_set s;

	dot_set_init(&s, seed);
	ck_assert(!dot_set_has(&s, none));
	for (unsigned i = 0; i < 1000; i++)
		dot_set_put(&s, dot_of(i));
	ck_assert(!dot_set_has(&s, none));
	dot_set_fini(&s);
}
END_TEST

/* A call makes a small part of the set anew: its tables grow one by one. */
START_TEST(many_dots_take_little)
{
	const unsigned many = 200000;
	size_t before, most = 0;
	struct dot_set s;

	dot_set_init(&s, seed);
	for (unsigned i = 0; i < many; i++) {
		before = dot_set_bytes(&s);
		dot_set_put(&s, dot_of(i));
		if (dot_set_bytes(&s) - before > most)
			most = dot_set_bytes(&s) - before;
		if (i >= 2000)
			ck_assert_uint_le(dot_set_bytes(&s), i * 32ul);
	}
	ck_assert_uint_eq(s.n, many);
	ck_assert_uint_le(dot_set_bytes(&s), many * 28ul);
	ck_assert_uint_lt(most, dot_set_bytes(&s) / 200);
	dot_set_fini(&s);
}
END_TEST

Suite *
dot_set_suite(void)
{
	Suite *s = suite_create("dot_set");
	TCase *t = unit_case("dot_set");

	tcase_add_test(t, has_what_was_put);
	tcase_add_test(t, dot_of_nothing_is_never_in);
	tcase_add_test(t, many_dots_take_little);
	suite_add_tcase(s, t);
	return s;
}
