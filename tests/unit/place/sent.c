#include "place/sent.h"

#include "unit/place/check_place.h"

START_TEST(who_is_sent_counts_until_seen)
{
	struct place_sent s;

	place_sent_init(&s, PLACE_SENT_MS);
	for (unsigned i = 1; i <= 10; i++)
		ck_assert_uint_eq(place_sent_add(&s, 100, at_ms(i)), i);
	ck_assert_uint_eq(place_sent_users(&s), 10);
	ck_assert_uint_eq(place_sent_rate(&s), 1000);
	place_sent_seen(&s, 0);
	ck_assert_uint_eq(place_sent_users(&s), 10);
	place_sent_seen(&s, 4);
	ck_assert_uint_eq(place_sent_users(&s), 6);
	ck_assert_uint_eq(place_sent_rate(&s), 600);
	place_sent_seen(&s, 3); /* figures that come late say nothing new */
	ck_assert_uint_eq(place_sent_users(&s), 6);
	ck_assert_uint_eq(place_sent_add(&s, 50, at_ms(11)), 11);
	ck_assert_uint_eq(place_sent_users(&s), 7);
	place_sent_seen(&s, 11);
	ck_assert_uint_eq(place_sent_users(&s), 0);
	ck_assert_uint_eq(place_sent_rate(&s), 0);
}
END_TEST

START_TEST(a_number_that_was_never_given_is_the_last)
{
	struct place_sent s;

	place_sent_init(&s, PLACE_SENT_MS);
	place_sent_add(&s, 1, at_ms(0));
	place_sent_seen(&s, UINT64_MAX);
	ck_assert_uint_eq(place_sent_users(&s), 0);
	ck_assert_uint_eq(place_sent_add(&s, 1, at_ms(0)), 2);
}
END_TEST

START_TEST(the_others_expire)
{
	struct place_sent s;

	place_sent_init(&s, PLACE_SENT_MS);
	place_sent_add(&s, 1, at_ms(0));
	place_sent_add(&s, 1, at_ms(PLACE_SENT_MS / 2));
	place_sent_expire(&s, at_ms(PLACE_SENT_MS - 1));
	ck_assert_uint_eq(place_sent_users(&s), 2);
	place_sent_expire(&s, at_ms(PLACE_SENT_MS));
	ck_assert_uint_eq(place_sent_users(&s), 1);
	place_sent_seen(&s, 1);
	ck_assert_uint_eq(place_sent_users(&s), 1);
	place_sent_expire(&s, at_ms(3 * PLACE_SENT_MS));
	ck_assert_uint_eq(place_sent_users(&s), 0);
}
END_TEST

/* Someone each 7 ms for two minutes, beside a list of them all; figures now and
 * then. */
START_TEST(batches_count_as_a_list_does)
{
	enum { N = 20000 };
	static struct place_sent s;
	static int64_t at[N + 1];
	uint64_t seen = 0;

	place_sent_init(&s, PLACE_SENT_MS);
	for (unsigned i = 1; i <= N; i++) {
		int64_t now = i * 7;
		uint32_t users = 0;

		at[i] = now;
		ck_assert_uint_eq(place_sent_add(&s, 3, at_ms(now)), i);
		if (i % 977 == 0 && i % 5 != 0) {
			seen = i - i % 300;
			place_sent_seen(&s, seen);
		}
		for (unsigned k = i; k > seen; k--)
			users += now - at[k] < PLACE_SENT_MS;
		/* a batch goes when its first one does */
		ck_assert_uint_le(place_sent_users(&s), users);
		ck_assert_uint_ge(place_sent_users(&s) + 2100 / 7, users);
		ck_assert_uint_eq(place_sent_rate(&s),
		    3 * (uint64_t)place_sent_users(&s));
	}
}
END_TEST

Suite *
sent_suite(void)
{
	Suite *s = suite_create("sent");
	TCase *tc = unit_case("sent");

	tcase_add_test(tc, who_is_sent_counts_until_seen);
	tcase_add_test(tc, a_number_that_was_never_given_is_the_last);
	tcase_add_test(tc, the_others_expire);
	tcase_add_test(tc, batches_count_as_a_list_does);
	suite_add_tcase(s, tc);
	return s;
}
