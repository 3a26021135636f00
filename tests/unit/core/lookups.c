/*
 * core/lookups.h: the questions of rows about a client, and what follows from
 * the answers, whatever their order, number and time.
 */
#include "core/lookups.h"

#include <stdio.h>
#include <string.h>

#include "core/sessions/request.h"
#include "unit/core/check_core.h"
#include "unit/core/rig.h"

/* Asks about `depth` n for each n, with a gap at 1, and never says that it is
 * done. */
static bool
ask_depth(struct writer *w, const struct arrival *x, unsigned n)
{
	(void)x;
	if (n != 1) {
		writer_str(w, "depth.");
		writer_u64(w, n);
	}
	return true;
}

/* The answer is the text of a refusal, or begins with = for a register. */
static void
found_depth(struct finding *x)
{
	if (x->status != ANSWER_OK)
		return;
	if (x->bytes.p[0] == '=') {
		x->field = SPAN("depth");
		x->value = span_tail(x->bytes, 1);
		return;
	}
	x->list = SPAN("list.example");
	x->refusal = x->bytes;
}

static const struct lookup_row lookup = {
	.name = "dock/depth",
	.kind = REQUEST_LISTED,
	.ask = ask_depth,
	.found = found_depth,
};
static const struct rows dock = {
	.of = "dock", .lookup = &lookup, .nlookup = 1
};
static const struct rows *const with_dock[] = { &dock };

/* Return what was asked `before` questions before the last one. */
static struct rig_asked
asked(const struct rig *r, unsigned before)
{
	struct rig_asked a = r->asked;

	a.token -= before;
	return a;
}

static void
begin(struct rig *r)
{
	rig_init_rows(r, "1AA", with_dock, 1);
	r->asked = (struct rig_asked){ 0 };
	rig_open(r, 1);
	rig_say(r, 1, "NICK alice");
	rig_say(r, 1, "USER alice 0 * :A");
	ck_assert_int_eq(r->asked.kind, REQUEST_LISTED);
}

START_TEST(questions_are_bounded)
{
	struct rig r;

	begin(&r);
	/* one of LOOKUPS_MAX numbers has no question */
	ck_assert_uint_eq(r.core->requests[REQUEST_LISTED].n, LOOKUPS_MAX - 1);
	rig_close(&r, 1);
	ck_assert_uint_eq(r.core->requests[REQUEST_LISTED].n, 0);
	rig_fini(&r);
}
END_TEST

START_TEST(all_answers_are_waited_for)
{
	struct rig r;

	begin(&r);
	for (unsigned i = 0; i < LOOKUPS_MAX - 1; i++) {
		ck_assert_str_eq(rig_heard(&r, 1), "");
		rig_answer(&r, asked(&r, i), ANSWER_NO);
	}
	rig_hears(&r, 1, " 001 alice ");
	rig_fini(&r);
}
END_TEST

START_TEST(no_answer_is_waited_for_two_seconds)
{
	struct rig r;

	begin(&r);
	rig_answer_with(&r, asked(&r, 3), ANSWER_OK, SPAN("=12"));
	rig_advance(&r, 1999);
	ck_assert_str_eq(rig_heard(&r, 1), "");
	rig_advance(&r, 1);
	rig_hears(&r, 1, " 001 alice ");
	/* late, and twice */
	rig_answer_with(&r, asked(&r, 2), ANSWER_OK, SPAN("Too deep"));
	rig_answer_with(&r, asked(&r, 3), ANSWER_OK, SPAN("Too deep"));
	rig_says(&r, 1, "PING x", "PONG");
	rig_fini(&r);
}
END_TEST

/* The first question counts, whichever answer comes first. */
START_TEST(the_order_is_that_of_the_questions)
{
	struct rig r;

	for (unsigned turn = 0; turn < 2; turn++) {
		begin(&r);
		rig_answer_with(&r, asked(&r, turn == 0 ? 5 : 2), ANSWER_OK,
		    turn == 0 ? SPAN("Too shallow") : SPAN("Too deep"));
		rig_answer_with(&r, asked(&r, turn == 0 ? 2 : 5), ANSWER_OK,
		    turn == 0 ? SPAN("Too deep") : SPAN("Too shallow"));
		rig_advance(&r, 2000);
		rig_hears(&r, 1,
		    " 465 alice :You are banned from this server "
		    "(Too shallow)");
		ck_assert(r.closed[1]);
		/* each list is told of, once */
		ck_assert_uint_eq(r.logged[LOG_CLIENT_LISTED], 2);
		rig_fini(&r);
	}
}
END_TEST

static struct span
depth_of(const struct rig *r)
{
	const struct user *u = facts_find_nick(&r->core->facts, SPAN("alice"));

	return rcbuf_span(user_value(&r->core->facts, u, SPAN("depth")));
}

START_TEST(a_register_is_made_with_the_user)
{
	struct rig r;

	begin(&r);
	rig_answer_with(&r, asked(&r, 2), ANSWER_OK, SPAN("=20"));
	rig_answer_with(&r, asked(&r, 5), ANSWER_OK, SPAN("=10\n\x01"));
	rig_advance(&r, 2000);
	rig_hears(&r, 1, " 001 alice ");
	ck_assert(span_starts(depth_of(&r), SPAN("10")));
	/* cleaned, as any text of a user */
	ck_assert_uint_eq(span_find(depth_of(&r), '\n'), depth_of(&r).n);
	rig_fini(&r);
}
END_TEST

START_TEST(a_row_that_goes_takes_its_answers_along)
{
	struct settings none;
	struct rig r;

	begin(&r);
	none = r.settings;
	none.rows = NULL;
	none.nrows = 0;
	rig_conf(&r, &none);
	for (unsigned i = 0; i < LOOKUPS_MAX - 1; i++)
		rig_answer_with(&r, asked(&r, i), ANSWER_OK, SPAN("Too deep"));
	rig_hears(&r, 1, " 001 alice ");
	rig_fini(&r);
}
END_TEST

Suite *
lookups_suite(void)
{
	Suite *s = suite_create("core/lookups");
	TCase *t = unit_case("lookups");

	tcase_add_test(t, questions_are_bounded);
	tcase_add_test(t, all_answers_are_waited_for);
	tcase_add_test(t, no_answer_is_waited_for_two_seconds);
	tcase_add_test(t, the_order_is_that_of_the_questions);
	tcase_add_test(t, a_register_is_made_with_the_user);
	tcase_add_test(t, a_row_that_goes_takes_its_answers_along);
	suite_add_tcase(s, t);
	return s;
}
