/*
 * A linked server, 002, that lies about another linked server, 003, or about
 * this one. The lie costs at most its own link.
 */
#include <stdio.h>
#include <string.h>

#include "core/state.h"
#include "link/map/netmap.h"
#include "link/state.h"
#include "unit/node/check_node.h"
#include "unit/node/liars.h"
#include "unit/node/played.h"
#include "unit/node/world.h"

#define LINK_SILENCE_MS 4000 /* of world.c */

static void
entry(struct world *w, unsigned p, const char *head, const char *part)
{
	char line[128];

	snprintf(line, sizeof(line), "ENTRY %s * - 1", head);
	world_say(w, p, line);
	world_say(w, p, part);
}

/* Link the run 60 of server 003; its user cat is on the network afterwards. */
static unsigned
link_3(struct world *w)
{
	unsigned p = played_sync_run(w, 3, 60, 78);

	entry(w, p, "003.60 1 1700000001001",
	    "+READY 003 60 003.example.org :three");
	entry(w, p, "003.60 2 1700000001002",
	    "+USER 003AAAAAA cat cat 003.example.org 1.2.3.4 1.2.3.4 :Cat");
	entry(w, p, "003.60 3 1700000001003", "+NICK 003AAAAAA cat 1 17");
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
	return p;
}

static const struct user *
shown(struct world *w, const char *nick)
{
	return facts_find_nick(&node_core(world_node(w, 1))->facts,
	    span_of(nick));
}

/* Server 002 is linked and READY. */
static unsigned
link_2(struct world *w)
{
	unsigned p = played_sync(w);

	entry(w, p, "002.50 1 1700000001001",
	    "+READY 002 50 002.example.org :two");
	return p;
}

/* Let 002 say that it is linked with the run 61 of server 003. */
static void
sees_run_61(struct world *w, unsigned p)
{
	world_say(w, p, "LSA 002.50 2 1700000001000 001,77,10 003,9,10 :");
	world_say(w, p, "LSA 003.61 1 1700000001000 002,9,10 :");
}

/* Pass on the user tom of that run, after its READY. */
static void
tom_comes(struct world *w, unsigned p)
{
	entry(w, p, "003.61 2 1700000001101",
	    "+USER 003AAAAAB tom tom 003.example.org 1.2.3.4 1.2.3.4 :Tom");
	entry(w, p, "003.61 3 1700000001102", "+NICK 003AAAAAB tom 1 17");
}

START_TEST(ready_is_said_by_the_server_itself)
{
	static const char *const lies[] = {
		"+READY 003 4294967295 003.example.org :x",
		"+READY 003 61 003.example.org :x",
		"+READY 001 4294967295 001.example.org :x",
		"+READY 002 51 002.example.org :x",
	};
	struct world *w = played_node();
	unsigned ann = world_user(w, 1, "ann"), p3 = link_3(w), p = link_2(w);
	char head[64];

	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		snprintf(head, sizeof(head), "002.50 %zu %zu", i + 2,
		    (size_t)1700000001010 + i);
		entry(w, p, head, lies[i]);
	}
	ck_assert(!world_is_closed(w, p) && !world_is_closed(w, p3));
	ck_assert_ptr_nonnull(shown(w, "cat"));
	ck_assert_ptr_nonnull(shown(w, "ann"));
	ck_assert(!world_is_closed(w, ann));
	ck_assert(core_is_ready(node_core(world_node(w, 1))));
	(void)world_user(w, 1, "bob");
	world_free(w);
}
END_TEST

