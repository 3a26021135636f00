#include "gate/roll.h"

#include <stdlib.h>

#include "base/writer.h"
#include "unit/gate/check_gate.h"

static const unsigned char key[SIPHASH_KEY] = { 1 };

/* A roll does not look at clients, so any address will do. */
static struct client *const somebody = (struct client *)(void *)&key;

static struct roll r;
static struct seat *seat[32]; /* by number */

static void
setup(void)
{
	roll_init(&r, key);
	for (uint32_t s = 1; s <= 20; s++) {
		seat[s] = roll_open(&r, somebody, NULL);
		ck_assert_uint_eq(seat[s]->s, s);
	}
}

static void
teardown(void)
{
	struct seat *x;

	for (uint32_t s = 1; s <= r.last; s++)
		if (roll_find(&r, s, &x) && x != NULL)
			roll_close(&r, x);
	ck_assert_uint_eq(roll_count(&r), 0);
	roll_fini(&r);
}

static enum roll_fault
say(uint32_t g, const char *words)
{
	return roll_say(&r, g, false, span_of(words));
}

static enum roll_fault
say_more(uint32_t g, const char *words)
{
	return roll_say(&r, g, true, span_of(words));
}

/* Check that a list has these streams, in this order: "1 4 9". */
static void
has(uint32_t g, const char *words)
{
	const struct roll_list *l = roll_list(&r, g);
	struct span rest = span_of(words), word;
	uint64_t s;
	uint32_t i = 0;

	ck_assert_ptr_nonnull(l);
	for (; (word = span_word(&rest)).n > 0; i++) {
		ck_assert(span_u64(word, &s));
		ck_assert_uint_lt(i, l->n);
		ck_assert_uint_eq(l->seat[i]->s, s);
	}
	ck_assert_uint_eq(l->n, i);
}

START_TEST(numbers_grow_and_are_not_used_again)
{
	struct seat *x;

	roll_close(&r, seat[20]);
	ck_assert(roll_find(&r, 20, &x));
	ck_assert_ptr_null(x);
	ck_assert(!roll_find(&r, 21, &x));
	x = roll_open(&r, somebody, NULL);
	ck_assert_uint_eq(x->s, 21);
	ck_assert_uint_eq(roll_count(&r), 20);
	r.last = UINT32_MAX;
	ck_assert_ptr_null(roll_open(&r, somebody, NULL));
	r.last = 21;
}
END_TEST

START_TEST(lists_in_any_order)
{
	ck_assert_int_eq(say(1, "9 1 4"), ROLL_OK);
	has(1, "1 4 9");
	ck_assert_int_eq(say(2, ""), ROLL_OK);
	has(2, "");
	ck_assert_uint_eq(r.words, 3);
	ck_assert_ptr_null(roll_list(&r, 3));
}
END_TEST

START_TEST(differences)
{
	ck_assert_int_eq(say(1, "2 4 6 8"), ROLL_OK);
	ck_assert_int_eq(say(2, "=1 +5 -4 +1 +20 -8"), ROLL_OK);
	has(2, "1 2 5 6 20");
	ck_assert_int_eq(say(3, "=1"), ROLL_OK);
	has(3, "2 4 6 8");
	ck_assert_int_eq(say(4, "=1 -2 -4 -6 -8"), ROLL_OK);
	has(4, "");
	has(1, "2 4 6 8");
	ck_assert_uint_eq(r.words, 13);
}
END_TEST

START_TEST(long_lists_come_in_lines)
{
	ck_assert_int_eq(say_more(1, "3 1"), ROLL_OK);
	ck_assert(roll_is_saying(&r));
	ck_assert_ptr_null(roll_list(&r, 1));
	ck_assert_int_eq(say_more(1, ""), ROLL_OK);
	ck_assert_int_eq(say(1, "2"), ROLL_OK);
	ck_assert(!roll_is_saying(&r));
	has(1, "1 2 3");
	ck_assert_int_eq(say_more(2, "=1"), ROLL_OK);
	ck_assert_int_eq(say(2, "-2 +9"), ROLL_OK);
	has(2, "1 3 9");
}
END_TEST

START_TEST(ended_streams_are_passed_over)
{
	ck_assert_int_eq(say(1, "1 2 3"), ROLL_OK);
	roll_close(&r, seat[2]);
	has(1, "1 2 3");
	ck_assert_ptr_null(roll_list(&r, 1)->seat[1]->client);
	ck_assert_int_eq(say(2, "1 2 3"), ROLL_OK);
	has(2, "1 3");
	ck_assert_int_eq(say(3, "=1 +4"), ROLL_OK);
	has(3, "1 3 4");
	ck_assert_int_eq(say(4, "=1 -2"), ROLL_OK);
	has(4, "1 3");
	/* list 3 has lost it already, and the server cannot know */
	ck_assert_int_eq(say(5, "=3 -2"), ROLL_OK);
	has(5, "1 3 4");
	ck_assert_int_eq(say(6, "=3 +2"), ROLL_OK);
	has(6, "1 3 4");
}
END_TEST

