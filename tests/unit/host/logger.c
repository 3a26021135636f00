/*
 * host/logger.h: lines of the log that strangers wrote parts of. This program
 * is built with an unsigned char.
 */
#include "host/logger.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit/host/check_host.h"

static char buf[LOG_LINE_MAX];

/* Return the line of an event with two fields, without its end. */
static struct span
line(bool json, enum log_row row, struct span a, struct span b)
{
	const struct log_field field[] = { { "nick", a }, { "text", b } };
	struct log_event e = { { 0 }, row, field, 2 };
	struct span s = logger_line(buf, json, &e);

	ck_assert_uint_gt(s.n, 0);
	ck_assert_int_eq(s.p[s.n - 1], '\n');
	return span_head(s, s.n - 1);
}

static bool
ends(struct span s, const char *end)
{
	size_t n = strlen(end);

	return s.n >= n && memcmp(s.p + s.n - n, end, n) == 0;
}

START_TEST(values_cannot_command_a_terminal)
{
	static const struct {
		const char *value, *written;
	} cases[] = {
		{ "alice", " nick=alice text=x" },
		{ "\xc3\xa9", " nick=\xc3\xa9 text=x" },
		{ "a b", " nick=\"a b\" text=x" },
		{ "a\x1b[31m", " nick=\"a\\u001b[31m\" text=x" },
		{ "a\xc2\x9b\x33mb", " nick=\"a\\u009b3mb\" text=x" },
		{ "a\xe2\x80\xae", " nick=\"a\\u202e\" text=x" },
		{ "a\x9b", " nick=\"a\\u009b\" text=x" },
		{ "\x7f", " nick=\"\\u007f\" text=x" },
	};
	struct span s;

	s = line(false, LOG_BANNED, span_of(cases[_i].value), SPAN("x"));
	ck_assert_msg(ends(s, cases[_i].written), "%.*s", SPAN_ARG(s));
}
END_TEST

/* Two long values that grow when they are escaped: the line still ends as JSON
 * does, and each value is there in part. */
START_TEST(a_line_that_is_cut_ends_well)
{
	char bad[2000];
	struct span s;

	memset(bad, 0x80, sizeof(bad));
	s = line(true, LOG_BANNED, span_make(bad, sizeof(bad)),
	    span_make(bad, sizeof(bad)));
	ck_assert(ends(s, "\\u0080\"}"));
	s = line(false, LOG_BANNED, span_make(bad, sizeof(bad)),
	    span_make(bad, sizeof(bad)));
	ck_assert(ends(s, "\\u0080\""));
}
END_TEST

/* Root gives a new log file to the user of the server, but none that has
 * another name. */
START_TEST(a_file_with_another_name_is_not_given_away)
{
	char dir[] = "/tmp/banyan-logger-XXXXXX", path[64], other[64];
	int fd;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/log", dir);
	snprintf(other, sizeof(other), "%s/other", dir);
	fd = logger_open(path, geteuid(), getegid());
	ck_assert_int_ge(fd, 0);
	close(fd);
	ck_assert_int_eq(link(path, other), 0);
	errno = 0;
	ck_assert_int_eq(logger_open(path, geteuid(), getegid()), -1);
	ck_assert_int_eq(errno, EMLINK);
	fd = logger_open(path, (uid_t)-1, (gid_t)-1);
	ck_assert_int_ge(fd, 0);
	close(fd);
	(void)unlink(other);
	(void)unlink(path);
	(void)rmdir(dir);
}
END_TEST

Suite *
logger_suite(void)
{
	Suite *s = suite_create("logger");
	TCase *t = unit_case("all");

	tcase_add_loop_test(t, values_cannot_command_a_terminal, 0, 8);
	tcase_add_test(t, a_line_that_is_cut_ends_well);
	tcase_add_test(t, a_file_with_another_name_is_not_given_away);
	suite_add_tcase(s, t);
	return s;
}