/* Link states of a server that is linked here, by another server. */
START_TEST(a_direct_link_is_believed)
{
	static const char *const lies[] = {
		"LSA 003.4294967295 1 1700000001000 :",
		"LSA 003.60 18446744073709551615 1700000001000 :",
	};
	struct world *w = played_node();
	unsigned p3 = link_3(w), p = link_2(w);

	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		world_say(w, p, lies[i]);
		ck_assert(!world_is_closed(w, p) && !world_is_closed(w, p3));
		ck_assert(!world_hears(w, p3, lies[i]));
		ck_assert_ptr_nonnull(shown(w, "cat"));
		/* its own word counts */
		world_say(w, p3,
		    i == 0 ? "LSA 003.60 2 1700000001000 001,78,10 002,1,1 :"
			   : "LSA 003.60 3 1700000001000 001,78,10 :");
		played_hears(w, p,
		    i == 0 ? "LSA 003.60 2 1700000001000 001,78,10"
			   : "LSA 003.60 3 1700000001000 001,78,10");
	}
	/* With the liar goes the lie, and 003 comes back. */
	world_hang_up(w, p);
	world_hang_up(w, p3);
	ck_assert_ptr_null(shown(w, "cat"));
	(void)link_3(w);
	ck_assert_ptr_nonnull(shown(w, "cat"));
	world_free(w);
}
END_TEST

/* A new run is believed as soon as the former one is gone. */
START_TEST(a_new_run_waits_for_the_end_of_the_former)
{
	struct world *w = played_node();
	unsigned p3 = link_3(w), p = link_2(w);

	sees_run_61(w, p);
	ck_assert_ptr_nonnull(shown(w, "cat"));
	world_hang_up(w, p3);
	ck_assert_ptr_null(shown(w, "cat"));
	entry(w, p, "003.61 1 1700000001100",
	    "+READY 003 61 003.example.org :three");
	tom_comes(w, p);
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
	ck_assert_ptr_nonnull(shown(w, "tom"));
	world_free(w);
}
END_TEST

/* The same by the direct link of the new run: nothing is held. */
START_TEST(a_new_run_says_so_itself)
{
	struct world *w = played_node();
	unsigned p3 = link_3(w), p;

	p = played_sync_run(w, 3, 61, 79);
	ck_assert(world_is_closed(w, p3));
	ck_assert(!world_is_closed(w, p));
	ck_assert_ptr_null(shown(w, "cat"));
	world_free(w);
}
END_TEST

START_TEST(a_run_that_nobody_knows_is_not_forgotten)
{
	struct world *w = played_node();
	unsigned p3 = link_3(w), p = link_2(w);

	world_hang_up(w, p3);
	entry(w, p, "002.50 2 1700000001010",
	    "+FORGET 003 4294967295 :003.60=3");
	ck_assert(world_is_closed(w, p));
	played_hears(w, p, "ERROR forgotten :");
	(void)link_3(w);
	ck_assert_ptr_nonnull(shown(w, "cat"));
	world_free(w);
}
END_TEST

/* A FORGET in a snapshot is judged in the same way, whatever its had says. */
START_TEST(nor_is_it_by_a_snapshot)
{
	static const char *const had[] = {
		"003.60=3",
		"003.60=3 003.4294967295=1",
	};
	char line[160];

	for (size_t i = 0; i < sizeof(had) / sizeof(had[0]); i++) {
		struct world *w = played_node();
		unsigned p3 = link_3(w), p = link_2(w);

		world_hang_up(w, p3);
		world_say(w, p, "SNAP 002.50");
		world_say(w, p,
		    "@dot=001.100.1.0;stamp=1 +READY 001 100 001.test :");
		world_say(w, p,
		    "@dot=002.50.1.0;stamp=1 +READY 002 50 002.test :");
		snprintf(line, sizeof(line),
		    "@dot=002.50.2.0;stamp=2 +FORGET 003 4294967295 :%s",
		    had[i]);
		world_say(w, p, line);
		world_say(w, p, "END 001.100=1/1 002.50=2/2");
		world_run(w, 1);
		played_hears(w, p, "ERROR forgotten :");
		(void)link_3(w);
		ck_assert_ptr_nonnull(shown(w, "cat"));
		world_free(w);
	}
}
END_TEST

