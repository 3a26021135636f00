#include "base/err.h"

#include "unit/base/check_base.h"

static const enum err all[] = {
#define ERR(name, value, text) name,
#include "base/err.def"
#undef ERR
};

#define NALL (sizeof(all) / sizeof(all[0]))

START_TEST(rows_are_negative_and_differ)
{
	for (size_t i = 0; i < NALL; i++) {
		ck_assert_int_lt(all[i], 0);
		for (size_t k = 0; k < i; k++) {
			ck_assert_int_ne(all[i], all[k]);
			ck_assert(!span_eq(err_text(all[i]), err_text(all[k])));
		}
	}
}
END_TEST

START_TEST(names_are_those_of_the_rows)
{
	ck_assert(span_eq(err_name(E_OK), SPAN("E_OK")));
	ck_assert(span_eq(err_name(E_SYNTAX), SPAN("E_SYNTAX")));
	ck_assert(span_eq(err_name((enum err) - 9999), SPAN("E_?")));
}
END_TEST

Suite *
err_suite(void)
{
	Suite *s = suite_create("base/err");
	TCase *t = tcase_create("err");

	tcase_add_test(t, rows_are_negative_and_differ);
	tcase_add_test(t, names_are_those_of_the_rows);
	suite_add_tcase(s, t);
	return s;
}
