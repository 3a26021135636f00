#include "wire/tally.h"

#include "unit/wire/check_wire.h"

static const unsigned char key[SIPHASH_KEY] = { 1 };

static struct addr
addr(const char *text)
{
	struct addr a;

	ck_assert(addr_parse(span_of(text), &a));
	return a;
}

START_TEST(counts_up_and_down)
{
	struct tally t;
	struct addr a = addr("192.0.2.1"), b = addr("192.0.2.2");

	tally_init(&t, TALLY_ADDRESS, key);
	ck_assert_uint_eq(tally_count(&t, &a), 0);
	ck_assert_uint_eq(tally_add(&t, &a), 1);
	ck_assert_uint_eq(tally_add(&t, &a), 2);
	ck_assert_uint_eq(tally_add(&t, &b), 1);
	ck_assert_uint_eq(tally_count(&t, &a), 2);
	tally_del(&t, &a);
	ck_assert_uint_eq(tally_count(&t, &a), 1);
	tally_del(&t, &a);
	ck_assert_uint_eq(tally_count(&t, &a), 0);
	ck_assert_uint_eq(tally_count(&t, &b), 1);
	ck_assert_uint_eq(tally_fini(&t), 1);
}
END_TEST

/* An IPv4 address counts by itself, an IPv6 address by its /64. */
static const struct {
	const char *a, *b;
	bool same;
} pairs[] = {
	{ "192.0.2.1", "192.0.2.2", false },
	{ "2001:db8::1", "2001:db8::2", true },
	{ "2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", true },
	{ "2001:db8::1", "2001:db8:0:1::1", false },
};

START_TEST(counts_by_network)
{
	struct tally t;
	struct addr a = addr(pairs[_i].a), b = addr(pairs[_i].b);

	tally_init(&t, TALLY_ADDRESS, key);
	tally_add(&t, &a);
	ck_assert_uint_eq(tally_add(&t, &b), pairs[_i].same ? 2 : 1);
	tally_del(&t, &b);
	tally_del(&t, &a);
	ck_assert_uint_eq(tally_fini(&t), 0);
}
END_TEST

Suite *
tally_suite(void)
{
	Suite *s = suite_create("wire/tally");
	TCase *t = unit_case("tally");

	tcase_add_test(t, counts_up_and_down);
	tcase_add_loop_test(t, counts_by_network, 0, ROWS(pairs));
	suite_add_tcase(s, t);
	return s;
}