/* Nobody makes a link hold any number of link states. */
START_TEST(too_many_are_held)
{
	struct world *w = played_node();
	unsigned p3 = link_3(w), p = link_2(w);
	char line[128];
	unsigned i;

	/* 003 has edges to many servers, which confirm them */
	for (i = 0; i < 20 && !world_is_closed(w, p3); i++) {
		snprintf(line, sizeof(line), "LSA 9%02u.1 1 1 003,%u,1 :", i,
		    i + 1);
		world_say(w, p3, line);
	}
	world_say(w, p3,
	    "LSA 003.60 2 1 001,78,10 900,1,1 901,2,1 902,3,1 903,4,1 "
	    "904,5,1 905,6,1 906,7,1 907,8,1 908,9,1 909,10,1 910,11,1 "
	    "911,12,1 912,13,1 913,14,1 914,15,1 915,16,1 916,17,1 917,18,1 "
	    ":");
	for (i = 0; i < 18 && !world_is_closed(w, p); i++) {
		snprintf(line, sizeof(line), "LSA 9%02u.2 1 1 :", i);
		world_say(w, p, line);
	}
	played_hears(w, p, "ERROR bounds :");
	ck_assert_uint_eq(i, 17);
	ck_assert(!world_is_closed(w, p3));
	world_free(w);
}
END_TEST

/* ---- a liar at the end of a line of three servers ------------------------ */

/* Nodes 1, 2 and 3 are a line; ann is on 1 and cat on 3. */
static struct world *
line_of_three(unsigned *ann)
{
	struct world *w = played_line();

	*ann = world_user(w, 1, "ann");
	(void)world_user(w, 3, "cat");
	world_run(w, 500);
	return w;
}

static void
cat_is_shown_at(struct world *w, unsigned i)
{
	ck_assert_ptr_nonnull(facts_find_nick(&node_core(world_node(w, i))
						   ->facts,
	    SPAN("cat")));
	ck_assert_uint_eq(world_visible(w, i, 3), 30);
}

static void
nobody_was_cut(struct world *w)
{
	played_kept_links(w, 2);
	ck_assert(world_agrees(w, 1, 2) && world_agrees(w, 2, 3));
}

/* Link states of a server that is linked further away. */
START_TEST(a_server_further_away_undoes_a_lie)
{
	static const char *const lies[] = {
		"LSA 003.4294967295 1 1700000004000 :",
		"LSA 003.40 1 1700000004000 :",
		"LSA 003.30 18446744073709551615 1700000004000 :",
		"LSA 003.30 1700000000000 1700000004000 :",
		"LSA 003.30 1700000002000 1700000004000 002,1,1 :",
	};
	unsigned ann;
	struct world *w = line_of_three(&ann);
	unsigned p = played_liar(w, 0);

	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		world_say(w, p, lies[i]);
		world_run(w, 1500);
		world_say(w, p, "BEAT 0 1700000005000");
		cat_is_shown_at(w, 1);
		cat_is_shown_at(w, 2);
	}
	/* its own word and a new run still count */
	world_kill(w, 3);
	world_start(w, 3, 45);
	world_run(w, 5000);
	ck_assert_uint_eq(world_visible(w, 1, 3), 45);
	world_free(w);
}
END_TEST

/* While 003 is away nothing contradicts a lie of it. */
START_TEST(a_lie_of_a_server_that_is_away)
{
	unsigned ann;
	struct world *w = line_of_three(&ann);
	unsigned p = played_liar(w, 0);

	world_kill(w, 3);
	world_run(w, 100);
	world_say(w, p, "LSA 003.4294967295 1 1700000004000 :");
	world_start(w, 3, 31);
	world_run(w, 3000);
	ck_assert_uint_eq(world_visible(w, 1, 3), 31);
	/* a run that may be: 003 comes back by itself, above it */
	world_say(w, p, "BEAT 0 1700000005000");
	world_kill(w, 3);
	world_run(w, 100);
	world_say(w, p, "LSA 003.1700000099 1 1700000004000 :");
	world_start(w, 3, 32);
	world_run(w, 60000);
	ck_assert_uint_ge(world_visible(w, 1, 3), 1700000100);
	world_free(w);
}
END_TEST

