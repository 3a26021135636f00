/*
 * Capabilities on several lines. There are not so many yet that CAP LS needs
 * this, so the test calls the function that cuts the lines.
 */
#include "core/types/cap.h"
#include "unit/core/check_core.h"

static void
lines(const char *text, size_t max, const char *const *want)
{
	struct span rest = span_of(text), line;

	for (; *want != NULL; want++) {
		line = cap_line(&rest, max);
		ck_assert_msg(span_eq(line, span_of(*want)),
		    "line: %.*s, wanted: %s", (int)line.n, line.p, *want);
		ck_assert_msg((rest.n > 0) == (want[1] != NULL),
		    "after %s there is left: %.*s", *want, (int)rest.n, rest.p);
	}
}

#define LINES(text, max, ...) \
	lines((text), (max), (const char *const[]){ __VA_ARGS__, NULL })

START_TEST(lines_of_words)
{
	LINES("", 10, "");
	LINES("   ", 10, "");
	LINES("a", 1, "a");
	LINES("a b c", 5, "a b c");
	LINES("a b c ", 5, "a b c");
	LINES("a b c", 4, "a b", "c");
	LINES("a b c", 3, "a b", "c");
	LINES("a b c", 2, "a", "b", "c");
	/* A name that is too long gets a line of its own. */
	LINES("a long b", 2, "a", "long", "b");
	LINES("long=a,b c", 1, "long=a,b", "c");
	LINES("multi-prefix sasl=PLAIN server-time", 23,
	    "multi-prefix sasl=PLAIN", "server-time");
	LINES("multi-prefix sasl=PLAIN server-time", 22, "multi-prefix",
	    "sasl=PLAIN server-time");
}
END_TEST

Suite *
cap_suite(void)
{
	Suite *s = suite_create("cap");
	TCase *t = unit_case("all");

	tcase_add_test(t, lines_of_words);
	suite_add_tcase(s, t);
	return s;
}