START_TEST(lists_are_forgotten)
{
	ck_assert_int_eq(say(1, "1 2"), ROLL_OK);
	ck_assert_int_eq(say(2, "=1"), ROLL_OK);
	roll_close(&r, seat[1]);
	ck_assert_int_eq(roll_unsay(&r, 1), ROLL_OK);
	ck_assert_ptr_null(roll_list(&r, 1));
	ck_assert_uint_eq(r.words, 2);
	has(2, "1 2");
	ck_assert_int_eq(roll_unsay(&r, 2), ROLL_OK);
	ck_assert_uint_eq(r.words, 0);
	ck_assert_int_eq(roll_unsay(&r, 2), ROLL_LIST);
	ck_assert_int_eq(say(1, "3"), ROLL_OK);
	has(1, "3");
}
END_TEST

static const struct {
	const char *words;
	enum roll_fault fault;
} wrong[] = {
	{ "1 1", ROLL_LIST },
	{ "2 1 2", ROLL_LIST },
	{ "+1", ROLL_LIST },
	{ "-1", ROLL_LIST },
	{ "=7", ROLL_LIST }, /* not said */
	{ "=2", ROLL_LIST }, /* itself */
	{ "1 =1", ROLL_LIST },
	{ "=1 =1", ROLL_LIST },
	{ "=1 5", ROLL_LIST },
	{ "=1 +3", ROLL_LIST }, /* has it */
	{ "=1 -4", ROLL_LIST }, /* does not have it */
	{ "=1 -20", ROLL_LIST },
	{ "=1 -1", ROLL_LIST },
	{ "=1 +5 +5", ROLL_LIST },
	{ "=1 -3 -3", ROLL_LIST },
	{ "=1 +4 -4", ROLL_LIST },
	{ "=1 +3 -3", ROLL_LIST },
	{ "21", ROLL_STREAM },
	{ "=1 +21", ROLL_STREAM },
	{ "=1 -21", ROLL_STREAM },
	{ "0", ROLL_FORM },
	{ "01", ROLL_FORM },
	{ "x", ROLL_FORM },
	{ "*", ROLL_FORM },
	{ "=", ROLL_FORM },
	{ "=x", ROLL_FORM },
	{ "=1 +", ROLL_FORM },
	{ "=1 -x", ROLL_FORM },
	{ "4294967296", ROLL_FORM },
};

START_TEST(wrong_lists)
{
	ck_assert_int_eq(say(1, "2 3 6"), ROLL_OK);
	ck_assert_int_eq(say(2, wrong[_i].words), wrong[_i].fault);
	ck_assert_ptr_null(roll_list(&r, 2));
	ck_assert_uint_eq(r.words, 3);
}
END_TEST

START_TEST(a_list_does_not_change)
{
	ck_assert_int_eq(say(1, "2"), ROLL_OK);
	ck_assert_int_eq(say(1, "3"), ROLL_LIST);
	ck_assert_int_eq(say_more(2, "2"), ROLL_OK);
	ck_assert_int_eq(say(3, "4"), ROLL_LIST);
}
END_TEST

START_TEST(bounds_the_lists)
{
	for (uint32_t g = 1; g <= ROLL_LISTS_MAX; g++)
		ck_assert_int_eq(say(g, "1"), ROLL_OK);
	ck_assert_int_eq(say(ROLL_LISTS_MAX + 1, "1"), ROLL_BOUNDS);
}
END_TEST

START_TEST(bounds_the_words)
{
	enum { EACH = 1024 };
	uint32_t g = 1;

	while (r.last < EACH)
		(void)roll_open(&r, somebody, NULL);
	for (uint32_t s = 1; s < EACH; s++) {
		char word[16];
		struct writer w;

		writer_init(&w, word, sizeof(word));
		writer_u64(&w, s);
		ck_assert_int_eq(roll_say(&r, g, true, writer_done(&w)),
		    ROLL_OK);
	}
	ck_assert_int_eq(say(g, "1024"), ROLL_OK);
	while (r.words < ROLL_WORDS_MAX)
		ck_assert_int_eq(say(++g, "=1"), ROLL_OK);
	ck_assert_uint_eq(r.words, ROLL_WORDS_MAX);
	ck_assert_int_eq(say(++g, ""), ROLL_OK);
	ck_assert_int_eq(say(++g, "1"), ROLL_BOUNDS);
	ck_assert_uint_eq(r.words, ROLL_WORDS_MAX);
}
END_TEST

