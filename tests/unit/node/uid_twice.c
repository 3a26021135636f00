/*
 * A uid that two runs of one server have given, since the server has lost its
 * mark or is a copy (link-protocol.md, 11.34; doc/decisions/0004). Each set of
 * entries is merged in every order (orders.h). The second run does not know
 * what the first run did.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/state.h"
#include "unit/node/check_node.h"
#include "unit/node/orders.h"
#include "unit/node/played.h"
#include "unit/node/world.h"

#define U "002AAAAAA"
#define USER(nick)                                                           \
	"+USER " U " " nick " u two.test 192.0.2.2 192.0.2.2 :U\r\n+NICK " U \
	" " nick " 1 10\r\n"
#define READY(inc) "+READY 002 " inc " two.test :two\r\n"
#define COUNT(v) (sizeof(v) / sizeof((v)[0]))

/* Check that in the end the facts have the one piece, and not the other. */
static void
check(const struct order_entry *v, size_t n, const char *has, const char *hasnt)
{
	char *facts = orders_check(v, n);

	ck_assert_msg(strstr(facts, has) != NULL, "no %s in\n%s", has, facts);
	ck_assert_msg(strstr(facts, hasnt) == NULL, "%s in\n%s", hasnt, facts);
	free(facts);
}

START_TEST(a_former_run_sets_nothing)
{
	static const struct order_entry v[] = {
		{ "002.5", 10, "-", 0, USER("ann") },
		{ "002.5", 11, "-", 0, "+SET " U " away " U " :out\r\n" },
		{ "002.5", 50, "-", 0,
		    "@kind=register,1,u1 +BERTH " U " 5\r\n" },
		{ "002.6", 20, "-", 0, READY("6") },
		{ "002.6", 21, "-", 0, USER("bob") },
		{ "002.6", 22, "-", 0, "+SET " U " realname " U " :Bob\r\n" },
	};

	check(v, COUNT(v), " realname ", " away ");
	check(v, COUNT(v), "+NICK " U " bob ", "+BERTH");
}
END_TEST

START_TEST(a_former_run_ends_nobody)
{
	static const struct order_entry v[] = {
		{ "002.5", 10, "-", 0, USER("ann") },
		{ "002.5", 11, "-", 0, "@kind=element,u1 +BERTH " U "\r\n" },
		{ "002.5", 50, "-", 0, "+QUIT " U " :bye\r\n" },
		{ "002.6", 20, "-", 0, READY("6") },
		{ "002.6", 21, "-", 0, USER("bob") },
		{ "002.6", 22, "-", 0, "@kind=element,u1 +BERTH " U "\r\n" },
	};

	check(v, COUNT(v), "dot=002.6.3.0", "dot=002.5");
}
END_TEST

/* A former run may have said something of users of other servers: it stays. */
START_TEST(users_of_other_servers_keep_it)
{
	static const struct order_entry v[] = {
		{ "002.5", 10, "-", 0, USER("ann") },
		{ "003.4", 20, "-", 1 << 0, "+SET " U " away 003 :out\r\n" },
		{ "003.5", 21, "-", 1 << 0,
		    "+READY 003 5 three.test :three\r\n" },
		{ "003.5", 22, "-", 0, "+SET " U " realname 003 :Ann\r\n" },
	};

	check(v, COUNT(v), " away 003 :out", "+QUIT");
	check(v, COUNT(v), " realname 003 :Ann", "+QUIT");
}
END_TEST

/* Another server says something of a uid before the next user has it, and
 * something else when it knows that user. */
START_TEST(what_others_said_before_means_another)
{
	static const struct order_entry v[] = {
		{ "002.5", 10, "-", 0, USER("ann") },
		{ "003.4", 12, "-", 1 << 0,
		    "+CHAN #c,12.003\r\n+INVITE #c,12.003 " U " 003 0\r\n"
		    "@kind=element,u1 +BERTH " U "\r\n"
		    "@kind=register,1,u1 +BUNK " U " 12\r\n" },
		{ "002.6", 13, "-", 0, READY("6") },
		{ "002.6", 14, "-", 0, USER("bob") },
		{ "003.4", 15, "-", 1 << 3,
		    "+INVITE #c,12.003 " U " 003 0\r\n"
		    "@kind=element,u1 +BERTH " U "\r\n"
		    "@kind=register,1,u1 +BUNK " U " 15\r\n" },
	};

	check(v, 4, "+NICK " U " bob ", "+INVITE");
	check(v, 4, "+NICK " U " bob ", "+BERTH");
	check(v, 4, "+NICK " U " bob ", "+BUNK");
	check(v, COUNT(v), "@dot=003.4.2.0;stamp=15;inc=6 +INVITE",
	    "dot=003.4.1.1");
	check(v, COUNT(v), "+BUNK " U " 15", "dot=003.4.1.2");
}
END_TEST

