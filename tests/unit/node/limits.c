/*
 * A line that needs a capability (verb.def), with LIMITS as the line: it goes
 * only between servers that have announced `limits`. And what LIMITS and
 * MODULES are for.
 */
#include <stdio.h>
#include <string.h>

#include "core/module.h"
#include "unit/node/check_node.h"
#include "unit/node/played.h"
#include "unit/node/world.h"

#define HELLO_LIMITS PLAYED_HELLO " limits"
#define OURS                                                            \
	"LIMITS nick_len=30 channel_len=64 topic_len=390 kick_len=300 " \
	"away_len=300 key_len=32 user_len=10 host_len=63 real_len=150 " \
	"list_max=100\r\n"

static unsigned
sync_with(struct world *w, const char *hello)
{
	unsigned p = world_peer(w, 1);

	world_say(w, p, hello);
	world_say(w, p, "SYNC");
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
	return p;
}

START_TEST(line_is_sent_to_who_announced_it)
{
	struct world *w = played_node();
	unsigned p = sync_with(w, HELLO_LIMITS);

	played_hears(w, p, " limits");
	played_hears(w, p, OURS);
	ck_assert_uint_eq(world_logged(w, 1, LOG_LIMITS_DIFFER), 0);
	world_free(w);
}
END_TEST

START_TEST(line_is_not_sent_to_others)
{
	struct world *w = played_node();
	unsigned p = sync_with(w, PLAYED_HELLO " limitsx");

	ck_assert(!world_hears(w, p, "LIMITS"));
	world_free(w);
}
END_TEST

START_TEST(line_is_not_taken_from_others)
{
	struct world *w = played_node();
	unsigned p = sync_with(w, PLAYED_HELLO);

	world_say(w, p, "LIMITS nick_len=30");
	played_is_refused(w, p, "state");
	world_free(w);
}
END_TEST

struct bad {
	const char *line, *code;
};

static const struct bad bad[] = {
	{ "LIMITS nick_len", "syntax" },
	{ "LIMITS nick_len=", "syntax" },
	{ "LIMITS nick_len=030", "syntax" },
	{ "LIMITS nick_len=4294967296", "syntax" },
	{ "LIMITS nick_len=30 :text", "syntax" },
	{ "LIMITS future=x", "syntax" },
};

START_TEST(malformed_is_refused)
{
	struct world *w = played_node();
	unsigned p = sync_with(w, HELLO_LIMITS);

	world_say(w, p, bad[_i].line);
	played_is_refused(w, p, bad[_i].code);
	world_free(w);
}
END_TEST

/* Only while the link is up. */
START_TEST(too_early_is_refused)
{
	struct world *w = played_node();
	unsigned p = world_peer(w, 1);

	world_say(w, p, HELLO_LIMITS);
	world_say(w, p, "LIMITS nick_len=30");
	played_is_refused(w, p, "state");
	world_free(w);
}
END_TEST

START_TEST(equal_limits_are_not_told)
{
	struct world *w = played_node();
	unsigned p = sync_with(w, HELLO_LIMITS);

	world_say(w, p, "LIMITS");
	world_say(w, p, "LIMITS future=7 channel_len=64 nick_len=30");
	ck_assert_uint_eq(world_logged(w, 1, LOG_LIMITS_DIFFER), 0);
	world_free(w);
}
END_TEST

