/*
 * Before a server makes a FORGET, it asks the others which entries they have,
 * and whether they have reached a ghost (doc/link-protocol.md, 11.11 and
 * 11.31).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/text.h"
#include "unit/node/check_node.h"
#include "unit/node/liars.h"
#include "unit/node/played.h"
#include "unit/node/world.h"

#define KEEP_S 2
#define QUIET_MS (3 * KEEP_S * 1000)

/* Link the peer 002, which was linked with a server that is gone now, and tells
 * of the first entry of its run. Logs are short. */
static unsigned
with_gone(struct world *w, const char *origin)
{
	unsigned p;
	char line[80];

	world_settings(w, 1)->keep_s = KEEP_S;
	p = played_sync(w);
	played_entry(w, p, "002.50", 1,
	    "+READY 002 50 002.example.org :played");
	snprintf(line, sizeof(line), "LSA %s 1 1700000001000 :", origin);
	world_say(w, p, line);
	snprintf(line, sizeof(line), "+READY %.3s %s %.3s.example.org :gone",
	    origin, origin + 4, origin);
	played_entry(w, p, origin, 1, line);
	return p;
}

/* Answer the question of that number, from 1, with a vector. If it is NULL, the
 * answer is empty. */
static void
answer(struct world *w, unsigned p, unsigned question, const char *vector)
{
	unsigned long long id = (1ULL << 62) + question;
	char line[120];

	if (vector != NULL) {
		snprintf(line, sizeof(line), "ANSWER 001.%llu 001 31 :%s", id,
		    vector);
		world_say(w, p, line);
	}
	snprintf(line, sizeof(line), "DONE 001.%llu 001 31", id);
	world_say(w, p, line);
	world_run(w, 10);
}

/* Check that 002 was asked that question, and answer it. */
static void
has(struct world *w, unsigned p, unsigned question, const char *vector)
{
	char line[120];

	snprintf(line, sizeof(line),
	    "QUERY 001.%llu 001AAAAAA 002 31 :HAVE 003",
	    (1ULL << 62) + question);
	played_hears(w, p, line);
	answer(w, p, question, vector);
}

/* Nobody is missing for as long as is asked, but the link of the peer is slow:
 * entries of the server that is to be forgotten are still to come. */
START_TEST(entries_behind_a_slow_link_are_waited_for)
{
	struct world *w = played_node();
	const struct core *c = node_core(world_node(w, 1));
	unsigned p = with_gone(w, "003.70");

	world_order(w, 1, "forget 003", "ok ");
	played_beats(w, p, QUIET_MS / 1000 + 1);
	ck_assert_uint_eq(core_forget_count(c), 0);
	has(w, p, 1, "003.70=2");
	played_beats(w, p, 5);
	ck_assert_uint_eq(core_forget_count(c), 0);
	has(w, p, 2, NULL); /* does not know the question */
	world_say(w, p, "ENTRY 003.70 2 1700000001001 * - 1");
	world_say(w, p, "@kind=element +ODD");
	played_beats(w, p, 6);
	ck_assert_uint_eq(core_forget_count(c), 0);
	/* the end of the answer does not come */
	world_say(w, p, "ANSWER 001.4611686018427387907 001 31 :003.70=2");
	played_beats(w, p, 6);
	ck_assert_uint_eq(core_forget_count(c), 0);
	has(w, p, 4, "003.70=2 003.80=7");
	ck_assert_uint_eq(core_forget_count(c), 1);
	played_hears(w, p, "+FORGET 003 70 :003.70=2");
	world_free(w);
}
END_TEST

/* Let server 004 be reachable behind 002, or not, by the n-th link state of
 * 002. 005 is in any case. */
static void
behind(struct world *w, unsigned p, unsigned n, bool is_4)
{
	char line[80];

	snprintf(line, sizeof(line),
	    "LSA 002.50 %u 1700000001000 001,77,10%s 005,8,10 :", n,
	    is_4 ? " 004,9,10" : "");
	world_say(w, p, line);
}

