/*
 * The `time` tag shows when a message came to the server of its sender, and is
 * the same at every server (link-protocol.md, 6.15).
 */
#include <stdio.h>
#include <string.h>

#include "unit/node/check_node.h"
#include "unit/node/played.h"
#include "unit/node/world.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)
#define TODAY "@time=2023-11-14T"

static unsigned
user(struct world *w, unsigned i, const char *nick)
{
	unsigned c = world_user(w, i, nick);

	world_say(w, c, "CAP REQ :server-time echo-message");
	world_run(w, 100);
	world_forget(w, c);
	return c;
}

static bool
day_is(const char *line)
{
	return strncmp(line, TODAY, strlen(TODAY)) == 0;
}

static void
all_of_today(struct world *w, unsigned c)
{
	const char *line = world_heard(w, c);

	ck_assert_str_ne(line, "");
	for (; *line != '\0'; line += strcspn(line, "\n") + 1)
		ck_assert_msg(day_is(line), "%s", line);
}

/* Check that both were sent the message with the same time. */
static void
same_time(struct world *w, unsigned a, unsigned b, const char *text)
{
	const char *of[2] = { world_heard(w, a), world_heard(w, b) };

	for (unsigned i = 0; i < 2; i++) {
		const char *at = strstr(of[i], text);

		ck_assert_ptr_nonnull(at);
		while (at > of[i] && at[-1] != '\n')
			at--;
		of[i] = at;
	}
	ck_assert_msg(strncmp(of[0], of[1], strcspn(of[0], " ")) == 0, "%s\n%s",
	    of[0], of[1]);
}

/* The clock of one server is a day ahead for a moment; the hlc of the whole
 * network stays so. */
static struct world *
day_ahead(unsigned *ann, unsigned *bob)
{
	struct world *w = world_new(2);

	for (unsigned i = 1; i <= 2; i++)
		world_settings(w, i)->alone_ms = 0;
	world_start(w, 1, 100);
	world_start(w, 2, 100);
	*ann = user(w, 1, "ann");
	*bob = user(w, 2, "bob");
	world_skew(w, 1, DAY_MS);
	world_say(w, *ann, "JOIN #c");
	world_skew(w, 1, 0);
	world_allow_all(w);
	world_run(w, 70000); /* they dial again */
	world_say(w, *bob, "JOIN #c");
	world_run(w, 1000);
	ck_assert_int_gt(core_clock(node_core(world_node(w, 2))).ms,
	    INT64_C(1700000000000) + DAY_MS);
	world_forget(w, *ann);
	world_forget(w, *bob);
	return w;
}

START_TEST(no_day_is_shown_that_is_not_there_yet)
{
	unsigned ann, bob;
	struct world *w = day_ahead(&ann, &bob);

	world_say(w, bob, "PRIVMSG #c :hello");
	world_say(w, ann, "NICK anna");
	world_say(w, ann, "PING x");
	world_run(w, 100);
	world_say(w, ann, "TOPIC #c :of today");
	world_run(w, 100);
	all_of_today(w, ann);
	all_of_today(w, bob);
	same_time(w, ann, bob, "PRIVMSG #c :hello");
	same_time(w, ann, bob, "NICK :anna");
	same_time(w, ann, bob, "TOPIC #c :of today");
	world_free(w);
}
END_TEST

/* These have no t0, or no entry. */
START_TEST(what_no_command_does_is_of_today)
{
	unsigned ann, bob;
	struct world *w = day_ahead(&ann, &bob);

	world_hang_up(w, ann);
	world_run(w, 100);
	played_hears(w, bob, "QUIT");
	world_allow(w, 1, 2, false);
	world_run(w, 1000);
	world_say(w, bob, "PRIVMSG bob :to this server alone");
	world_run(w, 100);
	all_of_today(w, bob);
	world_free(w);
}
END_TEST

/* An answer has a later time than its question, though the clock of the one who
 * answers is behind. */
START_TEST(the_stamp_is_shown_while_it_is_near)
{
	struct world *w = world_new(2);
	unsigned ann, bob;
	const char *asked, *answered;

	world_skew(w, 2, -3000);
	world_allow_all(w);
	world_start_two(w, 5000);
	ann = user(w, 1, "ann");
	bob = user(w, 2, "bob");
	world_say(w, ann, "PRIVMSG bob :how are you?");
	world_run(w, 100);
	world_say(w, bob, "PRIVMSG ann :well");
	world_run(w, 100);
	same_time(w, ann, bob, ":how are you?");
	same_time(w, ann, bob, ":well");
	asked = world_heard(w, ann);
	answered = strchr(asked, '\n') + 1;
	ck_assert_int_lt(memcmp(asked, answered, strcspn(asked, " ")), 0);
	world_free(w);
}
END_TEST

struct wrong {
	const char *stamp, *t0;
};

/* These come from a peer that lies, or from a server far away whose clock was
 * wrong. */
static const struct wrong wrong[] = {
	{ "1700090000000", "1700089999999" },
	{ "1700000002000", "1" },
	{ "1700000002000", "-9223372036854775808" },
	{ "1700090000000", "9223372036854775807" },
};

START_TEST(no_wrong_time_is_shown)
{
	struct world *w = played_node();
	unsigned ann = user(w, 1, "ann"), p = world_peer(w, 1);
	char line[160];

	world_say(w, p,
	    "HELLO 1 002.50 1700090000000 002.example.org 77 :network=Test "
	    "clock=1700000001000");
	world_say(w, p, "LSA 002.50 1 1700000001000 001,77,10 :");
	world_say(w, p, "SYNC");
	world_say(w, p, "ENTRY 002.50 1 1700000001000 * - 1");
	world_say(w, p, "+READY 002 50 002.example.org :played");
	world_say(w, p, "ENTRY 002.50 2 1700000001001 * - 2");
	world_say(w, p,
	    "+USER 002AAAAAA bob bob 002.example.org 0::1 0::1 :Bob");
	world_say(w, p, "+NICK 002AAAAAA bob 1 1700000001001");
	snprintf(line, sizeof(line),
	    "ENTRY 002.50 3 %s 001 002AAAAAA.1,1,1,%s 1", wrong[_i].stamp,
	    wrong[_i].t0);
	world_say(w, p, line);
	snprintf(line, sizeof(line), "+SAY PRIVMSG 002AAAAAA %s * :hello",
	    "001AACFF2");
	world_say(w, p, line);
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
	played_hears(w, ann, ":hello");
	all_of_today(w, ann);
	world_free(w);
}
END_TEST

Suite *
shown_time_suite(void)
{
	Suite *s = suite_create("shown_time");
	TCase *t = unit_case("shown_time");

	tcase_add_test(t, no_day_is_shown_that_is_not_there_yet);
	tcase_add_test(t, what_no_command_does_is_of_today);
	tcase_add_test(t, the_stamp_is_shown_while_it_is_near);
	tcase_add_loop_test(t, no_wrong_time_is_shown, 0,
	    sizeof(wrong) / sizeof(wrong[0]));
	suite_add_tcase(s, t);
	return s;
}
