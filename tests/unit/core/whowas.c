/*
 * The memory of WHOWAS is bounded by number and by bytes, and neither a lower
 * limit nor a long answer costs a turn more than its budget.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/types/cost.h"
#include "lib/text.h"
#include "unit/core/check_core.h"
#include "unit/core/rig.h"

#define MAKER 1 /* the client that has had many nicks */
#define ASKER 2
#define VISITS 1000 /* the budget of a turn, in tests with a small one */

static void
begin(struct rig *r)
{
	rig_init(r);
	r->class.flood_burst = r->class.nick_changes = 0;
	rig_register(r, MAKER, "maker");
	rig_register(r, ASKER, "asker");
}

/* Let the maker give up n nicks, which are taken in turn from so many. */
static void
give_up(struct rig *r, unsigned n, unsigned nicks)
{
	char line[32];

	for (unsigned i = 0; i < n; i++) {
		(void)snprintf(line, sizeof(line), "NICK n%u", i % nicks);
		rig_say(r, MAKER, line);
		(void)rig_heard(r, MAKER);
	}
}

/* Return the whole answer, which the caller frees. */
static char *
ask(struct rig *r, const char *line)
{
	size_t n = 0, k;
	char *all = NULL;
	const char *some;

	(void)rig_heard(r, ASKER);
	rig_say(r, ASKER, line);
	do {
		some = rig_heard(r, ASKER);
		k = strlen(some);
		all = realloc(all, n + k + 1);
		ck_assert_ptr_nonnull(all);
		memcpy(all + n, some, k + 1);
		n += k;
		if (r->drain[ASKER])
			rig_read(r, ASKER);
		else if (strstr(all, " 369 ") == NULL)
			ck_assert(rig_tick(r));
	} while (strstr(all, " 369 ") == NULL);
	return all;
}

START_TEST(entries_are_bounded_by_number)
{
	struct rig r;
	char *all;

	begin(&r);
	r.settings.whowas = 10;
	give_up(&r, 100, 50);
	ck_assert_uint_eq(r.core->whowas.n, 10);
	ck_assert_uint_eq(chains_count(&r.core->whowas.newest), 10);
	give_up(&r, 100, 2);
	ck_assert_uint_eq(r.core->whowas.n, 10);
	ck_assert_uint_eq(chains_count(&r.core->whowas.newest), 2);
	all = ask(&r, "WHOWAS N1");
	ck_assert_uint_eq(text_count(all, " 314 asker n1 "), 5);
	free(all);
	rig_fini(&r);
}
END_TEST

START_TEST(entries_are_bounded_by_bytes)
{
	struct rig r;

	begin(&r);
	r.settings.whowas_bytes = 10000;
	give_up(&r, 200, 50);
	ck_assert_uint_le(r.core->whowas.bytes, 10000);
	/* no entry has more than 1000 bytes */
	ck_assert_uint_ge(r.core->whowas.bytes, 9000);
	ck_assert_uint_lt(r.core->whowas.n, 100);
	rig_fini(&r);
}
END_TEST

START_TEST(a_lower_limit_costs_no_turn)
{
	struct settings lower;
	unsigned turns = 0;
	struct rig r;
	size_t before;

	begin(&r);
	give_up(&r, 5000, 50);
	ck_assert_uint_eq(r.core->whowas.n, 5000);
	r.no_ticks = true;
	lower = r.settings;
	lower.whowas = 1;
	lower.turn_work = (int64_t)VISITS * COST_VISIT;
	rig_conf(&r, &lower);
	while (r.core->whowas.n > 1) {
		before = r.core->whowas.n;
		ck_assert(rig_tick(&r));
		ck_assert_uint_le(before - r.core->whowas.n, VISITS);
		turns++;
	}
	ck_assert_uint_ge(turns, 5);
	rig_fini(&r);
}
END_TEST

START_TEST(a_long_answer_is_given_in_pieces)
{
	struct rig r;
	char *all;

	begin(&r);
	give_up(&r, 4000, 2);
	r.no_ticks = true;
	r.settings.turn_work = (int64_t)VISITS * COST_VISIT;
	rig_advance(&r, 1);
	all = ask(&r, "WHOWAS n0");
	ck_assert_uint_eq(text_count(all, " 314 asker n0 "), 2000);
	ck_assert_uint_eq(text_count(all, " 312 asker n0 "), 2000);
	ck_assert_uint_eq(text_count(all, " 369 asker n0 "), 1);
	free(all);
	rig_fini(&r);
}
END_TEST

START_TEST(entries_that_go_meanwhile_end_the_answer)
{
	struct rig r;
	const char *some;

	begin(&r);
	r.settings.whowas = 2000;
	give_up(&r, 4000, 2);
	r.no_ticks = true;
	(void)rig_heard(&r, ASKER);
	r.class.sendq = 65536;
	rig_say(&r, ASKER, "WHOWAS n0");
	ck_assert(r.drain[ASKER]);
	some = rig_heard(&r, ASKER);
	ck_assert_uint_gt(text_count(some, " 314 "), 10);
	ck_assert_ptr_null(strstr(some, " 369 "));
	r.no_ticks = false;
	give_up(&r, 4000, 3);
	rig_read(&r, ASKER);
	some = rig_heard(&r, ASKER);
	ck_assert_uint_eq(text_count(some, " 314 "), 0);
	ck_assert_uint_eq(text_count(some, " 369 asker n0 "), 1);
	rig_fini(&r);
}
END_TEST

Suite *
whowas_suite(void)
{
	Suite *s = suite_create("whowas");
	TCase *t = unit_case("all");

	tcase_add_test(t, entries_are_bounded_by_number);
	tcase_add_test(t, entries_are_bounded_by_bytes);
	tcase_add_test(t, a_lower_limit_costs_no_turn);
	tcase_add_test(t, a_long_answer_is_given_in_pieces);
	tcase_add_test(t, entries_that_go_meanwhile_end_the_answer);
	suite_add_tcase(s, t);
	return s;
}
