/*
 * The log may be ahead of the facts: entries wait when the budget of a turn is
 * spent, and links wait when too many entries do (doc/decisions/0017).
 */
#include <stdio.h>
#include <string.h>

#include "core/state.h"
#include "link/log.h"
#include "lib/text.h"
#include "unit/node/check_node.h"
#include "unit/node/played.h"
#include "unit/node/world.h"

#define UID3 "003AAAAAA"
#define TURN 3000

static const struct log *
log_of(struct world *w)
{
	return link_net_log(world_links(w, 1));
}

/* bob of the played server 002, entries 1 and 2. */
static void
with_bob(struct world *w, unsigned p)
{
	played_entry(w, p, "002.50", 1,
	    "+READY 002 50 002.example.org :played");
	played_entry(w, p, "002.50", 2,
	    "+USER 002AAAAAA bob bob 002.example.org 1.2.3.4 1.2.3.4 :Bob");
	played_entry(w, p, "002.50", 3, "+NICK 002AAAAAA bob 1 1700000001000");
}

/* Messages of bob to #c, numbered in their text. */
static void
messages(struct world *w, unsigned p, unsigned from, unsigned n)
{
	char part[128];

	for (unsigned i = from; i < from + n; i++) {
		snprintf(part, sizeof(part),
		    "+SAY PRIVMSG 002AAAAAA #c * :%04u", i);
		played_entry(w, p, "002.50", i, part);
	}
}

/* ann of node 1 on #c, and the link of a peer with bob. */
static unsigned
begin(struct world *w, unsigned *ann)
{
	unsigned p;

	*ann = world_user(w, 1, "ann");
	world_say(w, *ann, "CAP REQ :echo-message");
	world_say(w, *ann, "JOIN #c");
	p = played_sync(w);
	with_bob(w, p);
	world_forget(w, *ann);
	return p;
}

START_TEST(entries_wait_for_later_turns)
{
	struct world *w = played_node();
	unsigned ann, p = begin(w, &ann), heard, before = 0, turns = 0;
	char text[32];
	const char *at;

	played_small_turns(w, TURN);
	messages(w, p, 4, 100);
	/* all are accepted, and few are processed */
	ck_assert_uint_eq(vector_get(&log_of(w)->have,
			      log_at(log_of(w), log_end(log_of(w)) - 1)
				  ->entry->o),
	    103);
	heard = text_count(world_heard(w, ann), "PRIVMSG");
	ck_assert_uint_lt(heard, 20);
	while (!log_is_drained(log_of(w))) {
		ck_assert_uint_lt(++turns, 200);
		before = text_count(world_heard(w, ann), "PRIVMSG");
		world_tick(w, 1);
		heard = text_count(world_heard(w, ann), "PRIVMSG");
		/* each turn processes some, and not many */
		ck_assert_uint_gt(heard, before);
		ck_assert_uint_le(heard, before + 5);
	}
	ck_assert_uint_eq(heard, 100);
	at = world_heard(w, ann);
	for (unsigned i = 4; i < 104; i++) {
		snprintf(text, sizeof(text), "PRIVMSG #c :%04u\r\n", i);
		ck_assert_ptr_nonnull(at = strstr(at, text));
	}
	world_free(w);
}
END_TEST

/* An own line is behind what came before, and the next line behind that. */
START_TEST(an_own_line_keeps_its_place)
{
	struct world *w = played_node();
	unsigned ann, p = begin(w, &ann);
	const char *heard, *last, *echo;

	played_entry(w, p, "002.50", 4, "+JOIN #c,1.002 002AAAAAA");
	played_small_turns(w, TURN);
	messages(w, p, 5, 29);
	world_say(w, ann, "PRIVMSG #c :mine");
	messages(w, p, 34, 30);
	ck_assert(!world_hears(w, ann, ":mine"));
	/* its next line is not read before its own entry is processed */
	world_say(w, ann, "PING :early");
	ck_assert(!world_hears(w, ann, "early"));
	while (!log_is_drained(log_of(w)))
		world_tick(w, 1);
	heard = world_heard(w, ann);
	echo = strstr(heard, "PRIVMSG #c :mine");
	ck_assert_ptr_nonnull(echo);
	last = strstr(heard, ":0033");
	ck_assert(last != NULL && last < echo);
	last = strstr(heard, ":0034");
	ck_assert(last != NULL && echo < last);
	world_tick(w, 1);
	world_say(w, ann, "PING :late");
	ck_assert(world_hears(w, ann, "late"));
	world_free(w);
}
END_TEST

/* Two nodes with the same entries, one of them with small turns. */
START_TEST(facts_are_those_of_one_turn)
{
	struct world *w = world_new(3);
	char line[64];
	unsigned u;

	world_allow_all(w);
	for (unsigned i = 1; i <= 3; i++)
		world_start(w, i, 100);
	world_run(w, 1000);
	world_settings(w, 1)->turn_work = 1000;
	for (unsigned i = 0; i < 40; i++) {
		snprintf(line, sizeof(line), "user%u", i);
		u = world_user(w, 2 + i % 2, line);
		world_say(w, u, "JOIN #a,#b,#c");
		world_say(w, u, "MODE #a +m");
		if (i % 4 == 0)
			world_say(w, u, "PART #b");
		if (i % 5 == 0)
			world_hang_up(w, u);
	}
	world_run(w, 2000);
	ck_assert(world_agrees(w, 1, 2));
	ck_assert(world_agrees(w, 1, 3));
	world_free(w);
}
END_TEST

