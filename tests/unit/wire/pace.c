#include "wire/pace.h"

#include <stdio.h>

#include "unit/wire/check_wire.h"

static const unsigned char key[SIPHASH_KEY] = { 1 };

static struct addr
addr(const char *text)
{
	struct addr a;

	ck_assert(addr_parse(span_of(text), &a));
	return a;
}

static struct mono
at(int64_t ms)
{
	return mono_add_ms((struct mono){ 1 }, ms);
}

/* Do the thing if it may be done. */
static bool
once(struct pace *p, const char *text, uint32_t rate, int64_t ms)
{
	struct addr a = addr(text);

	if (!pace_may(p, &a, rate, at(ms)))
		return false;
	pace_charge(p, &a, rate, at(ms));
	return true;
}

START_TEST(a_minute_at_once_then_evenly)
{
	struct pace p;

	pace_init(&p, TALLY_ADDRESS, key);
	for (unsigned int i = 0; i < 30; i++)
		ck_assert(once(&p, "192.0.2.1", 30, 0));
	ck_assert(!once(&p, "192.0.2.1", 30, 0));
	ck_assert(!once(&p, "192.0.2.1", 30, 1999));
	ck_assert(once(&p, "192.0.2.1", 30, 2000));
	ck_assert(!once(&p, "192.0.2.1", 30, 2000));
	/* another one is not held up */
	ck_assert(once(&p, "192.0.2.2", 30, 2000));
	pace_fini(&p);
}
END_TEST

START_TEST(no_rate_is_no_bound)
{
	struct pace p;

	pace_init(&p, TALLY_ADDRESS, key);
	for (unsigned int i = 0; i < 100; i++)
		ck_assert(once(&p, "192.0.2.1", 0, 0));
	ck_assert_uint_eq(pace_count(&p), 0);
	pace_fini(&p);
}
END_TEST

START_TEST(networks_have_one_bucket)
{
	struct pace p;

	pace_init(&p, (struct tally_net){ 24, 56 }, key);
	ck_assert(once(&p, "192.0.2.1", 2, 0));
	ck_assert(once(&p, "192.0.2.2", 2, 0));
	ck_assert(!once(&p, "192.0.2.3", 2, 0));
	ck_assert(once(&p, "192.0.3.3", 2, 0));
	ck_assert(once(&p, "2001:db8:0:1::1", 2, 0));
	ck_assert(once(&p, "2001:db8:0:ff::1", 2, 0));
	ck_assert(!once(&p, "2001:db8:0:2::1", 2, 0));
	ck_assert(once(&p, "2001:db8:0:100::1", 2, 0));
	pace_fini(&p);
}
END_TEST

/* A thousand addresses come each minute; those of the minute before go. */
START_TEST(buckets_go_when_they_are_paid_for)
{
	struct pace p;
	char text[32];

	pace_init(&p, TALLY_ADDRESS, key);
	for (unsigned int minute = 0; minute < 5; minute++)
		for (unsigned int i = 0; i < 1000; i++) {
			snprintf(text, sizeof(text), "10.%u.%u.%u", minute,
			    i / 256, i % 256);
			ck_assert(once(&p, text, 1, minute * PACE_MS));
			ck_assert_uint_le(pace_count(&p), 1001);
		}
	pace_fini(&p);
}
END_TEST

Suite *
pace_suite(void)
{
	Suite *s = suite_create("wire/pace");
	TCase *c = unit_case("pace");

	tcase_add_test(c, a_minute_at_once_then_evenly);
	tcase_add_test(c, no_rate_is_no_bound);
	tcase_add_test(c, networks_have_one_bucket);
	tcase_add_test(c, buckets_go_when_they_are_paid_for);
	suite_add_tcase(s, c);
	return s;
}
