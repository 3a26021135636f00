/* The rows of events: names, fields. */
#include <string.h>

#include "core/types/log.h"
#include "unit/core/check_core.h"

/* A name is the name of one event only, in small letters. */
START_TEST(names_are_names)
{
	for (unsigned i = 0; i < LOG_COUNT; i++) {
		const char *name = log_row_name((enum log_row)i);

		ck_assert_uint_eq(strspn(name, "abcdefghijklmnopqrstuvwxyz-"),
		    strlen(name));
		for (unsigned k = 0; k < i; k++)
			ck_assert_str_ne(name, log_row_name((enum log_row)k));
	}
}
END_TEST

START_TEST(fields_are_compared)
{
	struct log_field f[] = { { "name", SPAN("a") }, { "sid", SPAN("b") },
		{ "why", SPAN("c") } };
	struct log_field swapped[] = { f[1], f[0] };

	ck_assert(log_row_fits(LOG_START, f, 2));
	ck_assert(!log_row_fits(LOG_START, f, 1));
	ck_assert(!log_row_fits(LOG_START, f, 3));
	ck_assert(!log_row_fits(LOG_START, swapped, 2));
	ck_assert(log_row_fits(LOG_READY, NULL, 0));
	ck_assert(!log_row_fits(LOG_COUNT, NULL, 0));
}
END_TEST

START_TEST(fields_have_kinds)
{
	ck_assert_int_eq(log_field_kind("bytes"), LOGK_NUMBER);
	ck_assert_int_eq(log_field_kind("sid"), LOGK_WORD);
	ck_assert_int_eq(log_field_kind("reason"), LOGK_TEXT);
	ck_assert_int_eq(log_field_kind("unknown"), LOGK_TEXT);
}
END_TEST

Suite *
log_rows_suite(void)
{
	Suite *s = suite_create("log rows");
	TCase *t = unit_case("all");

	tcase_add_test(t, names_are_names);
	tcase_add_test(t, fields_are_compared);
	tcase_add_test(t, fields_have_kinds);
	suite_add_tcase(s, t);
	return s;
}
