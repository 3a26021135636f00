#include "base/ascii.h"

#include <string.h>

#include "unit/base/check_base.h"

/* Return true if the text has the byte. */
static bool
has(const char *text, int c)
{
	return c != 0 && strchr(text, c) != NULL;
}

/* Each of the 256 bytes is of the kinds that it should be of, and of no
 * other. */
START_TEST(kinds)
{
	static const char upper[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	static const char lower[] = "abcdefghijklmnopqrstuvwxyz";

	for (int i = 0; i < 256; i++) {
		char c = (char)i;

		ck_assert_int_eq(ascii_is_upper(c), has(upper, i));
		ck_assert_int_eq(ascii_is_lower(c), has(lower, i));
		ck_assert_int_eq(ascii_is_letter(c),
		    has(upper, i) || has(lower, i));
		ck_assert_int_eq(ascii_is_digit(c), has("0123456789", i));
		ck_assert_int_eq(ascii_is_control(c), i < 32 || i == 127);
	}
}
END_TEST

START_TEST(hex)
{
	static const char digits[] = "0123456789abcdef", caps[] = "ABCDEF";
	int n = 0;

	for (int i = 0; i < 16; i++)
		ck_assert_int_eq(ascii_hex(digits[i]), i);
	for (int i = 0; i < 6; i++)
		ck_assert_int_eq(ascii_hex(caps[i]), 10 + i);
	for (int i = 0; i < 256; i++)
		n += ascii_hex((char)i) >= 0;
	ck_assert_int_eq(n, 22);
}
END_TEST

Suite *
ascii_suite(void)
{
	Suite *s = suite_create("base/ascii");
	TCase *t = unit_case("ascii");

	tcase_add_test(t, kinds);
	tcase_add_test(t, hex);
	suite_add_tcase(s, t);
	return s;
}