START_TEST(tells_the_steps_of_its_work)
{
	uint64_t before;

	ck_assert_int_eq(say(1, "1 2 3 4 5 6"), ROLL_OK);
	ck_assert_uint_ge(r.steps, 12); /* words, and seats */
	before = r.steps;
	ck_assert_int_eq(say(2, "=1"), ROLL_OK);
	ck_assert_uint_ge(r.steps - before, 6);
	before = r.steps;
	ck_assert_int_eq(say(3, "=1 -2"), ROLL_OK);
	ck_assert_uint_ge(r.steps - before, 8);
	before = r.steps;
	ck_assert_int_eq(roll_unsay(&r, 2), ROLL_OK);
	ck_assert_uint_ge(r.steps - before, 6);
	before = r.steps;
	ck_assert_int_eq(say(4, "1 2 3 4 5 6"), ROLL_OK);
	ck_assert_uint_le(r.steps - before, 24);
	before = r.steps;
	ck_assert_int_eq(say(5, "6 5 4 3 2 1"), ROLL_OK);
	ck_assert_uint_ge(r.steps - before, 36); /* they are sorted */
}
END_TEST

/* Numbers do not pile up before the last line has come: a number that is there
 * twice is noticed, and streams that have ended are not kept. */
START_TEST(keeps_few_numbers)
{
	for (uint32_t s = 11; s <= 20; s++)
		roll_close(&r, seat[s]);
	for (unsigned int i = 0; i < 100; i++)
		ck_assert_int_eq(say_more(1, "11 12 13 20"), ROLL_OK);
	ck_assert_uint_eq(r.said.add.n, 0);
	ck_assert_int_eq(say_more(1, "1 2 3 4 5 6 7 8 9 10"), ROLL_OK);
	(void)roll_open(&r, somebody, NULL);
	ck_assert_int_eq(say_more(1, "21"), ROLL_OK);
	ck_assert_int_eq(say_more(1, "3"), ROLL_LIST);
}
END_TEST

START_TEST(keeps_few_numbers_to_take_away)
{
	ck_assert_int_eq(say(1, "1 2 3"), ROLL_OK);
	ck_assert_int_eq(say_more(2, "=1"), ROLL_OK);
	for (unsigned int i = 0; i < 20; i++)
		ck_assert_int_eq(say_more(2, "-1"), ROLL_OK);
	ck_assert_int_eq(say_more(2, "-1"), ROLL_LIST);
}
END_TEST

/* A stream may end while a list is said that has it already. */
START_TEST(a_stream_ends_while_a_list_is_said)
{
	ck_assert_int_eq(say_more(1, "1 2 3 4 5 6 7 8 9 10 11 12"), ROLL_OK);
	for (uint32_t s = 1; s <= 10; s++)
		roll_close(&r, seat[s]);
	ck_assert_int_eq(say(1, "13 14 15 16 17 18 19 20"), ROLL_OK);
	has(1, "11 12 13 14 15 16 17 18 19 20");
}
END_TEST

START_TEST(frees_in_pieces)
{
	ck_assert_int_eq(say(1, "2"), ROLL_OK);
	ck_assert_int_eq(say(2, "2"), ROLL_OK);
	ck_assert(roll_drop_list(&r));
	ck_assert(roll_drop_list(&r));
	ck_assert(!roll_drop_list(&r));
	ck_assert_uint_eq(r.words, 0);
}
END_TEST

Suite *
roll_suite(void)
{
	Suite *s = suite_create("gate/roll");
	TCase *t = unit_case("roll");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, numbers_grow_and_are_not_used_again);
	tcase_add_test(t, lists_in_any_order);
	tcase_add_test(t, differences);
	tcase_add_test(t, long_lists_come_in_lines);
	tcase_add_test(t, ended_streams_are_passed_over);
	tcase_add_test(t, lists_are_forgotten);
	tcase_add_loop_test(t, wrong_lists, 0, ROWS(wrong));
	tcase_add_test(t, a_list_does_not_change);
	tcase_add_test(t, bounds_the_lists);
	tcase_add_test(t, bounds_the_words);
	tcase_add_test(t, tells_the_steps_of_its_work);
	tcase_add_test(t, keeps_few_numbers);
	tcase_add_test(t, keeps_few_numbers_to_take_away);
	tcase_add_test(t, a_stream_ends_while_a_list_is_said);
	tcase_add_test(t, frees_in_pieces);
	suite_add_tcase(s, t);
	return s;
}
