#include "base/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "unit/base/check_base.h"

#define COUNT 3000u

/* Write line i: an empty one, one that says nearly what others say, one of no
 * order, or a very long one. */
static struct span
line_of(char *buf, unsigned i)
{
	struct rng rng;

	if (i % 1000 == 999) {
		memset(buf, 'x', LINES_LINE_MAX);
		return span_make(buf, LINES_LINE_MAX);
	}
	if (i % 7 == 3)
		return span_make(buf, 0);
	if (i % 7 == 5) {
		rng_seed(&rng, i);
		rng_bytes(&rng, buf, i % 300);
		return span_make(buf, i % 300);
	}
	return span_make(buf, (size_t)snprintf(buf, LINES_LINE_MAX,
				  "@dot=001.1.%u.0 +JOIN #c", i));
}

static struct lines *
filled(size_t piece, unsigned count)
{
	struct lines *l = lines_new(piece);
	char *buf = mem_alloc(LINES_LINE_MAX);

	for (unsigned i = 0; i < count; i++)
		lines_add(l, line_of(buf, i));
	free(buf);
	return l;
}

static void
next_is(struct lines_reader *r, unsigned i, char *buf)
{
	struct span line;

	ck_assert(lines_next(r, &line));
	ck_assert_msg(span_eq(line, line_of(buf, i)), "line %u", i);
}

static const size_t pieces[] = { 1, 100, 1000, 0, SIZE_MAX };

START_TEST(lines_are_read_as_they_came)
{
	struct lines *l = filled(pieces[_i], COUNT);
	struct lines_reader *a = lines_reader_new(l), *b = lines_reader_new(l);
	char *buf = mem_alloc(LINES_LINE_MAX);
	struct span none;

	for (unsigned i = 0; i < COUNT; i++) {
		next_is(a, i, buf);
		if (i % 2 == 1)
			next_is(b, i / 2, buf);
	}
	ck_assert(!lines_next(a, &none));
	ck_assert(!lines_next(a, &none));
	next_is(b, COUNT / 2, buf);
	lines_reader_free(a);
	lines_reader_free(b);
	lines_free(l);
	free(buf);
}
END_TEST

START_TEST(few_lines_or_none)
{
	for (unsigned n = 0; n < 4; n++) {
		struct lines *l = filled(0, n);
		struct lines_reader *r = lines_reader_new(l);
		struct span line;

		for (unsigned i = 0; i < n; i++)
			ck_assert(lines_next(r, &line));
		ck_assert(!lines_next(r, &line));
		lines_reader_free(r);
		lines_free(l);
	}
	lines_free(NULL);
}
END_TEST

START_TEST(lines_that_say_the_same_take_little)
{
	struct lines *l = lines_new(0);
	char buf[100];

	for (unsigned i = 0; i < 20000; i++)
		lines_add(l,
		    span_make(buf, (size_t)snprintf(buf, sizeof(buf),
				       "@dot=001.1.%u.0;stamp=1700000000000 "
				       "+JOIN #channel%u 001AAA%03u",
				       i, i % 50, i % 999)));
	ck_assert_uint_gt(lines_bytes(l), 1000000);
	ck_assert_uint_lt(lines_held(l), lines_bytes(l) / 4);
	lines_free(l);
}
END_TEST

/* A piece that would not get shorter is not compressed. */
START_TEST(lines_of_no_order_are_kept_as_they_are)
{
	struct lines *l = lines_new(0);
	struct rng rng;
	char buf[1000];

	rng_seed(&rng, 1);
	for (unsigned i = 0; i < 1000; i++) {
		rng_bytes(&rng, buf, sizeof(buf));
		lines_add(l, span_make(buf, sizeof(buf)));
	}
	ck_assert_uint_eq(lines_bytes(l), 1000 * sizeof(buf));
	ck_assert_uint_lt(lines_held(l),
	    lines_bytes(l) + lines_bytes(l) / 100 + 2 * ZIP_TEXT_MAX);
	lines_free(l);
}
END_TEST

START_TEST(freed_in_pieces)
{
	struct lines *l = filled(1000, COUNT);
	size_t bytes = lines_bytes(l);
	unsigned n = 0;

	while (lines_free_piece(l))
		n++;
	ck_assert_uint_gt(n, bytes / 1000 / 10);
	ck_assert(!lines_free_piece(l));
	lines_free(l);
}
END_TEST

Suite *
lines_suite(void)
{
	Suite *s = suite_create("lines");
	TCase *t = unit_case("lines");

	tcase_add_loop_test(t, lines_are_read_as_they_came, 0,
	    sizeof(pieces) / sizeof(pieces[0]));
	tcase_add_test(t, few_lines_or_none);
	tcase_add_test(t, lines_that_say_the_same_take_little);
	tcase_add_test(t, lines_of_no_order_are_kept_as_they_are);
	tcase_add_test(t, freed_in_pieces);
	suite_add_tcase(s, t);
	return s;
}