/* Heads of this server, as the liar says them of itself. */
START_TEST(heads_of_a_third_server)
{
	unsigned ann;
	struct world *w = line_of_three(&ann);
	unsigned p = played_liar(w, 0);

	world_say(w, p, "LSA 004.50 2 1700000004000 001,78,10 :003.30=999");
	world_run(w, 500);
	cat_is_shown_at(w, 1);
	world_say(w, p, "LSA 004.50 3 1700000004000 001,78,10 :002.99=1");
	world_run(w, 500);
	cat_is_shown_at(w, 1);
	nobody_was_cut(w);
	world_free(w);
}
END_TEST

/* ---- servers that do not exist ------------------------------------------- */

static void
say_servers(struct world *w, unsigned p, char first, unsigned n)
{
	char line[64];

	for (unsigned i = 0; i < n && !world_is_closed(w, p); i++) {
		snprintf(line, sizeof(line),
		    "LSA %c%c%c.7 1 1700000004000 :", first,
		    'A' + (int)(i / 26), 'A' + (int)(i % 26));
		world_say(w, p, line);
	}
}

START_TEST(the_map_is_filled)
{
	unsigned ann;
	struct world *w = line_of_three(&ann);
	unsigned p = played_liar(w, 0), q;

	say_servers(w, p, '7', 397);
	q = world_peer(w, 2);
	world_say(w, q,
	    "HELLO 1 004.51 1700000004000 004.example.org 79 :network=Test");
	world_run(w, 100);
	ck_assert(!world_is_closed(w, q));
	world_say(w, q, "LSA 004.51 1 1700000004000 002,79,10 :");
	world_say(w, q, "SYNC");
	say_servers(w, q, '8', 397);
	world_run(w, 100);
	ck_assert(!world_is_closed(w, q));
	cat_is_shown_at(w, 1);
	/* a server that is there keeps its place */
	world_kill(w, 3);
	world_start(w, 3, 31);
	world_run(w, 3000);
	ck_assert_uint_le(world_links(w, 1)->map.n, NETMAP_SERVERS_MAX);
	ck_assert_uint_eq(world_visible(w, 1, 3), 31);
	say_servers(w, q, '9', 20);
	played_hears(w, q, "ERROR bounds :");
	ck_assert(world_is_closed(w, q));
	world_free(w);
}
END_TEST

/* A server that joins a map full of servers that do not exist. */
START_TEST(a_newcomer_in_a_full_map)
{
	struct world *w = world_new(4);
	unsigned p;

	world_allow(w, 1, 2, true);
	world_start(w, 1, 10);
	world_start(w, 2, 20);
	world_run(w, 3000);
	p = played_liar(w, 0);
	say_servers(w, p, '7', 398);
	world_allow(w, 2, 3, true);
	world_start(w, 3, 30);
	world_run(w, 3500);
	ck_assert_uint_eq(world_links(w, 2)->map.n, NETMAP_SERVERS_MAX);
	for (unsigned i = 1; i <= 3; i++)
		ck_assert_uint_eq(world_visible(w, i, 3), 30);
	/* they leave the map by themselves, those that were held later */
	world_hang_up(w, p);
	world_run(w, 22 * 60 * 1000);
	for (unsigned i = 1; i <= 3; i++)
		ck_assert_uint_eq(world_links(w, i)->map.n, 3);
	world_free(w);
}
END_TEST

/* The map has no room for the server of an entry, and its link state is held:
 * the entry waits for the map. */