/* 002, 004 and 005 are asked what they have of 003. */
static unsigned
three_are_asked(struct world *w)
{
	unsigned p = with_gone(w, "003.70");

	behind(w, p, 2, true);
	world_say(w, p, "LSA 004.60 1 1700000001000 002,9,10 :");
	world_say(w, p, "LSA 005.60 1 1700000001000 002,8,10 :");
	played_entry(w, p, "004.60", 1, "+READY 004 60 004.example.org :x");
	played_entry(w, p, "005.60", 1, "+READY 005 60 005.example.org :x");
	world_order(w, 1, "forget 003", "ok ");
	played_beats(w, p, QUIET_MS / 1000 + 1);
	ck_assert_uint_eq(text_count(world_heard(w, p), ":HAVE 003"), 3);
	return p;
}

/* All have answered, but 004 was missing when the last answer came. All are
 * asked again, since they may have more now. */
START_TEST(answers_from_before_a_server_was_missing)
{
	struct world *w = played_node();
	const struct core *c = node_core(world_node(w, 1));
	unsigned p = three_are_asked(w);

	answer(w, p, 1, "003.70=1");
	answer(w, p, 2, "003.70=1");
	behind(w, p, 3, false);
	answer(w, p, 3, "003.70=1");
	played_beats(w, p, 1);
	behind(w, p, 4, true);
	world_forget(w, p);
	played_beats(w, p, QUIET_MS / 1000 + 2);
	ck_assert_uint_eq(text_count(world_heard(w, p), ":HAVE 003"), 3);
	ck_assert_uint_eq(core_forget_count(c), 0);
	world_free(w);
}
END_TEST

/* A server that has not caught up yet forgets nobody. */
START_TEST(a_server_that_is_not_ready_forgets_nobody)
{
	struct world *w = world_new(3);
	const struct core *c;
	unsigned p;

	world_settings(w, 1)->keep_s = KEEP_S;
	world_start(w, 1, 100);
	c = node_core(world_node(w, 1));
	p = world_peer(w, 1);
	world_say(w, p, PLAYED_HELLO);
	world_say(w, p, "LSA 002.50 1 1700000001000 001,77,10 :");
	world_say(w, p, "SYNC 002.50=7");
	played_entry(w, p, "002.50", 1,
	    "+READY 002 50 002.example.org :played");
	world_say(w, p, "LSA 003.70 1 1700000001000 :");
	played_entry(w, p, "003.70", 1, "+READY 003 70 003.test :gone");
	world_order(w, 1, "forget 003", "ok ");
	played_beats(w, p, QUIET_MS / 1000 + 4);
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
	ck_assert(!core_is_ready(c));
	ck_assert_uint_eq(world_visible(w, 1, 2), 50);
	ck_assert(!world_hears(w, p, ":HAVE "));
	world_free(w);
}
END_TEST

/* The operator is told once an hour which server does not answer. */
START_TEST(a_server_that_never_answers_is_told)
{
	struct world *w = played_node();
	unsigned p = with_gone(w, "003.70");

	world_order(w, 1, "forget 003", "ok ");
	played_beats(w, p, 3500);
	ck_assert_uint_eq(world_logged(w, 1, LOG_FORGET_WAITS), 0);
	played_beats(w, p, 200);
	ck_assert_uint_eq(world_logged(w, 1, LOG_FORGET_WAITS), 1);
	ck_assert(strstr(world_log_text(w, 1, LOG_FORGET_WAITS),
		      "sid=003 waits=002") != NULL);
	played_beats(w, p, 3600);
	ck_assert_uint_eq(world_logged(w, 1, LOG_FORGET_WAITS), 2);
	world_free(w);
}
END_TEST

/* The same with the server 007, which is in no configuration, and was never
 * reachable from this node. */
static unsigned
with_a_ghost(struct world *w, const char *origin)
{
	world_settings(w, 1)->forget_s = 3000;
	return with_gone(w, origin);
}

/* Beat for that long, and answer the questions that come: this server has the
 * same, and has reached 007, or not, or does not know the question. */