/* READY waits until all that the first neighbour had is processed. */
START_TEST(ready_waits_for_the_facts)
{
	struct world *w = world_new(3);
	struct origin o;
	unsigned p;
	char part[64];

	((struct peer_settings *)(uintptr_t)world_settings(w, 1)->peer)[0]
	    .naddress = 0;
	((struct peer_settings *)(uintptr_t)world_settings(w, 1)->peer)[1]
	    .naddress = 0;
	world_settings(w, 1)->turn_work = 1000;
	world_start(w, 1, 100);
	world_ticks(w, false);
	p = world_peer(w, 1);
	world_say(w, p, PLAYED_HELLO);
	world_say(w, p, "LSA 002.50 1 1700000001000 001,77,10 :002.50=43");
	world_say(w, p, "SYNC 002.50=43");
	with_bob(w, p);
	for (unsigned i = 4; i <= 43; i++) {
		snprintf(part, sizeof(part), "+JOIN #c%u,1.002 002AAAAAA", i);
		played_entry(w, p, "002.50", i, part);
	}
	ck_assert(!core_is_ready(node_core(world_node(w, 1))));
	o = log_at(log_of(w), log_of(w)->next)->entry->o;
	while (log_covered(log_of(w), o) < 43) {
		ck_assert(!core_is_ready(node_core(world_node(w, 1))));
		world_tick(w, 1);
	}
	ck_assert(core_is_ready(node_core(world_node(w, 1))));
	world_free(w);
}
END_TEST

/* A user is not seen to quit before what the user said is shown. */
START_TEST(a_split_waits_for_what_was_said)
{
	struct world *w = played_node();
	unsigned ann, p = begin(w, &ann);
	const char *quit;

	played_entry(w, p, "002.50", 4, "+JOIN #c,1.002 002AAAAAA");
	played_small_turns(w, TURN);
	messages(w, p, 5, 50);
	world_hang_up(w, p);
	ck_assert(!world_hears(w, ann, "QUIT"));
	for (unsigned i = 0; i < 100; i++)
		world_tick(w, 1);
	quit = strstr(world_heard(w, ann), " QUIT :");
	ck_assert_ptr_nonnull(quit);
	ck_assert_uint_eq(text_count(world_heard(w, ann),
			      ":bob!bob@1.2.3.4 PRIVMSG"),
	    50);
	ck_assert_ptr_null(strstr(quit, "PRIVMSG"));
	world_free(w);
}
END_TEST

/* A snapshot is taken when all entries before it are processed. */
START_TEST(a_snapshot_waits_for_no_entry)
{
	struct world *w = played_node();
	unsigned ann, p = begin(w, &ann);

	played_small_turns(w, TURN);
	messages(w, p, 4, 50);
	world_say(w, p, "SNAP 002.50");
	world_say(w, p,
	    "@dot=002.50.1.0;stamp=1700001 +READY 002 50 002.example.org :x");
	world_say(w, p, "END 002.50=90/90");
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
	for (unsigned i = 0; i < 100; i++)
		world_tick(w, 1);
	ck_assert(log_is_drained(log_of(w)));
	ck_assert_uint_eq(text_count(world_heard(w, ann), "PRIVMSG"), 50);
	ck_assert_uint_eq(link_net_counts(world_links(w, 1))->snaps_in, 1);
	world_free(w);
}
END_TEST

/* The link that floods is held and stays alive; another one goes on. */
START_TEST(only_the_link_that_floods_is_held)
{
	struct world *w = played_node();
	unsigned ann, p, q, n = 4;
	char part[128];

	world_settings(w, 1)->backlog_bytes = 20000;
	p = begin(w, &ann);
	q = played_sync_run(w, 3, 50, 78);
	played_entry(w, q, "003.50", 1,
	    "+READY 003 50 003.example.org :played");
	played_entry(w, q, "003.50", 2,
	    "+USER " UID3 " eve eve 003.example.org 1.2.3.4 1.2.3.4 :Eve");
	played_small_turns(w, TURN);
	while (!world_is_held(w, p)) {
		messages(w, p, n++, 1);
		ck_assert_uint_lt(n, 500);
	}
	ck_assert_uint_gt(log_of(w)->waiting, 20000);
	ck_assert_uint_lt(log_of(w)->waiting, 21000);
	for (unsigned i = 3; i < 20; i++) {
		snprintf(part, sizeof(part),
		    "+SAY PRIVMSG " UID3 " #c * :eve%u", i);
		played_entry(w, q, "003.50", i, part);
		ck_assert(!world_is_held(w, q));
	}
	/* it says nothing for long, since nobody reads it */
	for (unsigned i = 0; i < 10; i++) {
		world_say(w, q, "BEAT 0 1700000001000");
		world_tick_after(w, 1, 1000);
		ck_assert(!world_is_closed(w, p));
	}
	world_ticks(w, true);
	world_run(w, 100);
	ck_assert(log_is_drained(log_of(w)));
	ck_assert(!world_is_held(w, p));
	ck_assert_uint_eq(text_count(world_heard(w, ann), ":eve"), 17);
	/* and from now on its silence counts again */
	world_run(w, 3500);
	ck_assert(!world_is_closed(w, p));
	world_run(w, 1000);
	ck_assert(world_is_closed(w, p));
	world_free(w);
}
END_TEST

Suite *
ahead_suite(void)
{
	Suite *s = suite_create("ahead");
	TCase *t = unit_case("ahead");

	tcase_add_test(t, entries_wait_for_later_turns);
	tcase_add_test(t, an_own_line_keeps_its_place);
	tcase_add_test(t, facts_are_those_of_one_turn);
	tcase_add_test(t, ready_waits_for_the_facts);
	tcase_add_test(t, a_split_waits_for_what_was_said);
	tcase_add_test(t, a_snapshot_waits_for_no_entry);
	tcase_add_test(t, only_the_link_that_floods_is_held);
	suite_add_tcase(s, t);
	return s;
}