START_TEST(an_entry_waits_for_room_in_the_map)
{
	unsigned ann;
	struct world *w = line_of_three(&ann);
	unsigned p = played_liar(w, 0);

	say_servers(w, p, '7', 396);
	ck_assert_uint_eq(world_links(w, 1)->map.n, NETMAP_SERVERS_MAX);
	world_say(w, p, "LSA 8ZZ.7 1 1700000004000 :");
	entry(w, p, "8ZZ.7 1 1700000004000", "+READY 8ZZ 7 zz.test :zz");
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
	ck_assert(world_is_held(w, p));
	ck_assert_uint_eq(link_net_log(world_links(w, 1))->have.n, 3);
	world_run(w, 2 * LINK_SILENCE_MS + 100);
	played_hears(w, p, "ERROR doubt :");
	nobody_was_cut(w);
	world_free(w);
}
END_TEST

/* ---- entries of others --------------------------------------------------- */

START_TEST(stamps_weeks_ahead)
{
	unsigned ann;
	struct world *w = line_of_three(&ann);
	unsigned p = played_liar(w, 0);

	entry(w, p, "004.50 1 1700000004001",
	    "+READY 004 50 004.example.org :four");
	/* 29 days, as seen by the liar */
	world_say(w, p, "LSA 005.7 1 1700000004000 :");
	entry(w, p, "005.7 1 1702505603000",
	    "+READY 005 7 005.example.org :five");
	world_run(w, 100);
	ck_assert(!world_is_closed(w, p) && !world_is_held(w, p));
	/* a little later than any that is accepted: it waits */
	entry(w, p, "005.7 2 1702505605000", "@kind=element +ODD");
	ck_assert(world_is_held(w, p));
	world_run(w, 3000);
	ck_assert(!world_is_closed(w, p) && !world_is_held(w, p));
	cat_is_shown_at(w, 1);
	nobody_was_cut(w);
	/* year 4199, by any origin */
	entry(w, p, "005.7 3 70368744177663", "@kind=element +ODD");
	played_hears(w, p, "ERROR clock :");
	ck_assert(world_is_closed(w, p));
	/* 003 comes back as ever */
	world_kill(w, 3);
	world_start(w, 3, 31);
	world_run(w, 5000);
	ck_assert(world_agrees(w, 1, 3));
	ck_assert_int_lt(core_clock(node_core(world_node(w, 3))).ms,
	    1702506000000);
	world_free(w);
}
END_TEST

/* An entry that never stops to be far ahead is not waited for long. */
START_TEST(a_stamp_that_stays_ahead)
{
	unsigned ann;
	struct world *w = line_of_three(&ann);
	unsigned p = played_liar(w, 0);

	world_say(w, p, "LSA 005.7 1 1700000004000 :");
	entry(w, p, "005.7 1 1702515603000",
	    "+READY 005 7 005.example.org :five");
	ck_assert(world_is_held(w, p));
	world_run(w, 2 * LINK_SILENCE_MS + 100);
	played_hears(w, p, "ERROR clock :");
	nobody_was_cut(w);
	world_free(w);
}
END_TEST

/* Origins that nobody knows. */
START_TEST(origins_of_nobody)
{
	static const char *const lies[][3] = {
		/* no link state names the server */
		{ NULL, "7ZZ.1 1 1700000004000", "+READY 7ZZ 1 zz.test :zz" },
		/* no READY */
		{ "LSA 7ZZ.1 1 1700000004000 :", "7ZZ.1 1 1700000004000",
		    "+SET 7ZZAAAAAA away 7ZZAAAAAA :x" },
		{ NULL, "004.50 1 1700000004000", "@kind=element +ODD" },
	};
	unsigned ann;
	struct world *w = line_of_three(&ann);

	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		unsigned p = played_liar(w, 0);

		if (lies[i][0] != NULL)
			world_say(w, p, lies[i][0]);
		entry(w, p, lies[i][1], lies[i][2]);
		played_hears(w, p, "ERROR bounds :");
		ck_assert(world_is_closed(w, p));
	}
	ck_assert_uint_eq(link_net_log(world_links(w, 1))->have.n, 3);
	nobody_was_cut(w);
	world_free(w);
}
END_TEST