static void
answer_for(struct world *w, unsigned p, int s, const char *has,
    const char *seen)
{
	const char *at, *end;
	char id[40], line[120], *heard;

	for (int i = 0; i < s; i++) {
		world_forget(w, p);
		played_beats(w, p, 1);
		/* what it hears grows with each answer, and may move */
		heard = strdup(world_heard(w, p));
		for (at = heard; (at = strstr(at, "QUERY ")) != NULL;
		     at = end) {
			end = strstr(at, "\r\n");
			snprintf(id, sizeof(id), "%.*s",
			    (int)strcspn(at + 6, " "), at + 6);
			snprintf(line, sizeof(line), "ANSWER %s 001 31 :%s", id,
			    memmem(at, (size_t)(end - at), "HAVE", 4) != NULL
				? has
				: seen);
			world_say(w, p, line);
			snprintf(line, sizeof(line), "DONE %s 001 31", id);
			world_say(w, p, line);
		}
		free(heard);
	}
}

/* A server that has not taken the FORGET yet may say what it has of these
 * runs. */
START_TEST(forgotten_runs_do_not_count)
{
	struct world *w = played_node();
	const struct core *c = node_core(world_node(w, 1));
	unsigned p = with_gone(w, "003.70");

	world_order(w, 1, "forget 003", "ok ");
	answer_for(w, p, QUIET_MS / 1000 + 2, "003.70=1", "0");
	ck_assert_uint_eq(core_forget_count(c), 1);
	world_say(w, p, "LSA 003.80 1 1700000001000 :");
	played_entry(w, p, "003.80", 1, "+READY 003 80 003.example.org :x");
	world_order(w, 1, "forget 003", "ok ");
	answer_for(w, p, 2 * QUIET_MS / 1000 + 2, "003.70=9 003.80=1", "0");
	ck_assert_uint_eq(core_forget_count(c), 2);
	world_free(w);
}
END_TEST

/* A ghost is forgotten after a thirtieth of forget_s. */
START_TEST(a_ghost_goes_soon)
{
	struct world *w = played_node();
	unsigned p = with_a_ghost(w, "007.170");

	answer_for(w, p, 120, "007.170=1", "0");
	ck_assert_uint_eq(world_runs(w, 1, "007"), 0);
	world_free(w);
}
END_TEST

/* This server started after the other one was gone, so it may have reached it
 * before. */
void
liars_no_ghost(void)
{
	struct world *w = played_node();
	unsigned p = with_a_ghost(w, "007.70");

	answer_for(w, p, 2000, "007.70=1", "0");
	ck_assert_uint_eq(world_runs(w, 1, "007"), 1);
	answer_for(w, p, 1200, "007.70=1", "0");
	ck_assert_uint_eq(world_runs(w, 1, "007"), 0);
	world_free(w);
}

START_TEST(a_server_from_before_the_start_is_no_ghost)
{
	liars_no_ghost();
}
END_TEST

/* Another server has reached it, or cannot say that it has not. */
START_TEST(a_ghost_that_another_server_knows)
{
	static const char *const seen[] = { "1", "x" };
	struct world *w = played_node();
	unsigned p = with_a_ghost(w, "007.170");

	answer_for(w, p, 2000, "007.170=1", seen[_i]);
	ck_assert_uint_eq(world_runs(w, 1, "007"), 1);
	answer_for(w, p, 1200, "007.170=1", seen[_i]);
	ck_assert_uint_eq(world_runs(w, 1, "007"), 0);
	world_free(w);
}
END_TEST

/* A server that is configured as a peer has only not come yet. */
START_TEST(a_configured_peer_is_no_ghost)
{
	struct world *w = played_node();
	unsigned p = with_gone(w, "003.170");

	world_settings(w, 1)->forget_s = 3000;
	answer_for(w, p, 2000, "003.170=1", "0");
	ck_assert_uint_eq(world_runs(w, 1, "003"), 1);
	world_free(w);
}
END_TEST

