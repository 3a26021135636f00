/*
 * Users whose home moves: +HOME, and what it makes of the entries of the home
 * before (link-protocol.md, 11.24; doc/decisions/0023). Each set of entries is
 * merged in every order (orders.h).
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/node/check_node.h"
#include "unit/node/orders.h"
#include "unit/node/played.h"
#include "unit/node/tenure.h"

#define U "002AAAAAA" /* it has a HOME */
#define V "002AAAAAB" /* it has none */
#define USER(uid, nick)                                                       \
	"+USER " uid " " nick                                                 \
	" u two.test 192.0.2.2 192.0.2.2 :U\r\n@tenure=1 +NICK " uid " " nick \
	" 1 10\r\n"
#define REGISTER \
	USER(U, "ann") "+HOME " U " 1 002.5 gate 0\r\n+CHAN #a,10.002\r\n"
#define BY(tenure, c) U ".1," #tenure "," #c ",5"
#define JOIN(name) "+JOIN #" name ",10.002 " U "\r\n"

#define COUNT(v) (sizeof(v) / sizeof((v)[0]))

static void
check(const struct order_entry *v, size_t n, const char *has, const char *hasnt)
{
	char *facts = orders_check(v, n);

	ck_assert_msg(has == NULL || strstr(facts, has) != NULL, "no %s in\n%s",
	    has, facts);
	ck_assert_msg(hasnt == NULL || strstr(facts, hasnt) == NULL,
	    "%s in\n%s", hasnt, facts);
	free(facts);
}

/* 003 takes the user over and does not know of the last command. It does the
 * command again, and the next one. Meanwhile somebody is kicked. */
void
tenure_takeover(void)
{
	static const struct order_entry v[] = {
		{ "002.5", 10, BY(1, 1), 0, REGISTER },
		{ "002.5", 11, BY(1, 2), 0, JOIN("a") },
		{ "002.5", 12, BY(1, 3), 0, JOIN("b") },
		{ "003.5", 20, "-", 1 << 1, "+HOME " U " 2 003.5 gate 2\r\n" },
		{ "003.5", 21, BY(2, 3), 0, JOIN("b") },
		{ "003.5", 22, BY(2, 4), 0,
		    "+PART #b,10.002 003.5.2.0 :bye\r\n" },
		{ "004.5", 23, "-", 1 << 1,
		    "+KICK #a,10.002 002.5.2.0 004 :out\r\n" },
	};

	check(v, COUNT(v), "stamp=20 +HOME " U " 2 003.5 gate 2\n", "+JOIN");
}

/* The command 2 was made again by 003, as another one. 004 knows that when it
 * takes the user over, and nothing of what 002 did. */
void
tenure_takeover_twice(void)
{
	static const struct order_entry v[] = {
		{ "002.5", 10, BY(1, 1), 0, REGISTER },
		{ "002.5", 90, BY(1, 2), 0, JOIN("a") },
		{ "002.5", 91, BY(1, 3), 0,
		    "@tenure=1 +NICK " U " old 1 91\r\n" },
		{ "003.5", 20, "-", 1 << 0, "+HOME " U " 2 003.5 gate 1\r\n" },
		{ "003.5", 21, BY(2, 2), 0, JOIN("b") },
		{ "003.5", 22, BY(2, 3), 0,
		    "@tenure=2 +NICK " U " new 1 22\r\n" },
		{ "004.5", 30, "-", 1 << 5, "+HOME " U " 3 004.5 * 3\r\n" },
		{ "004.5", 31, BY(3, 4), 0, JOIN("c") },
	};

	check(v, COUNT(v), ";tenure=2 +NICK " U " new ", "+JOIN #a");
	check(v, COUNT(v), ";cause=2,2 +JOIN #b", " old ");
}

/* The next run of 002 is READY. It makes nothing of the user void. */
void
tenure_former_run(void)
{
	static const struct order_entry v[] = {
		{ "002.5", 10, BY(1, 1), 0, REGISTER },
		{ "002.5", 11, BY(1, 2), 0,
		    JOIN("a") "+INVITE #a,10.002 " U " " U " 0\r\n" },
		{ "002.5", 12, "-", 0, USER(V, "bob") },
		{ "002.6", 13, "-", 0, "+READY 002 6 two.test :two\r\n" },
		{ "003.5", 20, "-", 1 << 1, "+HOME " U " 2 003.5 gate 2\r\n" },
		{ "003.5", 21, "-", 0, "+HOME " U " 2 - gate 2\r\n" },
		{ "004.5", 22, "-", 1 << 2, "+HOME " V " 2 004.5 gate 9\r\n" },
	};

	check(v, COUNT(v), "+HOME " U " 2 - gate 2\n", "+USER " V);
	check(v, COUNT(v), ";cause=1,2 +JOIN #a,10.002 " U "\n", "+NICK " V);
	check(v, COUNT(v), "+INVITE #a,10.002 " U, "+HOME " V);
}

