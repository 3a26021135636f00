/*
 * daemon/slot.h: the numbers of connections, which the next program of the
 * process goes on with.
 */
#include "daemon/slot.h"
#include "unit/daemon/check_daemon.h"

/* Only compared. */
static struct endpoint *
endpoint(uintptr_t n)
{
	return (struct endpoint *)(n * 16);
}

START_TEST(a_number_is_not_used_again)
{
	struct slots sl = { 0 };
	struct conn_id a = slot_take(&sl, endpoint(1)), b;

	ck_assert_ptr_eq(slot_find(&sl, a), endpoint(1));
	slot_give(&sl, a);
	ck_assert_ptr_null(slot_find(&sl, a));
	b = slot_take(&sl, endpoint(2));
	ck_assert_uint_eq(b.slot, a.slot);
	ck_assert_ptr_null(slot_find(&sl, a));
	ck_assert_ptr_eq(slot_find(&sl, b), endpoint(2));
	slots_fini(&sl);
}
END_TEST

/* The former program had 200 slots, and used some of them again. */
START_TEST(numbers_of_another_program_stay)
{
	struct slots old = { 0 }, sl = { 0 };
	struct conn_id id[200], x;

	for (uintptr_t i = 0; i < 200; i++)
		id[i] = slot_take(&old, endpoint(i + 1));
	for (uintptr_t i = 0; i < 3; i++) {
		slot_give(&old, id[7]);
		id[7] = slot_take(&old, endpoint(8));
	}
	ck_assert_uint_eq(slots_gen(&old), id[7].gen);
	for (uintptr_t i = 0; i < 200; i += 3)
		ck_assert(slot_claim(&sl, id[i], endpoint(i + 1)));
	slots_begin(&sl, slots_gen(&old));
	for (uintptr_t i = 0; i < 200; i++)
		ck_assert_ptr_eq(slot_find(&sl, id[i]),
		    i % 3 == 0 ? endpoint(i + 1) : NULL);
	/* no new number is one of the former program */
	for (uintptr_t n = 0; n < 300; n++) {
		x = slot_take(&sl, endpoint(1000));
		ck_assert(x.slot >= 200 || x.gen > id[x.slot].gen);
		ck_assert_uint_gt(x.gen, slots_gen(&old));
	}
	for (uintptr_t i = 0; i < 200; i += 3)
		ck_assert_ptr_eq(slot_find(&sl, id[i]), endpoint(i + 1));
	ck_assert_uint_eq(slots_gen(&sl), slots_gen(&old) + 1);
	slots_fini(&sl);
	slots_fini(&old);
}
END_TEST

START_TEST(what_is_claimed_is_given_back)
{
	struct conn_id id = { 70, 5 }, x;
	struct slots sl = { 0 };

	ck_assert(slot_claim(&sl, id, endpoint(1)));
	ck_assert(!slot_claim(&sl, id, endpoint(2)));
	ck_assert(!slot_claim(&sl, (struct conn_id){ SLOTS_MAX, 1 },
	    endpoint(2)));
	slots_begin(&sl, 9);
	slot_give(&sl, id);
	x = slot_take(&sl, endpoint(3));
	ck_assert_uint_eq(x.slot, 70);
	ck_assert_uint_eq(x.gen, 6);
	slots_fini(&sl);
}
END_TEST

Suite *
slot_suite(void)
{
	Suite *s = suite_create("slot");
	TCase *t = unit_case("all");

	tcase_add_test(t, a_number_is_not_used_again);
	tcase_add_test(t, numbers_of_another_program_stay);
	tcase_add_test(t, what_is_claimed_is_given_back);
	suite_add_tcase(s, t);
	return s;
}