/* A server says of another one whether it has reached it. */
START_TEST(a_server_says_what_it_has_seen)
{
	static const struct {
		const char *sid, *answer;
	} row[] = {
		{ "002", "1" },			/* is here */
		{ "003", "1" },			/* is configured */
		{ "006", "1" },			/* from before this run */
		{ "007", "0" }, { "008", "1" }, /* is not in the map */
	};
	struct world *w = played_node();
	unsigned p = with_a_ghost(w, "007.170");
	char line[80];

	world_say(w, p, "LSA 003.170 1 1700000001000 :");
	world_say(w, p, "LSA 006.70 1 1700000001000 :");
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		world_forget(w, p);
		snprintf(line, sizeof(line),
		    "QUERY 002.9 002AAAAAA 001 31 :SEEN %s", row[i].sid);
		world_say(w, p, line);
		snprintf(line, sizeof(line),
		    "ANSWER 002.9 002 31 :%s\r\nDONE 002.9 002 31\r\n",
		    row[i].answer);
		played_hears(w, p, line);
	}
	world_free(w);
}
END_TEST

/* A server says how many entries of another one it has. */
START_TEST(a_server_says_what_it_has)
{
	struct world *w = played_node();
	unsigned p = with_gone(w, "003.70");

	world_say(w, p, "QUERY 002.9 002AAAAAA 001 31 :HAVE 003");
	played_hears(w, p,
	    "ANSWER 002.9 002 31 :003.70=1\r\nDONE 002.9 002 31");
	world_say(w, p, "QUERY 002.10 002AAAAAA 001 31 :HAVE 009");
	played_hears(w, p, "ANSWER 002.10 002 31 :\r\nDONE 002.10 002 31\r\n");
	world_forget(w, p);
	world_say(w, p, "QUERY 002.11 002AAAAAA 001 31 :HAVE it all");
	ck_assert_str_eq(world_heard(w, p), "DONE 002.11 002 31\r\n");
	world_free(w);
}
END_TEST

/* An answer about very many runs has several lines. */
START_TEST(a_server_says_what_it_has_of_many_runs)
{
	struct world *w = played_node();
	unsigned p = with_gone(w, "003.1");
	char line[80];

	/* 003 is reachable once: so many runs of a ghost are refused (6.21) */
	world_say(w, p, "LSA 002.50 2 1 001,77,10 003,9,1 :");
	world_say(w, p, "LSA 003.1 2 1 002,9,1 :");
	world_say(w, p, "LSA 002.50 3 1 001,77,10 :");
	for (unsigned inc = 2; inc <= 450; inc++) {
		snprintf(line, sizeof(line), "LSA 003.%u 1 1 :", inc);
		world_say(w, p, line);
		snprintf(line, sizeof(line), "ENTRY 003.%u 1 %u * - 1", inc,
		    inc * 1000);
		world_say(w, p, line);
		snprintf(line, sizeof(line), "+READY 003 %u x.test :", inc);
		world_say(w, p, line);
	}
	world_forget(w, p);
	world_say(w, p, "QUERY 002.9 002AAAAAA 001 31 :HAVE 003");
	ck_assert_uint_eq(text_count(world_heard(w, p), "ANSWER 002.9 "), 2);
	played_hears(w, p, " 003.450=1\r\nDONE 002.9 002 31");
	world_free(w);
}
END_TEST

Suite *
census_suite(void)
{
	Suite *s = suite_create("census");
	TCase *t = unit_case("census");

	tcase_add_test(t, entries_behind_a_slow_link_are_waited_for);
	tcase_add_test(t, answers_from_before_a_server_was_missing);
	tcase_add_test(t, forgotten_runs_do_not_count);
	tcase_add_test(t, a_server_that_is_not_ready_forgets_nobody);
	tcase_add_test(t, a_server_that_never_answers_is_told);
	tcase_add_test(t, a_ghost_goes_soon);
	tcase_add_test(t, a_server_from_before_the_start_is_no_ghost);
	tcase_add_loop_test(t, a_ghost_that_another_server_knows, 0, 2);
	tcase_add_test(t, a_configured_peer_is_no_ghost);
	tcase_add_test(t, a_server_says_what_it_has_seen);
	tcase_add_test(t, a_server_says_what_it_has);
	tcase_add_test(t, a_server_says_what_it_has_of_many_runs);
	suite_add_tcase(s, t);
	return s;
}
