#include "net/timer.h"

#include <stdlib.h>

#include "unit/net/check_net.h"

#define N 500

static struct timers timers;
static struct timer timer[N];
static int fired;
static struct mono last;

static void
note(struct timer *t)
{
	ck_assert_int_ge(mono_cmp(t->when, last), 0);
	ck_assert_uint_eq(t->place, 0);
	last = t->when;
	fired++;
}

static void
up(void)
{
	fired = 0;
	last = (struct mono){ 0 };
	for (int i = 0; i < N; i++)
		timer[i] = (struct timer){ .fire = note };
}

static void
down(void)
{
	timers_fini(&timers);
}

static struct mono
at(int64_t ns)
{
	return (struct mono){ ns };
}

START_TEST(fires_in_order_of_time_up_to_now)
{
	int due = 0;

	srand(7);
	for (int i = 0; i < N; i++)
		timers_set(&timers, &timer[i], at(rand() % 1000));
	for (int i = 0; i < N; i += 3) /* move */
		timers_set(&timers, &timer[i], at(rand() % 1000));
	for (int i = 0; i < N; i += 5)
		timers_clear(&timers, &timer[i]);
	for (int i = 0; i < N; i++)
		due += i % 5 != 0 && timer[i].when.ns <= 400;
	timers_fire(&timers, at(400));
	ck_assert_int_eq(fired, due);
	ck_assert_int_gt(timers_next(&timers).ns, 400);
	timers_fire(&timers, timers_next(&timers));
	ck_assert_int_gt(fired, due);
	timers_fire(&timers, at(1000));
	ck_assert_int_eq(fired, N - N / 5);
	ck_assert(mono_is_never(timers_next(&timers)));
}
END_TEST

START_TEST(never_clears)
{
	timers_set(&timers, &timer[0], at(5));
	timers_set(&timers, &timer[0], MONO_NEVER);
	ck_assert_uint_eq(timer[0].place, 0);
	timers_clear(&timers, &timer[0]);
	timers_fire(&timers, at(10));
	ck_assert_int_eq(fired, 0);
}
END_TEST

static void
again(struct timer *t)
{
	fired++;
	timers_set(&timers, t, at(0));
}

/*
 * A timer that sets itself again must not take the turns of the others, however
 * many there are.
 */
START_TEST(set_again_for_now_waits_for_the_next_call)
{
	for (int i = 0; i < 3; i++)
		timers_set(&timers, &timer[i], at(100));
	timer[0].fire = again;
	timers_set(&timers, &timer[0], at(0));
	timers_fire(&timers, at(1));
	ck_assert_int_eq(fired, 1);
	ck_assert_uint_ne(timer[0].place, 0);
	ck_assert_int_gt(timers_next(&timers).ns, 1);
	timers_fire(&timers, at(2));
	ck_assert_int_eq(fired, 2);
}
END_TEST

Suite *
timer_suite(void)
{
	Suite *s = suite_create("net/timer");
	TCase *t = unit_case("timer");

	tcase_add_checked_fixture(t, up, down);
	tcase_add_test(t, fires_in_order_of_time_up_to_now);
	tcase_add_test(t, never_clears);
	tcase_add_test(t, set_again_for_now_waits_for_the_next_call);
	suite_add_tcase(s, t);
	return s;
}
