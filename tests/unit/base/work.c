/* Queues of work: pieces take turns, within the budget of a turn. */
#include "base/work.h"

#include <string.h>

#include "unit/base/check_base.h"

#define ITEMS 12
#define TURN 1600 /* units; a piece is a hundred */
#define PIECE 100

struct job {
	struct work_item item;
	unsigned todo; /* things that are left */
	unsigned cost; /* units of one */
	unsigned pieces;
};

static struct work work;
static struct job job[ITEMS];
static struct job *order[1000]; /* the owners of the pieces, in order */
static unsigned norder;

static void
do_piece(struct work_item *item, void *ctx)
{
	struct job *j = (struct job *)(void *)item;

	ck_assert_ptr_eq(ctx, &norder);
	ck_assert_ptr_null(item->next);
	if (norder < 1000)
		order[norder++] = j;
	j->pieces++;
	for (; j->todo > 0 && work_has_left(&work); j->todo--)
		work_spend(&work, j->cost);
	if (j->todo > 0)
		work_add(&work, item);
}

static void
up(void)
{
	work_init(&work);
	memset(job, 0, sizeof(job));
	norder = 0;
	for (int i = 0; i < ITEMS; i++)
		job[i] = (struct job){ .item.run = do_piece, .cost = 1 };
}

static void
turn(int64_t reserve)
{
	work_renew(&work, TURN);
	work_run(&work, reserve, &norder);
}

START_TEST(nothing_runs_before_a_turn)
{
	ck_assert(work_is_spent(&work));
	job[0].todo = 1;
	work_add(&work, &job[0].item);
	work_run(&work, 0, &norder);
	ck_assert_uint_eq(job[0].pieces, 0);
	turn(0);
	ck_assert_uint_eq(job[0].todo, 0);
	ck_assert(!work_waits(&work));
}
END_TEST

START_TEST(all_items_together_spend_one_budget)
{
	uint64_t todo = 0, before = (uint64_t)ITEMS * 10000;

	for (int i = 0; i < ITEMS; i++) {
		job[i].todo = 10000;
		work_add(&work, &job[i].item);
	}
	turn(0);
	ck_assert(work_waits(&work));
	ck_assert_int_le(work.left, 0);
	ck_assert_int_gt(work.left, -PIECE);
	for (int i = 0; i < ITEMS; i++) {
		todo += job[i].todo;
		ck_assert_uint_ge(job[i].pieces, 1);
		ck_assert_uint_le(job[i].pieces, 2);
	}
	ck_assert_uint_le(before - todo, TURN);
	ck_assert_uint_ge(before - todo, TURN - ITEMS * 2);
}
END_TEST

START_TEST(pieces_are_in_turn)
{
	for (int i = 0; i < 3; i++) {
		job[i].todo = 250;
		work_add(&work, &job[i].item);
	}
	job[1].todo = 10; /* a small job does not wait for the others */
	turn(0);
	ck_assert_uint_eq(norder, 7);
	for (int i = 0; i < 3; i++)
		ck_assert_ptr_eq(order[i], &job[i]);
	ck_assert_uint_eq(job[1].pieces, 1);
	ck_assert_ptr_eq(order[3], &job[0]);
	ck_assert_ptr_eq(order[4], &job[2]);
}
END_TEST

/* One thing may cost more than a piece, and more than a turn. */
START_TEST(a_piece_overspends_by_its_last_thing)
{
	job[0].todo = job[1].todo = 3;
	job[0].cost = 2 * TURN;
	work_add(&work, &job[0].item);
	work_add(&work, &job[1].item);
	turn(0);
	ck_assert_uint_eq(job[0].todo, 2);
	ck_assert_uint_eq(job[1].todo, 3);
	ck_assert(work_is_spent(&work));
	turn(0);
	ck_assert_uint_eq(job[1].todo, 0);
	ck_assert_uint_eq(job[0].todo, 1);
}
END_TEST

START_TEST(a_reserve_is_left)
{
	job[0].todo = 100000;
	work_add(&work, &job[0].item);
	turn(TURN / 4);
	ck_assert_int_le(work.left, TURN / 4);
	ck_assert_int_gt(work.left, TURN / 4 - PIECE);
	ck_assert(!work_is_spent(&work));
	ck_assert(work_has_left(&work));
	ck_assert(work_waits(&work));
}
END_TEST

static void
do_nothing(struct work_item *item, void *ctx)
{
	(void)ctx;
	norder++;
	work_add(&work, item);
}

START_TEST(an_item_that_spends_nothing_ends_too)
{
	job[0].item.run = do_nothing;
	work_add(&work, &job[0].item);
	turn(0);
	ck_assert_uint_eq(norder, TURN);
}
END_TEST

START_TEST(items_are_added_once_and_taken_out)
{
	for (int i = 0; i < 4; i++) {
		job[i].todo = 1;
		work_add(&work, &job[i].item);
		work_add(&work, &job[i].item);
	}
	work_remove(&job[1].item);
	work_remove(&job[1].item);
	work_remove(&job[3].item);
	work_add(&work, &job[3].item);
	work_remove(&job[0].item);
	turn(0);
	ck_assert_uint_eq(norder, 2);
	ck_assert_ptr_eq(order[0], &job[2]);
	ck_assert_ptr_eq(order[1], &job[3]);
	ck_assert(!work_waits(&work));
}
END_TEST

START_TEST(a_piece_within_a_piece)
{
	int64_t outer, inner;

	work_renew(&work, TURN);
	outer = work_begin(&work);
	work_spend(&work, PIECE / 2);
	inner = work_begin(&work);
	/* It ends no later than the one around it. */
	work_spend(&work, PIECE / 2 - 1);
	ck_assert(work_has_left(&work));
	work_spend(&work, 1);
	work_end(&work, inner);
	ck_assert(!work_has_left(&work));
	work_end(&work, outer);
	ck_assert(work_has_left(&work));
}
END_TEST

Suite *
work_suite(void)
{
	Suite *s = suite_create("base/work");
	TCase *t = unit_case("work");

	tcase_add_checked_fixture(t, up, NULL);
	tcase_add_test(t, nothing_runs_before_a_turn);
	tcase_add_test(t, all_items_together_spend_one_budget);
	tcase_add_test(t, pieces_are_in_turn);
	tcase_add_test(t, a_piece_overspends_by_its_last_thing);
	tcase_add_test(t, a_reserve_is_left);
	tcase_add_test(t, an_item_that_spends_nothing_ends_too);
	tcase_add_test(t, items_are_added_once_and_taken_out);
	tcase_add_test(t, a_piece_within_a_piece);
	suite_add_tcase(s, t);
	return s;
}