START_TEST(runs_of_one_server)
{
	unsigned ann, n;
	struct world *w = line_of_three(&ann);
	unsigned p = played_liar(w, 0);
	char line[80], part[80];

	/* it was reachable behind the liar */
	world_say(w, p, "LSA 004.50 2 1700000004000 001,78,10 7ZZ,9,1 :");
	world_say(w, p, "LSA 7ZZ.1 1 1700000004000 004,9,1 :");
	world_say(w, p, "LSA 004.50 3 1700000004000 001,78,10 :");
	for (n = 1; n < 8192 && !world_is_closed(w, p); n++) {
		snprintf(line, sizeof(line), "LSA 7ZZ.%u 2 1700000004000 :", n);
		world_say(w, p, line);
		snprintf(line, sizeof(line), "7ZZ.%u 1 1700000004000", n);
		snprintf(part, sizeof(part), "+READY 7ZZ %u zz.test :zz", n);
		entry(w, p, line, part);
	}
	ck_assert_uint_eq(n, 514);
	played_hears(w, p, "ERROR bounds :");
	world_kill(w, 3);
	world_start(w, 3, 31);
	world_run(w, 5000);
	ck_assert(world_agrees(w, 1, 3));
	world_free(w);
}
END_TEST

/* Let the peer send the LSA and the READY of the i-th invented server. */
static void
invent(struct world *w, unsigned p, unsigned i)
{
	char line[80], part[80], sid[4];

	snprintf(sid, sizeof(sid), "7%c%c", 'A' + (int)(i / 26),
	    'A' + (int)(i % 26));
	snprintf(line, sizeof(line), "LSA %s.77 1 1700000004000 :", sid);
	world_say(w, p, line);
	snprintf(line, sizeof(line), "%s.77 1 1700000004000", sid);
	snprintf(part, sizeof(part), "+READY %s 77 x.test :x", sid);
	entry(w, p, line, part);
}

/* A server joins, and one starts again. */
static void
others_come(struct world *w)
{
	world_allow(w, 2, 5, true);
	world_start(w, 5, 50);
	world_kill(w, 3);
	world_start(w, 3, 31);
	world_run(w, 5000);
	for (unsigned i = 1; i <= 3; i++) {
		ck_assert_uint_eq(world_visible(w, i, 5), 50);
		ck_assert_uint_eq(world_visible(w, i, 3), 31);
	}
}

/* Invented servers that are READY leave room for others, and are forgotten. */
START_TEST(servers_that_nobody_reaches)
{
	struct world *w = world_new(5);
	unsigned p, i;

	for (i = 1; i <= 5; i++) {
		world_settings(w, i)->forget_s = 3600;
		world_settings(w, i)->keep_s = 2;
	}
	world_allow(w, 1, 2, true);
	world_allow(w, 2, 3, true);
	for (i = 1; i <= 3; i++)
		world_start(w, i, i * 10);
	world_run(w, 3000);
	p = played_liar(w, 0);
	entry(w, p, "004.50 1 1700000004001",
	    "+READY 004 50 004.example.org :four");
	for (i = 0; i < 397 && !world_is_closed(w, p); i++)
		invent(w, p, i);
	ck_assert_uint_eq(i, 257);
	played_hears(w, p, "ERROR bounds :");
	nobody_was_cut(w);
	if (_i == 1)
		others_come(w);
	/* the operator is told */
	world_run(w, 61000);
	ck_assert(strstr(world_control(w, 1, "servers"),
		      "sid=7AA inc=77 visible=0 reachable=no hops=0 uplink=- "
		      "reached=no by=004") != NULL);
	ck_assert(strstr(world_log_text(w, 1, LOG_GHOSTS),
		      "servers=256 by=004 brought=256") != NULL);
	/* without the liar they go by themselves; later, if a server is there
	 * that began after them and may have known them before */
	world_order(w, 1, "forget 004", "ok ");
	world_run(w, 180000);
	for (i = 1; i <= 3; i++) {
		ck_assert_uint_eq(world_links(w, i)->map.n,
		    _i == 1 ? 5 + 256 : 3);
		if (_i == 0)
			ck_assert_uint_le(world_links(w, i)->log.have.n, 5);
	}
	ck_assert(world_agrees(w, 1, 2) && world_agrees(w, 2, 3));
	world_free(w);
}
END_TEST

