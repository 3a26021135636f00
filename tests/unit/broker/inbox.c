#include "broker/inbox.h"

#include <string.h>

#include "base/rng.h"
#include "unit/broker/check_broker.h"

static const struct slots nobody;

static struct slots
slots_of(unsigned a, unsigned b)
{
	struct slots s = { { 0 } };

	slots_add(&s, a);
	slots_add(&s, b);
	return s;
}

static void
expect(struct inbox *in, const char *text)
{
	struct slots also;
	struct span line;

	ck_assert_int_eq(inbox_line(in, &line, &also), FRAME_LINE);
	ck_assert(span_eq(line, span_of(text)));
}

START_TEST(pieces_are_put_in_order)
{
	struct inbox in;
	struct slots also;
	struct span line;

	inbox_init(&in);
	inbox_add(&in, 10, SPAN("and 3\r\n"), &nobody);
	ck_assert_uint_eq(inbox_missing(&in), 10);
	inbox_add(&in, 5, SPAN("2\r\n ("), &nobody);
	ck_assert_uint_eq(inbox_missing(&in), 5);
	inbox_add(&in, 5, SPAN("2\r\n ("), &nobody); /* again */
	inbox_add(&in, 3, SPAN("1 2"), &nobody);     /* overlaps */
	ck_assert_int_eq(inbox_line(&in, &line, &also), FRAME_MORE);
	inbox_add(&in, 0, SPAN("one 1"), &nobody);
	expect(&in, "one 12");
	expect(&in, " (and 3");
	ck_assert_uint_eq(in.taken, 17);
	ck_assert_uint_eq(in.npiece, 0);
	inbox_add(&in, 0, SPAN("one 1"), &nobody);
	ck_assert_int_eq(inbox_line(&in, &line, &also), FRAME_MORE);
	inbox_fini(&in);
}
END_TEST

START_TEST(a_line_was_sent_to_those_that_got_all_of_it)
{
	struct inbox in;
	struct slots a = slots_of(1, 2), b = slots_of(2, 399), also;
	struct span line;

	inbox_init(&in);
	inbox_add(&in, 0, SPAN("one\r\ntwo "), &a);
	inbox_add(&in, 9, SPAN("2\r\nthree\r\n"), &b);
	ck_assert_int_eq(inbox_line(&in, &line, &also), FRAME_LINE);
	ck_assert(slots_eq(&also, &a));
	ck_assert_int_eq(inbox_line(&in, &line, &also), FRAME_LINE);
	ck_assert(slots_has(&also, 2));
	ck_assert(!slots_has(&also, 1) && !slots_has(&also, 399));
	ck_assert_int_eq(inbox_line(&in, &line, &also), FRAME_LINE);
	ck_assert(slots_eq(&also, &b));
	inbox_fini(&in);
}
END_TEST

START_TEST(it_holds_no_more_than_its_bounds)
{
	static char bytes[INBOX_MAX];
	struct inbox in;

	memset(bytes, 'x', sizeof(bytes));
	inbox_init(&in);
	inbox_add(&in, INBOX_MAX, SPAN("y"), &nobody);
	inbox_add(&in, UINT64_MAX - 1, SPAN("y"), &nobody);
	ck_assert_uint_eq(in.npiece, 0);
	for (unsigned i = 0; i < 1000; i++)
		inbox_add(&in, 2 + 2 * i, SPAN("y"), &nobody);
	ck_assert_uint_eq(in.npiece, INBOX_PIECES);
	for (unsigned i = 0; i < 1000; i++) {
		struct slots s = slots_of(i % 300, i % 7);

		inbox_add(&in, i, SPAN("z"), &s);
	}
	ck_assert_uint_eq(in.nrun, INBOX_RUNS);
	inbox_add(&in, 0, span_make(bytes, INBOX_MAX), &nobody);
	ck_assert_uint_eq(in.next, INBOX_MAX);
	ck_assert_uint_eq(inbox_room(&in), 0);
	inbox_fini(&in);
}
END_TEST

/* The same text, cut in any way, that comes in any order, twice. */
START_TEST(the_order_of_pieces_does_not_matter)
{
	static const char text[] = "a\r\nbb\r\nccc\r\ndddd\r\neeeee\r\n";
	const size_t n = sizeof(text) - 1;
	struct rng rng;
	struct inbox in;
	struct slots also;
	struct span line;
	uint64_t at, len;
	size_t lines = 0;

	rng_seed(&rng, (uint64_t)_i);
	inbox_init(&in);
	for (unsigned i = 0; i < 500; i++) {
		at = rng_below(&rng, n);
		len = 1 + rng_below(&rng, n - at < 6 ? n - at : 6);
		if (at + len <= n)
			inbox_add(&in, at, span_make(text + at, (size_t)len),
			    &nobody);
		while (inbox_line(&in, &line, &also) == FRAME_LINE) {
			lines++;
			ck_assert_uint_eq(line.n, lines);
		}
	}
	ck_assert_uint_eq(lines, 5);
	inbox_fini(&in);
}
END_TEST

Suite *
inbox_suite(void)
{
	Suite *s = suite_create("inbox");
	TCase *t = unit_case("inbox");

	tcase_add_test(t, pieces_are_put_in_order);
	tcase_add_test(t, a_line_was_sent_to_those_that_got_all_of_it);
	tcase_add_test(t, it_holds_no_more_than_its_bounds);
	tcase_add_loop_test(t, the_order_of_pieces_does_not_matter, 0, 20);
	suite_add_tcase(s, t);
	return s;
}