/* Another server says something at the very stamp at which a uid is given
 * again: it cannot know the new user. */
START_TEST(what_others_said_then_means_another)
{
	static const struct order_entry v[] = {
		{ "002.5", 10, "-", 0, USER("ann") },
		{ "001.4", 14, "-", 1 << 0,
		    "+CHAN #c,14.001\r\n+INVITE #c,14.001 " U " 001 0\r\n" },
		{ "003.4", 14, "-", 1 << 0,
		    "+CHAN #c,14.003\r\n+INVITE #c,14.003 " U " 003 0\r\n" },
		{ "002.6", 13, "-", 0, READY("6") },
		{ "002.6", 14, "-", 0,
		    USER("bob") "+SET " U " secure 002 :1\r\n" },
	};

	check(v, COUNT(v), " secure 002 :1", "+INVITE");
}
END_TEST

/* Another server says something of a uid after it was given again, but does not
 * know that yet. When it knows, it names the later run. */
START_TEST(what_others_said_later_means_the_run_they_name)
{
	static const struct order_entry v[] = {
		{ "002.5", 10, "-", 0, USER("ann") },
		{ "003.4", 15, "-", 1 << 0,
		    "+CHAN #c,15.003\r\n"
		    "@inc=5 +INVITE #c,15.003 " U " 003 0\r\n"
		    "@kind=element,u1;inc=5 +BERTH " U "\r\n"
		    "@kind=register,1,u1;inc=5 +BUNK " U " 15\r\n"
		    "@kind=element,c1,u2;inc=5 +CABIN #c,15.003 " U "\r\n" },
		{ "002.6", 13, "-", 0, READY("6") },
		{ "002.6", 14, "-", 0, USER("bob") },
		{ "003.4", 16, "-", 1 << 3,
		    "@inc=6 +INVITE #c,15.003 " U " 003 0\r\n"
		    "@kind=element,u1;inc=6 +BERTH " U "\r\n"
		    "@kind=register,1,u1;inc=6 +BUNK " U " 16\r\n" },
	};

	check(v, 4, "+NICK " U " bob ", "+INVITE");
	check(v, 4, "+NICK " U " bob ", "+BERTH");
	check(v, 4, "+NICK " U " bob ", "+BUNK");
	check(v, 4, "+NICK " U " bob ", "+CABIN");
	check(v, COUNT(v), "@dot=003.4.2.0;stamp=16;inc=6 +INVITE",
	    "dot=003.4.1.1");
	check(v, COUNT(v), ";inc=6 +BERTH " U "\n", "dot=003.4.1.2");
	check(v, COUNT(v), ";inc=6 +BUNK " U " 16", "+BUNK " U " 15");
}
END_TEST

/* A part names two users of two servers: that of its own server is the same in
 * any case, and the other one may be the former user. */
START_TEST(a_part_of_two_users_names_two_runs)
{
	static const struct order_entry v[] = {
		{ "002.5", 10, "-", 0, USER("ann") },
		{ "003.4", 15, "-", 1 << 0,
		    "+USER 003AAAAAA u u three.test h h :U\r\n"
		    "@kind=element,u1,u2;inc=4,5 +MESS 003AAAAAA " U " 1\r\n"
		    "@kind=element,u1,u2;inc=5,4 +MESS " U " 003AAAAAA 2\r\n" },
		{ "002.6", 13, "-", 0, READY("6") },
		{ "002.6", 14, "-", 0, USER("bob") },
		{ "003.4", 16, "-", 1 << 3,
		    "@kind=element,u1,u2;inc=4,6 +MESS 003AAAAAA " U " 3\r\n" },
	};

	check(v, 4, "+NICK " U " bob ", "+MESS");
	check(v, COUNT(v), ";inc=4,6 +MESS 003AAAAAA " U " 3", "+MESS " U);
}
END_TEST