/* Node 1 starts anew between two lies, so it does not count what the first one
 * has brought, and node 2 does. Node 1 is honest, and is not refused. */
void
liars_messenger(void)
{
	struct world *w = played_line();
	unsigned p = played_liar(w, 0), i;

	entry(w, p, "004.50 1 1700000004001",
	    "+READY 004 50 004.example.org :four");
	for (i = 0; i < 200; i++)
		invent(w, p, i);
	ck_assert(!world_is_closed(w, p));
	world_kill(w, 1);
	world_start(w, 1, 11);
	world_run(w, 3000);
	p = played_liar(w, 0);
	for (; i < 390; i++)
		invent(w, p, i);
	ck_assert(!world_is_closed(w, p));
	world_run(w, 1000);
	ck_assert_uint_eq(world_logged(w, 2, LOG_LINK_DOWN), 1);
	ck_assert_uint_eq(world_logged(w, 2, LOG_LINK_REFUSED), 0);
	ck_assert_uint_eq(world_visible(w, 2, 1), 11);
	ck_assert(world_agrees(w, 1, 2) && world_agrees(w, 2, 3));
	world_free(w);
}

START_TEST(a_messenger_of_invented_servers)
{
	liars_messenger();
}
END_TEST

/* A run that would make all users of a server void. */
START_TEST(entries_of_a_run_to_come)
{
	static const char *const lies[] = {
		"003.31",
		"003.4294967295",
		"002.21",
		"001.11",
	};
	unsigned ann;
	struct world *w = line_of_three(&ann);
	char head[64], part[64];

	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		unsigned p = played_liar(w, i > 0 ? 8100 : 0);

		snprintf(head, sizeof(head),
		    "LSA %s 1 1700000004000 :", lies[i]);
		if (i < 3)
			world_say(w, p, head);
		snprintf(head, sizeof(head), "%s 1 1700000004000", lies[i]);
		snprintf(part, sizeof(part), "+READY %.3s %s x.test :x",
		    lies[i], lies[i] + 4);
		entry(w, p, head, part);
		ck_assert(world_is_held(w, p) || i == 3);
		world_run(w, 2 * LINK_SILENCE_MS + 100);
		played_hears(w, p, i < 3 ? "ERROR doubt :" : "ERROR own-inc :");
		for (unsigned k = 1; k <= 3; k++)
			cat_is_shown_at(w, k);
	}
	nobody_was_cut(w);
	world_free(w);
}
END_TEST

/* Return how many entries came on the link with 002. */
static uint64_t
entries_of_2(struct world *w)
{
	const struct link *l;

	for (size_t i = 0; (l = link_net_link(world_links(w, 1), i)) != NULL;
	     i++)
		if (strcmp(l->o.sid.s, "002") == 0)
			return l->entries_in;
	return 0;
}

/* The same while the run begins: the link goes on when the former run is not
 * seen any more. */
START_TEST(entries_of_a_run_that_begins)
{
	struct world *w = played_node();
	unsigned p3 = link_3(w), p = link_2(w);
	uint64_t before = entries_of_2(w);

	sees_run_61(w, p);
	entry(w, p, "003.61 1 1700000001100",
	    "+READY 003 61 003.example.org :three");
	ck_assert(world_is_held(w, p));
	ck_assert_ptr_nonnull(shown(w, "cat"));
	world_hang_up(w, p3);
	ck_assert(!world_is_held(w, p));
	ck_assert_uint_eq(entries_of_2(w), before + 1);
	ck_assert_ptr_null(shown(w, "cat"));
	tom_comes(w, p);
	ck_assert_ptr_nonnull(shown(w, "tom"));
	world_free(w);
}
END_TEST

