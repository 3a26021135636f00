#include "place/rate.h"

#include "unit/place/check_place.h"

START_TEST(a_class_is_a_power_of_four)
{
	ck_assert_uint_eq(place_rate(0), 1);
	ck_assert_uint_eq(place_rate(1), PLACE_LINE);
	ck_assert_uint_eq(place_rate(4), 64 * PLACE_LINE);
	ck_assert_uint_eq(place_rate(PLACE_CLASS_MAX), PLACE_RATE_MAX);
	ck_assert_uint_eq(place_rate(PLACE_CLASS_MAX + 1), PLACE_RATE_MAX);
	ck_assert_uint_eq(place_rate(UINT32_MAX), PLACE_RATE_MAX);
}
END_TEST

START_TEST(a_rate_has_the_nearest_class)
{
	for (unsigned k = 0; k <= PLACE_CLASS_MAX; k++)
		ck_assert_uint_eq(place_class(place_rate(k)), k);
	ck_assert_uint_eq(place_class(0), 0);
	ck_assert_uint_eq(place_class(1), 0);
	ck_assert_uint_eq(place_class(2), 1);
	ck_assert_uint_eq(place_class(7), 1);
	ck_assert_uint_eq(place_class(8), 2);
	ck_assert_uint_eq(place_class(UINT64_MAX), PLACE_CLASS_MAX);
}
END_TEST

START_TEST(each_member_makes_a_place_three_times_cheaper)
{
	int64_t left = PLACE_ONE;

	for (uint32_t n = 0; n < PLACE_MANY; n++) {
		ck_assert_int_eq(place_pull(1, n), left);
		ck_assert_int_eq(place_pull(64, n), 64 * left);
		ck_assert(left % 3 == 0 || n == PLACE_MANY - 1);
		left /= 3;
	}
	ck_assert_int_eq(place_pull(PLACE_RATE_MAX, PLACE_MANY), 0);
	ck_assert_int_eq(place_pull(PLACE_RATE_MAX, UINT32_MAX), 0);
	ck_assert_int_eq(place_pull(UINT64_MAX, 0),
	    place_pull(PLACE_RATE_MAX, 0));
}
END_TEST

START_TEST(late_lines_cost)
{
	/* 1000 lines an hour, each 10 ms later, cost 3 lines */
	int64_t cost = place_delay(1000 * PLACE_LINE, 10000);

	ck_assert_int_le(cost, place_pull(3 * PLACE_LINE, 0));
	ck_assert_int_ge(cost, place_pull(3 * PLACE_LINE, 0) / 1000 * 999);
	ck_assert_int_eq(place_delay(0, 10000), 0);
	ck_assert_int_eq(place_delay(1000, 0), 0);
	ck_assert_int_gt(place_delay(UINT64_MAX, UINT32_MAX), cost);
	ck_assert_int_lt(place_delay(UINT64_MAX, UINT32_MAX), INT64_C(1) << 60);
}
END_TEST

START_TEST(the_last_seats_have_a_price)
{
	ck_assert_int_eq(place_price(4, 1000), 8 * place_pull(4, 0));
	ck_assert_int_eq(place_price(4, 5000), 8 * place_pull(4, 0));
	for (uint64_t free = 0; free < 100; free += 25)
		ck_assert_int_eq(place_price(4, 1000 - free) / 16,
		    place_price(4, 1000 - free - 25));
	ck_assert_int_eq(place_price(UINT64_MAX, 0), 0);
	ck_assert_int_eq(place_price(0, 1000), 0);
	ck_assert_int_gt(place_price(UINT64_MAX, 1000), place_price(9, 1000));
	ck_assert_int_lt(place_price(UINT64_MAX, 1000), INT64_C(1) << 60);
}
END_TEST

Suite *
rate_suite(void)
{
	Suite *s = suite_create("rate");
	TCase *tc = unit_case("rate");

	tcase_add_test(tc, a_class_is_a_power_of_four);
	tcase_add_test(tc, a_rate_has_the_nearest_class);
	tcase_add_test(tc, each_member_makes_a_place_three_times_cheaper);
	tcase_add_test(tc, late_lines_cost);
	tcase_add_test(tc, the_last_seats_have_a_price);
	suite_add_tcase(s, tc);
	return s;
}
