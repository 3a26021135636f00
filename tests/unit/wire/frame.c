#include "wire/frame.h"

#include <stdio.h>
#include <string.h>

#include "unit/wire/check_wire.h"

#define BIG (2 * FRAME_LINK)

/*
 * Give the bytes to f, step at a time, as a connection would. Write the results
 * to log: "L", "B" or "O" (over its limit), and the length of each line. Check
 * the promises of FRAME_MORE on the way.
 */
static void
feed(struct frame *f, struct span in, size_t step, char *log)
{
	static char window[BIG];
	size_t held = 0;

	*log = '\0';
	while (in.n > 0) {
		size_t n = step < in.n ? step : in.n;
		struct span left, line;
		enum frame_result r;

		if (n > sizeof(window) - held)
			n = sizeof(window) - held;
		memcpy(window + held, in.p, n);
		in = span_tail(in, n);
		left = span_make(window, held + n);
		while ((r = frame_next(f, &left, &line)) != FRAME_MORE)
			log += sprintf(log, "%c%zu ", ".LBO"[r], line.n);
		ck_assert_uint_lt(left.n, (size_t)f->tags + f->body);
		held = left.n;
		if (held > 0)
			memmove(window, left.p, held);
	}
}

static const struct {
	struct span in;
	const char *log;
} streams[] = {
	{ SPAN_INIT("PING\r\n"), "L4 " },
	{ SPAN_INIT("PING\nPONG\r\n"), "L4 L4 " },
	{ SPAN_INIT("PING"), "" },
	{ SPAN_INIT("\r\n\n"), "L0 L0 " },
	{ SPAN_INIT("PI\rNG\r\n"), "B5 " },
	{ SPAN_INIT("PING\r\r\n"), "B5 " },
	{ SPAN_INIT("PI\0NG\r\nX\n"), "B5 L1 " },
	{ SPAN_INIT("\0\n"), "B1 " },
	{ SPAN_INIT("@a=b PING\r\nP"), "L9 " },
};

START_TEST(ends_of_lines)
{
	for (size_t step = 1; step <= streams[_i].in.n; step++) {
		struct frame f;
		char log[256];

		frame_init_client(&f);
		feed(&f, streams[_i].in, step, log);
		ck_assert_str_eq(log, streams[_i].log);
	}
}
END_TEST

/*
 * Make a line of tags bytes with '@' and space, then body bytes, then its end.
 */
static struct span
line_of(char *buf, size_t tags, size_t body, const char *end)
{
	size_t n = 0;

	if (tags > 0) {
		memset(buf, 't', tags);
		buf[0] = '@';
		buf[tags - 1] = ' ';
		n = tags;
	}
	memset(buf + n, 'b', body);
	n += body;
	memcpy(buf + n, end, strlen(end));
	return span_make(buf, n + strlen(end));
}

static const struct {
	size_t tags, body;
	const char *end, *log;
} limits[] = {
	/* 512 bytes with CR LF, whether CR LF or LF alone comes */
	{ 0, 509, "\r\nX\n", "L509 L1 " },
	{ 0, 510, "\r\nX\n", "L510 L1 " },
	{ 0, 511, "\r\nX\n", "O510 L1 " },
	{ 0, 510, "\nX\n", "L510 L1 " },
	{ 0, 511, "\nX\n", "O510 L1 " },
	{ 0, 510, "\r\r\nX\n", "O510 L1 " },
	{ 0, 5000, "\r\nX\n", "O510 L1 " },
	/* "@", 4094 bytes and a space, and 512 bytes in addition */
	{ 4095, 510, "\r\nX\n", "L4605 L1 " },
	{ 4096, 510, "\r\nX\n", "L4606 L1 " },
	{ 4097, 4, "\r\nX\n", "O4096 L1 " },
	{ 4096, 511, "\r\nX\n", "O4606 L1 " },
	{ 2, 511, "\r\nX\n", "O512 L1 " },
	{ 8000, 8000, "\r\nX\n", "O4096 L1 " },
	/* no end at all */
	{ 0, 511, "", "O510 " },
	{ 0, 510, "", "" },
	{ 0, 510, "\r", "" },
	{ 4097, 0, "", "O4096 " },
};

static const size_t steps[] = { 1, 2, 3, 7, 509, 510, 511, 512, 513, 4096, 4607,
	BIG };

START_TEST(limits_of_clients)
{
	static char buf[BIG];
	struct span in =
	    line_of(buf, limits[_i].tags, limits[_i].body, limits[_i].end);

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct frame f;
		char log[256];

		frame_init_client(&f);
		feed(&f, in, steps[i], log);
		ck_assert_str_eq(log, limits[_i].log);
	}
}
END_TEST

START_TEST(limits_of_links)
{
	static const struct {
		size_t tags, body;
		const char *log;
	} rows[] = {
		{ 0, 16381, "L16381 L1 " },
		{ 0, 16382, "L16382 L1 " },
		{ 0, 16383, "O16382 L1 " },
		/* tags count like the rest */
		{ 5000, 16382 - 5000, "L16382 L1 " },
		{ 5000, 16383 - 5000, "O16382 L1 " },
	};
	static char buf[BIG];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct span in =
		    line_of(buf, rows[i].tags, rows[i].body, "\r\nX\r\n");

		for (size_t k = 6; k < sizeof(steps) / sizeof(steps[0]); k++) {
			struct frame f;
			char log[256];

			frame_init_link(&f);
			feed(&f, in, steps[k], log);
			ck_assert_str_eq(log, rows[i].log);
		}
	}
}
END_TEST

/* link-protocol.md, part 3: a line of a link ends with CR LF. */
START_TEST(a_link_needs_cr_lf)
{
	struct span in = SPAN("BEAT 1\nBEAT 2\r\n\n\r\n"), line;
	struct frame f;

	frame_init_link(&f);
	ck_assert_int_eq(frame_next(&f, &in, &line), FRAME_BAD);
	ck_assert_int_eq(frame_next(&f, &in, &line), FRAME_LINE);
	ck_assert(span_eq(line, SPAN("BEAT 2")));
	ck_assert_int_eq(frame_next(&f, &in, &line), FRAME_BAD);
	ck_assert_int_eq(frame_next(&f, &in, &line), FRAME_LINE);
	ck_assert_uint_eq(line.n, 0);
}
END_TEST

START_TEST(long_line_gives_its_beginning)
{
	struct frame f = { .body = 6 };
	struct span in = SPAN("abcdefghij\nkl\n"), line;

	ck_assert_int_eq(frame_next(&f, &in, &line), FRAME_LONG);
	ck_assert(span_eq(line, SPAN("abcd")));
	ck_assert_int_eq(frame_next(&f, &in, &line), FRAME_LINE);
	ck_assert(span_eq(line, SPAN("kl")));
	ck_assert_int_eq(frame_next(&f, &in, &line), FRAME_MORE);
	ck_assert_uint_eq(in.n, 0);
}
END_TEST

Suite *
frame_suite(void)
{
	Suite *s = suite_create("wire/frame");
	TCase *t = unit_case("frame");

	tcase_add_loop_test(t, ends_of_lines, 0, ROWS(streams));
	tcase_add_loop_test(t, limits_of_clients, 0, ROWS(limits));
	tcase_add_test(t, limits_of_links);
	tcase_add_test(t, a_link_needs_cr_lf);
	tcase_add_test(t, long_line_gives_its_beginning);
	suite_add_tcase(s, t);
	return s;
}