/* ---- snapshots ----------------------------------------------------------- */

/* Say a snapshot of the liar without facts but these, at all that node 1 has;
 * the liar is at entry n of its own. */
static void
say_snapshot(struct world *w, unsigned p, const char *const *fact, unsigned own)
{
	const struct vector *have = &world_links(w, 1)->log.have;
	char end[512] = "END";
	size_t n = 3;

	world_say(w, p, "SNAP 004.50");
	for (; *fact != NULL; fact++)
		world_say(w, p, *fact);
	for (size_t i = 0; i < have->n; i++)
		n += (size_t)snprintf(end + n, sizeof(end) - n,
		    " %.3s.%u=%u/%u", have->v[i].o.sid.s, have->v[i].o.inc,
		    (unsigned)have->v[i].n, (unsigned)have->v[i].n);
	if (own > 0)
		snprintf(end + n, sizeof(end) - n, " 004.50=%u/%u", own, own);
	world_say(w, p, end);
	world_run(w, 200);
}

#define READYS                                                         \
	"@dot=001.10.1.0;stamp=1 +READY 001 10 001.example.org :",     \
	    "@dot=002.20.1.0;stamp=1 +READY 002 20 002.example.org :", \
	    "@dot=003.30.1.0;stamp=1 +READY 003 30 003.example.org :"

/* A snapshot without the users of others, with READYs or without. */
START_TEST(a_snapshot_that_drops_everything)
{
	static const char *const facts[][5] = {
		{ NULL },
		{ READYS, NULL },
		{ "@dot=004.50.1.0;stamp=1 +READY 004 50 004.example.org :",
		    NULL },
	};
	unsigned ann;
	struct world *w = line_of_three(&ann);

	for (unsigned i = 0; i < 6; i++) {
		unsigned p = played_liar(w, 0);

		say_snapshot(w, p, facts[i % 3], i < 3 ? 0 : 9);
		played_hears(w, p, "ERROR snapshot :");
		ck_assert(world_is_closed(w, p));
		ck_assert(!world_is_closed(w, ann));
		ck_assert_ptr_nonnull(shown(w, "ann"));
		cat_is_shown_at(w, 1);
		nobody_was_cut(w);
	}
	world_free(w);
}
END_TEST

Suite *
lies_suite(void)
{
	Suite *s = suite_create("lies");
	TCase *t = unit_case("lies");

	tcase_add_test(t, ready_is_said_by_the_server_itself);
	tcase_add_test(t, a_direct_link_is_believed);
	tcase_add_test(t, a_new_run_waits_for_the_end_of_the_former);
	tcase_add_test(t, a_new_run_says_so_itself);
	tcase_add_test(t, a_run_that_nobody_knows_is_not_forgotten);
	tcase_add_test(t, nor_is_it_by_a_snapshot);
	tcase_add_test(t, too_many_are_held);
	tcase_add_test(t, a_server_further_away_undoes_a_lie);
	tcase_add_test(t, a_lie_of_a_server_that_is_away);
	tcase_add_test(t, heads_of_a_third_server);
	tcase_add_test(t, the_map_is_filled);
	tcase_add_test(t, a_newcomer_in_a_full_map);
	tcase_add_test(t, an_entry_waits_for_room_in_the_map);
	tcase_add_test(t, stamps_weeks_ahead);
	tcase_add_test(t, a_stamp_that_stays_ahead);
	tcase_add_test(t, origins_of_nobody);
	tcase_add_test(t, runs_of_one_server);
	tcase_add_loop_test(t, servers_that_nobody_reaches, 0, 2);
	tcase_add_test(t, a_messenger_of_invented_servers);
	tcase_add_test(t, entries_of_a_run_to_come);
	tcase_add_test(t, entries_of_a_run_that_begins);
	tcase_add_test(t, a_snapshot_that_drops_everything);
	suite_add_tcase(s, t);
	return s;
}