/* A former home whose run is forgotten. */
void
tenure_forgotten_run(void)
{
	static const struct order_entry v[] = {
		{ "002.5", 10, BY(1, 1), 0, REGISTER },
		{ "002.5", 11, BY(1, 2), 0, JOIN("a") },
		{ "003.5", 20, "-", 1 << 1, "+HOME " U " 2 003.5 gate 2\r\n" },
		{ "002.6", 21, "-", 0, "+READY 002 6 two.test :two\r\n" },
		{ "004.5", 30, "-", 1 << 1 | 1 << 3,
		    "+FORGET 002 5 :002.5=2\r\n" },
		{ "004.5", 31, "-", 0, "+CSET #a,10.002 topic 004 :t\r\n" },
	};

	check(v, COUNT(v), "+JOIN #a,10.002 " U "\n", NULL);
	check(v, COUNT(v), "+NICK " U " ann ", NULL);
}

/* The new home ends the user, and not all know that there is one. */
void
tenure_quit_elsewhere(void)
{
	static const struct order_entry v[] = {
		{ "002.5", 10, BY(1, 1), 0, REGISTER },
		{ "002.5", 11, BY(1, 2), 0, JOIN("a") },
		{ "003.5", 20, "-", 1 << 1, "+HOME " U " 2 003.5 gate 2\r\n" },
		{ "003.5", 21, BY(2, 3), 0, "+QUIT " U " :bye\r\n" },
		{ "004.5", 12, "-", 0, "+READY 004 5 four.test :four\r\n" },
	};

	check(v, COUNT(v), "+CHAN #a", U);
}

/* A QUIT ends the user, whatever its tenure. */
void
tenure_quit(void)
{
	static const struct order_entry v[] = {
		{ "002.5", 10, BY(1, 1), 0, REGISTER },
		{ "002.5", 11, BY(1, 2), 0, JOIN("a") },
		{ "002.5", 12, "-", 0, "+QUIT " U " :Ping timeout\r\n" },
		{ "003.5", 20, "-", 1 << 1, "+HOME " U " 2 003.5 gate 2\r\n" },
		{ "003.5", 21, BY(2, 3), 0,
		    JOIN("b") "@tenure=2 +NICK " U " new 1 21\r\n" },
		{ "003.5", 22, BY(2, 4), 0,
		    "@tenure=2 +SET " U " away " U " :gone\r\n" },
		{ "002.6", 13, "-", 0, "+READY 002 6 two.test :two\r\n" },
	};

	check(v, COUNT(v), "+CHAN #a", U);
}

/* Two servers take the user over under one tenure, which should not be. */
void
tenure_twice_the_same(void)
{
	static const struct order_entry v[] = {
		{ "002.5", 10, BY(1, 1), 0, REGISTER },
		{ "002.5", 11, BY(1, 2), 0, JOIN("a") },
		{ "003.5", 20, "-", 1 << 1, "+HOME " U " 2 003.5 gate 2\r\n" },
		{ "003.5", 21, BY(2, 3), 0, JOIN("b") },
		{ "004.5", 19, "-", 1 << 0, "+HOME " U " 2 004.5 gate 1\r\n" },
		{ "004.5", 22, BY(2, 2), 0, JOIN("b") },
		{ "005.5", 30, "-", 1 << 5, "+HOME " U " 3 005.5 gate 2\r\n" },
	};

	check(v, COUNT(v), "+HOME " U " 3 005.5 gate 2\n", "+JOIN #a");
}

/* The later home has the lesser sid. */
void
tenure_later_stay(void)
{
	static const struct order_entry v[] = {
		{ "004.5", 10, BY(1, 1), 0, REGISTER },
		{ "004.5", 11, BY(1, 2), 0, JOIN("a") },
		{ "003.5", 20, "-", 1 << 1, "+HOME " U " 2 003.5 gate 2\r\n" },
		{ "003.5", 21, BY(2, 3), 0, JOIN("a") },
		/* what no command made says its tenure itself */
		{ "003.5", 22, "-", 0, "@cause=2,0 " JOIN("b") },
		{ "003.5", 23, "-", 0, JOIN("c") },
	};

	check(v, COUNT(v), "@dot=003.5.2.0;stamp=21;cause=2,3 +JOIN #a",
	    "cause=1,2");
	check(v, COUNT(v), "cause=2,0 +JOIN #b", "+JOIN #c");
}