/* A tag that is not a run says nothing, as if it were not there. */
START_TEST(a_tag_of_another_form_means_nothing)
{
	static const struct order_entry v[] = {
		{ "002.6", 14, "-", 0, READY("6") USER("bob") },
		{ "003.4", 15, "-", 1 << 0,
		    "+CHAN #c,15.003\r\n"
		    "@inc=0 +INVITE #c,15.003 " U " 003 0\r\n"
		    "@inc=05 +INVITE #c,15.003 " U " 003 0\r\n"
		    "@inc=4294967296 +INVITE #c,15.003 " U " 003 0\r\n"
		    "@inc +INVITE #c,15.003 " U " 003 0\r\n"
		    "@kind=element,u1;inc=x +BERTH " U "\r\n" },
	};

	check(v, COUNT(v), "dot=003.4.1.1;stamp=15;inc=6 +INVITE", "inc=0");
	check(v, COUNT(v), "dot=003.4.1.2;", "inc=0");
	check(v, COUNT(v), "dot=003.4.1.3;", "inc=0");
	check(v, COUNT(v), "dot=003.4.1.4;", "inc=0");
	check(v, COUNT(v), "kind=element,u1;inc=6 +BERTH ", "inc=0");
}
END_TEST

/* Link a peer that tells of two runs of 003. The later run has given the uid
 * 003AAAAAA, by its second entry. */
static unsigned
with_two_runs(struct world *w)
{
	unsigned p = played_sync(w);

	world_say(w, p, "LSA 003.60 1 1700000001000 :");
	played_entry(w, p, "003.60", 1, "+READY 003 60 003.example.org :x");
	world_say(w, p, "LSA 003.61 1 1700000001000 :");
	played_entry(w, p, "003.61", 1, "+READY 003 61 003.example.org :x");
	played_entry(w, p, "003.61", 2, "+USER 003AAAAAA u u x.test h h :U");
	return p;
}

/* A message of a former run is not shown as said by the next user. */
START_TEST(a_former_run_says_nothing)
{
	struct world *w = played_node();
	unsigned p = with_two_runs(w), ann = world_user(w, 1, "ann");

	played_entry(w, p, "003.61", 3, "+CHAN #c,1.003");
	played_entry(w, p, "003.61", 4, "+JOIN #c,1.003 003AAAAAA");
	world_say(w, ann, "JOIN #c");
	played_entry(w, p, "003.61", 5, "+SAY PRIVMSG 003AAAAAA #c * :new");
	played_entry(w, p, "003.60", 2, "+SAY PRIVMSG 003AAAAAA #c * :old");
	world_run(w, 100);
	ck_assert(world_hears(w, ann, " PRIVMSG #c :new\r\n"));
	ck_assert(!world_hears(w, ann, ":old\r\n"));
	world_free(w);
}
END_TEST

#define ANN "001AACFF2" /* the first uid of run 100 */

/* A message to the former user is not shown to the next one. */
START_TEST(others_say_nothing_to_the_next_user)
{
	static const char *const said[] = {
		"+SAY PRIVMSG 003AAAAAA " ANN " * :private",
		"+NOTE " ANN " 401 nobody :No such nick",
		"+SAY KILL 003AAAAAA " ANN " * :enough",
	};
	struct world *w = played_node();
	unsigned p = with_two_runs(w), ann = world_user(w, 1, "ann");
	char line[64];

	for (unsigned i = 0; i < COUNT(said); i++) {
		snprintf(line, sizeof(line), "ENTRY 003.61 %u %u * - 1", 3 + i,
		    1000 + i);
		world_say(w, p, line);
		world_say(w, p, said[i]);
	}
	world_run(w, 100);
	ck_assert_msg(!world_hears(w, ann, "private"), "%s",
	    world_heard(w, ann));
	ck_assert(!world_hears(w, ann, " 401 "));
	ck_assert(!world_is_closed(w, ann));
	world_say(w, p, "ENTRY 003.61 6 1700000004000 * - 1");
	world_say(w, p, said[0]);
	ck_assert(world_hears(w, ann, " PRIVMSG ann :private\r\n"));
	world_free(w);
}
END_TEST

/* Let a peer say an entry with one part and a later stamp than that of ann. */
static void
later_entry(struct world *w, unsigned p, const char *origin, unsigned n,
    const char *part)
{
	char line[64];

	snprintf(line, sizeof(line), "ENTRY %s %u %jd * - 1", origin, n,
	    INTMAX_C(1700000003000) + n);
	world_say(w, p, line);
	world_say(w, p, part);
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
}

/* A message that names another run is not shown to the user of this one. The
 * digit of run 100 is d. */
