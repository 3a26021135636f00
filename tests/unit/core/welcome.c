/* The numerics that are made once for all clients, and the one buffer in which
 * a welcome leaves. */
#include <stdio.h>
#include <string.h>

#include "core/sessions/line.h"
#include "unit/core/check_core.h"
#include "unit/core/rig.h"

#define LONG_NICK "a-nick-of-30-bytes-and-no-more"

static void
begin(struct rig *r, unsigned client, const char *nick)
{
	char line[128] = "NICK ";

	rig_open(r, client);
	strcat(line, nick);
	rig_say(r, client, line);
	r->queued = 0;
	rig_say(r, client, "USER u 0 * :A User");
}

/* Return the line of text that begins with start, without its CR LF. */
static struct span
line_of(const char *text, const char *start)
{
	const char *p = strstr(text, start);

	ck_assert_msg(p != NULL, "%s is not in: %s", start, text);
	return span_make(p, strcspn(p, "\r"));
}

START_TEST(a_welcome_is_one_buffer)
{
	const char *heard;
	struct rig r;

	rig_init(&r);
	for (unsigned i = 1; i <= 2; i++) {
		begin(&r, i, i == 1 ? "ann" : "bob");
		heard = rig_heard(&r, i);
		ck_assert_int_eq(strncmp(heard, ":irc.test 001 ", 14), 0);
		line_of(heard, ":irc.test 221 ");
		ck_assert_uint_eq(r.queued, 1);
	}
	rig_fini(&r);
}
END_TEST

/* The nick of the first client is shorter than that of the second. */
START_TEST(each_client_reads_its_own_nick)
{
	static const char *const start[] = { "002 ", "003 ", "004 ", "005 ",
		"375 ", "372 ", "376 " };
	static const char *const nick[] = { "a", LONG_NICK };
	struct span motd = SPAN("a line"), first, second;
	char want[64];
	struct rig r;

	rig_init(&r);
	r.settings.motd = &motd;
	r.settings.nmotd = 1;
	rig_conf(&r, &r.settings);
	for (unsigned i = 0; i < 2; i++)
		begin(&r, i + 1, nick[i]);
	for (size_t k = 0; k < sizeof(start) / sizeof(start[0]); k++) {
		snprintf(want, sizeof(want), ":irc.test %sa ", start[k]);
		first = line_of(r.out[1], want);
		snprintf(want, sizeof(want), ":irc.test %s" LONG_NICK " ",
		    start[k]);
		second = line_of(r.out[2], want);
		ck_assert(span_eq(span_tail(first, sizeof(":irc.test 000 a")),
		    span_tail(second, sizeof(":irc.test 000 " LONG_NICK))));
	}
	rig_fini(&r);
}
END_TEST

/* A line that has room for a short nick only is cut for a long nick, between
 * characters and at 510 bytes. */
START_TEST(a_long_line_of_the_motd_is_cut_for_each_nick)
{
	char text[LINE_BODY_MAX + 1];
	struct span motd, line;
	struct rig r;

	rig_init(&r);
	memset(text, 'm', sizeof(text) - 1);
	for (size_t i = 401; i + 1 < sizeof(text) - 1; i += 2)
		memcpy(text + i, "\xc3\xa4", 2);
	motd = span_make(text, 485);
	r.settings.motd = &motd;
	r.settings.nmotd = 1;
	rig_conf(&r, &r.settings);
	begin(&r, 1, "a");
	begin(&r, 2, LONG_NICK);
	line = line_of(r.out[1], ":irc.test 372 a :");
	ck_assert_uint_eq(line.n, 504);
	line = line_of(r.out[2], ":irc.test 372 " LONG_NICK " :");
	ck_assert_uint_eq(line.n, 509);
	ck_assert_int_eq(line.p[508], '\xa4');
	rig_fini(&r);
}
END_TEST

START_TEST(new_settings_are_told_and_each_class_its_limit)
{
	struct span motd[] = { SPAN("old"), SPAN("new") };
	struct class_settings class[2];
	const char *heard;
	struct rig r;

	rig_init(&r);
	class[0] = class[1] = r.class;
	class[1].channels = 7;
	rig_register(&r, 1, "ann");
	for (int i = 0; i < 2; i++) {
		r.settings.motd = &motd[i];
		r.settings.nmotd = 1;
		r.settings.class = &class[i];
		rig_conf(&r, &r.settings);
		rig_heard(&r, 1);
		rig_say(&r, 1, "MOTD");
		heard = rig_heard(&r, 1);
		line_of(heard, i == 0 ? "372 ann :- old" : "372 ann :- new");
		rig_say(&r, 1, "VERSION");
		heard = rig_heard(&r, 1);
		line_of(heard, i == 0 ? "CHANLIMIT=#:5 " : "CHANLIMIT=#:7 ");
	}
	rig_session(&r, 1)->conn->class = &class[0];
	rig_say(&r, 1, "VERSION");
	line_of(rig_heard(&r, 1), "CHANLIMIT=#:5 ");
	rig_fini(&r);
}
END_TEST

Suite *
welcome_suite(void)
{
	Suite *s = suite_create("welcome");
	TCase *t = unit_case("all");

	tcase_add_test(t, a_welcome_is_one_buffer);
	tcase_add_test(t, each_client_reads_its_own_nick);
	tcase_add_test(t, a_long_line_of_the_motd_is_cut_for_each_nick);
	tcase_add_test(t, new_settings_are_told_and_each_class_its_limit);
	suite_add_tcase(s, t);
	return s;
}