START_TEST(equal_in_every_order)
{
	static void (*const set[])(void) = { tenure_takeover,
		tenure_takeover_twice, tenure_former_run, tenure_forgotten_run,
		tenure_quit, tenure_quit_elsewhere, tenure_twice_the_same,
		tenure_later_stay };

	set[_i]();
}
END_TEST

/* If a KILL was sent to the former home, the new home ends the user. */
START_TEST(a_kill_finds_the_new_home)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);

	played_entry(w, p, "002.50", 1, "+READY 002 50 002.example.org :two");
	world_say(w, p, "ENTRY 002.50 2 1700002 * - 3");
	world_say(w, p, "+USER " U " ann u two.test 192.0.2.2 192.0.2.2 :U");
	world_say(w, p, "+NICK " U " ann 1 10");
	world_say(w, p, "+HOME " U " 1 002.50 gate 0");
	/* it is for 003, and this server is not the home */
	world_say(w, p, "ENTRY 002.50 3 1700003 003 - 1");
	world_say(w, p, "+SAY KILL 002 " U " * :out");
	world_run(w, 10);
	ck_assert(!world_hears(w, p, "+QUIT"));
	played_entry(w, p, "002.50", 4, "+HOME " U " 2 001.100 gate 0");
	world_run(w, 10);
	ck_assert(!world_hears(w, p, "+QUIT"));
	world_say(w, p, "ENTRY 002.50 5 1700005 003 - 2");
	world_say(w, p, "+SAY PRIVMSG 002 " U " * :not for this server");
	world_say(w, p, "+SAY KILL 002 " U " * :out");
	world_run(w, 10);
	played_hears(w, p, "+QUIT " U " :Killed (002.example.org (out))");
	world_free(w);
}
END_TEST

/* So does what operators do to a user, whoever they are operators of. */
START_TEST(acts_find_the_new_home)
{
	static const char *const acts[][2] = { { "SAPART", "#a" },
		{ "REMOVE", "#b" }, { "SANICK", "bob" }, { "SAJOIN", "#c" },
		{ "SAPART", "#c" }, { "CHGHOST", "b.test" },
		{ "CHGIDENT", "b" } };
	static const char *const made[] = { "+PART #a,", "+PART #b,",
		"+NICK " U " bob 1 ", "@cause=2,0 +JOIN #c,", "+PART #c,",
		"+SET " U " host 002 :b.test", "+SET " U " username 002 :b" };
	struct world *w = played_node();
	unsigned p = played_sync(w);
	char line[64];

	played_entry(w, p, "002.50", 1, "+READY 002 50 002.example.org :two");
	world_say(w, p, "ENTRY 002.50 2 1700002 * - 7");
	world_say(w, p, "+USER " U " ann u two.test 192.0.2.2 192.0.2.2 :U");
	world_say(w, p, "+NICK " U " ann 1 10");
	world_say(w, p, "+HOME " U " 1 002.50 gate 0");
	world_say(w, p, "+CHAN #a,10.002");
	world_say(w, p, "+CHAN #b,10.002");
	world_say(w, p, "@cause=1,1 +JOIN #a,10.002 " U);
	world_say(w, p, "@cause=1,1 +JOIN #b,10.002 " U);
	played_entry(w, p, "002.50", 3, "+HOME " U " 2 001.100 gate 1");
	for (unsigned i = 0; i < COUNT(acts); i++) {
		snprintf(line, sizeof(line), "ENTRY 002.50 %u %u 003 - 1",
		    4 + i, 1700004 + i);
		world_say(w, p, line);
		snprintf(line, sizeof(line), "+SAY %s 002 " U " * :%s",
		    acts[i][0], acts[i][1]);
		world_say(w, p, line);
		world_run(w, 10);
		played_hears(w, p, made[i]);
	}
	world_free(w);
}
END_TEST

Suite *
tenure_suite(void)
{
	Suite *s = suite_create("tenure");
	TCase *t = unit_case("tenure");

	tcase_add_loop_test(t, equal_in_every_order, 0, 8);
	tcase_add_test(t, a_kill_finds_the_new_home);
	tcase_add_test(t, acts_find_the_new_home);
	suite_add_tcase(s, t);
	return s;
}