START_TEST(others_say_nothing_to_users_of_another_run)
{
	static const char *const said[] = {
		"+SAY PRIVMSG 003AAAAAA " ANN " c :private",
		"@inc=99 +NOTE " ANN " 401 nobody :No such nick",
		"+SAY KILL 003AAAAAA " ANN " c :enough",
	};
	static const char *const heard[] = {
		"+SAY PRIVMSG 003AAAAAA " ANN " d :one",
		"+SAY PRIVMSG 003AAAAAA " ANN " * :two",
		"+SAY PRIVMSG 003AAAAAA " ANN " z :three",
		"+SAY PRIVMSG 003AAAAAA " ANN " dd :four",
		"@inc=100 +NOTE " ANN " 401 nobody :five",
		"+NOTE " ANN " 401 nobody :six",
	};
	struct world *w = played_node();
	unsigned p = with_two_runs(w), ann = world_user(w, 1, "ann"), n = 3;

	for (unsigned i = 0; i < COUNT(said); i++)
		later_entry(w, p, "003.61", n++, said[i]);
	world_run(w, 100);
	ck_assert_msg(!world_hears(w, ann, "private"), "%s",
	    world_heard(w, ann));
	ck_assert(!world_hears(w, ann, " 401 "));
	ck_assert(!world_is_closed(w, ann));
	for (unsigned i = 0; i < COUNT(heard); i++) {
		later_entry(w, p, "003.61", n++, heard[i]);
		ck_assert_msg(world_hears(w, ann, strrchr(heard[i], ':')), "%s",
		    heard[i]);
	}
	world_free(w);
}
END_TEST

/* This server names the run of a user of another server. The digit of run 50 is
 * o. */
START_TEST(this_server_names_runs)
{
	struct world *w = played_node();
	unsigned ann = world_user(w, 1, "ann"), p = played_sync(w), n = 1;

	later_entry(w, p, "002.50", n++, "+READY 002 50 002.example.org :x");
	later_entry(w, p, "002.50", n++,
	    "+USER 002AAAAAA u u 002.example.org 1.2.3.4 1.2.3.4 :U");
	later_entry(w, p, "002.50", n++, "+NICK 002AAAAAA una 1 5");
	world_say(w, ann, "PRIVMSG una :hi");
	ck_assert_msg(world_hears(w, p,
			  "+SAY PRIVMSG " ANN " 002AAAAAA o :hi\r\n"),
	    "%s", world_heard(w, p));
	world_say(w, ann, "JOIN #x");
	world_say(w, ann, "INVITE una #x");
	ck_assert_msg(world_hears(w, p, "@inc=50 +INVITE #x,"), "%s",
	    world_heard(w, p));
	ck_assert(world_hears(w, p, "+SAY INVITE " ANN " 002AAAAAA o :#x\r\n"));
	world_free(w);
}
END_TEST

#define STAYS 400 /* more than go with their owner in one piece */

/* The QUIT of a former run comes when the next user of that uid is on very many
 * channels, which would go in slices. */
START_TEST(a_former_run_takes_nobody_from_channels)
{
	struct world *w = played_node();
	const struct core *c = node_core(world_node(w, 1));
	unsigned p = with_two_runs(w), n = 3;
	char part[64];

	for (; n < 3 + STAYS; n++) {
		snprintf(part, sizeof(part), "+JOIN #x%u,1.003 003AAAAAA", n);
		played_entry(w, p, "003.61", n, part);
	}
	played_entry(w, p, "003.60", 2, "+QUIT 003AAAAAA :bye");
	world_run(w, 1000);
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
	ck_assert_uint_eq(chains_count(&c->facts.members), STAYS);
	world_free(w);
}
END_TEST

Suite *
uid_twice_suite(void)
{
	Suite *s = suite_create("uid_twice");
	TCase *t = unit_case("uid_twice");

	tcase_add_test(t, a_former_run_sets_nothing);
	tcase_add_test(t, a_former_run_ends_nobody);
	tcase_add_test(t, users_of_other_servers_keep_it);
	tcase_add_test(t, what_others_said_before_means_another);
	tcase_add_test(t, what_others_said_then_means_another);
	tcase_add_test(t, what_others_said_later_means_the_run_they_name);
	tcase_add_test(t, a_part_of_two_users_names_two_runs);
	tcase_add_test(t, a_tag_of_another_form_means_nothing);
	tcase_add_test(t, a_former_run_takes_nobody_from_channels);
	tcase_add_test(t, a_former_run_says_nothing);
	tcase_add_test(t, others_say_nothing_to_the_next_user);
	tcase_add_test(t, others_say_nothing_to_users_of_another_run);
	tcase_add_test(t, this_server_names_runs);
	suite_add_tcase(s, t);
	return s;
}