/* Two servers, one of which is configured again: each tells its operator. */
START_TEST(both_sides_are_told)
{
	struct world *w = world_new(2);
	struct settings set = *world_settings(w, 1);

	world_settings(w, 2)->nick_len = 20;
	world_settings(w, 2)->channel_len = 50;
	world_settings(w, 2)->modes = 4; /* bounds no fact */
	world_allow_all(w);
	world_start_two(w, 3000);
	for (unsigned i = 1; i <= 2; i++)
		ck_assert_uint_eq(world_logged(w, i, LOG_LIMITS_DIFFER), 1);
	ck_assert_str_eq(world_log_text(w, 1, LOG_LIMITS_DIFFER),
	    "server=002.example.org sid=002 ours=nick_len=30 channel_len=64 "
	    "theirs=nick_len=20 channel_len=50");
	ck_assert_str_eq(world_log_text(w, 2, LOG_LIMITS_DIFFER),
	    "server=001.example.org sid=001 ours=nick_len=20 channel_len=50 "
	    "theirs=nick_len=30 channel_len=64");

	/* again with the same limits: nothing; with another: both */
	world_reload(w, 1, &set);
	world_run(w, 1000);
	ck_assert_uint_eq(world_logged(w, 1, LOG_LIMITS_DIFFER), 1);
	ck_assert_uint_eq(world_logged(w, 2, LOG_LIMITS_DIFFER), 1);
	world_settings(w, 1)->nick_len = 20;
	world_reload(w, 1, world_settings(w, 1));
	world_run(w, 1000);
	ck_assert_str_eq(world_log_text(w, 1, LOG_LIMITS_DIFFER),
	    "server=002.example.org sid=002 ours=channel_len=64 "
	    "theirs=channel_len=50");
	ck_assert_str_eq(world_log_text(w, 2, LOG_LIMITS_DIFFER),
	    "server=001.example.org sid=001 ours=channel_len=50 "
	    "theirs=channel_len=64");
	world_free(w);
}
END_TEST

static const struct module help = { .name = "help" },
			   knock = { .name = "knock" }, bot = { .name = "bot" };

START_TEST(other_modules_are_told_on_both_sides)
{
	static const struct module *const first[] = { &help, &knock, &bot },
					  *const second[] = { &help };
	struct world *w = world_new(2);
	struct settings set;

	world_settings(w, 1)->module = first;
	world_settings(w, 1)->nmodule = 2;
	world_settings(w, 2)->module = second;
	world_settings(w, 2)->nmodule = 1;
	world_allow_all(w);
	world_start_two(w, 3000);
	ck_assert_str_eq(world_log_text(w, 1, LOG_MODULES_DIFFER),
	    "server=002.example.org sid=002 ours=knock theirs=");
	ck_assert_str_eq(world_log_text(w, 2, LOG_MODULES_DIFFER),
	    "server=001.example.org sid=001 ours= theirs=knock");

	/* the same again: nothing; one more: both; no other: nothing */
	set = *world_settings(w, 1);
	world_reload(w, 1, &set);
	world_run(w, 1000);
	ck_assert_uint_eq(world_logged(w, 1, LOG_MODULES_DIFFER), 1);
	ck_assert_uint_eq(world_logged(w, 2, LOG_MODULES_DIFFER), 1);
	world_settings(w, 1)->nmodule = 3;
	world_reload(w, 1, world_settings(w, 1));
	world_run(w, 1000);
	ck_assert_str_eq(world_log_text(w, 1, LOG_MODULES_DIFFER),
	    "server=002.example.org sid=002 ours=knock bot theirs=");
	ck_assert_str_eq(world_log_text(w, 2, LOG_MODULES_DIFFER),
	    "server=001.example.org sid=001 ours= theirs=knock bot");
	set = *world_settings(w, 1);
	set.nmodule = 1;
	world_reload(w, 1, &set);
	world_run(w, 1000);
	ck_assert_uint_eq(world_logged(w, 1, LOG_MODULES_DIFFER), 2);
	ck_assert_uint_eq(world_logged(w, 2, LOG_MODULES_DIFFER), 2);
	world_free(w);
}
END_TEST

static const char *const bad_modules[] = { "MODULES a.b", "MODULES :a",
	"MODULES ABC", "MODULES a123456789b123456789c123456789xyz" };

START_TEST(malformed_modules_are_refused)
{
	struct world *w = played_node();
	unsigned p = sync_with(w, PLAYED_HELLO " modules");

	played_hears(w, p, "MODULES\r\n");
	world_say(w, p, bad_modules[_i]);
	played_is_refused(w, p, "syntax");
	world_free(w);
}
END_TEST

