/*
 * host/logbound.h: how many events of strangers are told in a minute.
 */
#include "host/logbound.h"
#include "unit/host/check_host.h"

#define MOST 3

static struct logbound bound;
static struct mono now;

static void
begin(uint32_t most)
{
	logbound_init(&bound, most);
	now = (struct mono){ 0 };
}

static void
pass(int64_t ms)
{
	now = mono_add_ms(now, ms);
}

/* Let events come. Return how many are told. */
static unsigned
come(enum log_row row, unsigned n)
{
	unsigned told = 0;

	for (unsigned i = 0; i < n; i++)
		told += logbound_admit(&bound, row, now);
	return told;
}

/* That number of events was not told, in the minutes that are over. */
static void
take_is(enum log_row row, uint64_t more)
{
	enum log_row got;
	uint64_t n;

	ck_assert(logbound_take(&bound, now, &got, &n));
	ck_assert_int_eq(got, row);
	ck_assert_uint_eq(n, more);
}

static void
take_is_nothing(void)
{
	enum log_row got;
	uint64_t n;

	ck_assert(!logbound_take(&bound, now, &got, &n));
}

START_TEST(a_minute_tells_some_and_counts_the_others)
{
	begin(MOST);
	ck_assert_uint_eq(come(LOG_BANNED, MOST + 2), MOST);
	ck_assert_int_eq(mono_sub_ms(logbound_due(&bound), now), LOGBOUND_MS);
	pass(LOGBOUND_MS - 1);
	ck_assert_uint_eq(come(LOG_BANNED, 1), 0);
	take_is_nothing();
	pass(1);
	take_is(LOG_BANNED, 3);
	take_is_nothing();
	ck_assert(mono_is_never(logbound_due(&bound)));
	ck_assert_uint_eq(come(LOG_BANNED, MOST + 1), MOST);
}
END_TEST

START_TEST(a_minute_without_others_just_ends)
{
	begin(MOST);
	ck_assert_uint_eq(come(LOG_BANNED, MOST), MOST);
	ck_assert(mono_is_never(logbound_due(&bound)));
	pass(LOGBOUND_MS);
	ck_assert_uint_eq(come(LOG_BANNED, MOST), MOST);
}
END_TEST

START_TEST(kinds_do_not_count_together)
{
	begin(MOST);
	(void)come(LOG_BANNED, MOST + 1);
	pass(1000);
	ck_assert_uint_eq(come(LOG_TLS_FAILED, MOST + 1), MOST);
	pass(LOGBOUND_MS - 1000);
	take_is(LOG_BANNED, 1);
	take_is_nothing();
	ck_assert_int_eq(mono_sub_ms(logbound_due(&bound), now), 1000);
	pass(1000);
	take_is(LOG_TLS_FAILED, 1);
}
END_TEST

/* A late loop counts on, and loses nothing. */
START_TEST(a_minute_that_is_not_taken_goes_on)
{
	begin(MOST);
	(void)come(LOG_BANNED, MOST + 1);
	pass(2 * LOGBOUND_MS);
	ck_assert_uint_eq(come(LOG_BANNED, 2), 0);
	take_is(LOG_BANNED, 3);
}
END_TEST

START_TEST(what_operators_do_is_always_told)
{
	begin(MOST);
	ck_assert_uint_eq(come(LOG_OPER_REFUSED, 100), 100);
	ck_assert_uint_eq(come(LOG_KILL, 100), 100);
	for (unsigned i = 0; i < LOG_COUNT; i++)
		ck_assert(!log_row_of_strangers((enum log_row)i) ||
			  i == LOG_OPER_FAILED ||
			  log_row_mask((enum log_row)i) != LOGM_OPERS);
}
END_TEST

/* Any user may try to become an operator. */
START_TEST(failed_tries_to_become_operator_are_counted)
{
	begin(MOST);
	ck_assert_uint_eq(come(LOG_OPER_FAILED, MOST + 7), MOST);
	pass(LOGBOUND_MS);
	take_is(LOG_OPER_FAILED, 7);
}
END_TEST

START_TEST(without_a_bound_all_are_told)
{
	begin(0);
	ck_assert_uint_eq(come(LOG_BANNED, 1000), 1000);
	ck_assert(mono_is_never(logbound_due(&bound)));
}
END_TEST

Suite *
logbound_suite(void)
{
	Suite *s = suite_create("logbound");
	TCase *t = unit_case("all");

	tcase_add_test(t, a_minute_tells_some_and_counts_the_others);
	tcase_add_test(t, a_minute_without_others_just_ends);
	tcase_add_test(t, kinds_do_not_count_together);
	tcase_add_test(t, a_minute_that_is_not_taken_goes_on);
	tcase_add_test(t, what_operators_do_is_always_told);
	tcase_add_test(t, failed_tries_to_become_operator_are_counted);
	tcase_add_test(t, without_a_bound_all_are_told);
	suite_add_tcase(s, t);
	return s;
}