/* 256 names, or one more. */
START_TEST(names_of_modules_are_bounded)
{
	struct world *w = played_node();
	unsigned p = sync_with(w, PLAYED_HELLO " modules"),
		 n = 256 + (unsigned)_i;
	char line[2048] = "MODULES";

	for (unsigned i = 0; i < n; i++)
		snprintf(line + strlen(line), sizeof(line) - strlen(line),
		    " m%u", i);
	world_say(w, p, line);
	if (_i == 0)
		ck_assert(!world_is_closed(w, p));
	else
		played_is_refused(w, p, "syntax");
	ck_assert_uint_eq(world_logged(w, 1, LOG_MODULES_DIFFER), 1 - _i);
	world_free(w);
}
END_TEST

static const struct {
	const char *caps, *line[2];
	enum log_row row;
} differing[] = {
	{ " modules", { "MODULES a", "MODULES b" }, LOG_MODULES_DIFFER },
	{ " limits", { "LIMITS nick_len=31", "LIMITS nick_len=32" },
	    LOG_LIMITS_DIFFER },
};

/* A peer says the same again and again: that is told once, and again only after
 * both sides were equal. */
START_TEST(a_difference_is_told_once)
{
	struct world *w = played_node();
	char hello[512];
	unsigned p;

	snprintf(hello, sizeof(hello), "%s%s", PLAYED_HELLO,
	    differing[_i].caps);
	p = sync_with(w, hello);
	for (unsigned i = 0; i < 10; i++)
		world_say(w, p, differing[_i].line[0]);
	ck_assert_uint_eq(world_logged(w, 1, differing[_i].row), 1);
	world_say(w, p, _i == 0 ? "MODULES" : "LIMITS nick_len=30");
	ck_assert_uint_eq(world_logged(w, 1, differing[_i].row), 1);
	world_say(w, p, differing[_i].line[0]);
	ck_assert_uint_eq(world_logged(w, 1, differing[_i].row), 2);
	world_free(w);
}
END_TEST

/* A peer that changes with each line is told of some times in ten minutes. */
START_TEST(differences_that_change_are_bounded)
{
	struct world *w = played_node();
	char hello[512];
	unsigned p;

	world_settings(w, 1)->link_silence_s = 3600;
	world_reload(w, 1, world_settings(w, 1));
	snprintf(hello, sizeof(hello), "%s%s", PLAYED_HELLO,
	    differing[_i].caps);
	p = sync_with(w, hello);
	for (unsigned i = 0; i < 20; i++)
		world_say(w, p, differing[_i].line[i % 2]);
	ck_assert_uint_eq(world_logged(w, 1, differing[_i].row), 5);
	world_run(w, 600000);
	for (unsigned i = 0; i < 20; i++)
		world_say(w, p, differing[_i].line[i % 2]);
	ck_assert_uint_eq(world_logged(w, 1, differing[_i].row), 10);
	world_free(w);
}
END_TEST

Suite *
limits_suite(void)
{
	Suite *s = suite_create("limits");
	TCase *t = unit_case("limits");

	tcase_add_test(t, line_is_sent_to_who_announced_it);
	tcase_add_test(t, line_is_not_sent_to_others);
	tcase_add_test(t, line_is_not_taken_from_others);
	tcase_add_loop_test(t, malformed_is_refused, 0,
	    sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(t, too_early_is_refused);
	tcase_add_test(t, equal_limits_are_not_told);
	tcase_add_test(t, both_sides_are_told);
	tcase_add_test(t, other_modules_are_told_on_both_sides);
	tcase_add_loop_test(t, malformed_modules_are_refused, 0,
	    sizeof(bad_modules) / sizeof(bad_modules[0]));
	tcase_add_loop_test(t, names_of_modules_are_bounded, 0, 2);
	tcase_add_loop_test(t, a_difference_is_told_once, 0, 2);
	tcase_add_loop_test(t, differences_that_change_are_bounded, 0, 2);
	suite_add_tcase(s, t);
	return s;
}
