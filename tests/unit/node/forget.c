/*
 * FORGET: which server makes it and when, its effect on vectors, and which
 * peers are refused (doc/link-protocol.md, 11.7 to 11.18).
 */
#include <stdio.h>
#include <string.h>

#include "unit/node/check_node.h"
#include "unit/node/played.h"
#include "unit/node/world.h"

#define KEEP_S 2
#define QUIET_MS (3 * KEEP_S * 1000)

/* Make a network of n nodes with short logs, all linked, whole for a while. */
static struct world *
network(unsigned n)
{
	struct world *w = world_new(n);

	for (unsigned i = 1; i <= n; i++)
		world_settings(w, i)->keep_s = KEEP_S;
	world_allow_all(w);
	for (unsigned i = 1; i <= n; i++)
		world_start(w, i, 100);
	world_run(w, 5000);
	return w;
}

static bool
is_in_map(struct world *w, unsigned i, const char *sid)
{
	struct sid s;

	ck_assert(sid_parse(span_of(sid), &s));
	return netmap_find(link_net_map(world_links(w, i)), s) != NULL;
}

START_TEST(operator_has_a_server_forgotten)
{
	struct world *w = network(3);

	world_user(w, 3, "cat");
	world_run(w, 1000);
	world_kill(w, 3);
	world_run(w, 6000);
	ck_assert(world_has_fact(w, 1, " cat"));
	world_order(w, 1, "forget 003",
	    "ok the server will be forgotten when no other "
	    "server has been missing for ");
	world_run(w, QUIET_MS - 1000);
	ck_assert_uint_eq(world_lines(w, "+FORGET"), 0);
	ck_assert_uint_eq(world_runs(w, 2, "003"), 1);
	world_run(w, 3000);
	ck_assert_uint_eq(world_lines(w, "+FORGET"), 1);
	for (unsigned i = 1; i <= 2; i++) {
		ck_assert_uint_eq(world_runs(w, i, "003"), 0);
		ck_assert(!is_in_map(w, i, "003"));
		ck_assert(!world_has_fact(w, i, " cat"));
		ck_assert_str_eq(world_log_text(w, i, LOG_FORGOTTEN),
		    "sid=003 inc=100");
	}
	ck_assert(world_agrees(w, 1, 2));
	world_order(w, 1, "forget 003",
	    "error no server with that sid is known");
	world_free(w);
}
END_TEST

START_TEST(only_who_is_gone_is_forgotten)
{
	struct world *w = network(2);

	world_order(w, 1, "forget 002", "error the server is on the network");
	world_order(w, 1, "forget 001", "error the server is on the network");
	world_order(w, 1, "forget 009",
	    "error no server with that sid is known");
	world_order(w, 1, "forget", "error expected a sid");
	world_order(w, 1, "forget x", "error expected a sid");
	world_run(w, 2 * QUIET_MS);
	ck_assert_uint_eq(world_lines(w, "+FORGET"), 0);
	world_free(w);
}
END_TEST

START_TEST(nothing_is_forgotten_while_another_is_missing)
{
	struct world *w = network(3);
	const char *said;

	world_kill(w, 2);
	world_kill(w, 3);
	world_run(w, 6000);
	world_order(w, 1, "forget 003", "ok ");
	world_run(w, 2 * QUIET_MS);
	ck_assert_uint_eq(world_runs(w, 1, "003"), 1);
	said = strstr(world_control(w, 1, "servers"),
	    "sid=003 inc=100 visible=0 reachable=no hops=0 uplink=- ");
	ck_assert_ptr_nonnull(said);
	ck_assert_ptr_nonnull(strstr(said, " forget=others-missing\n"));
	world_start(w, 2, 200);
	world_run(w, 5000);
	ck_assert_ptr_nonnull(strstr(world_control(w, 1, "servers"),
	    "forget=yes forget_ms="));
	ck_assert_uint_eq(world_runs(w, 1, "003"), 1);
	world_run(w, QUIET_MS);
	ck_assert_uint_eq(world_runs(w, 1, "003"), 0);
	ck_assert_uint_eq(world_runs(w, 2, "003"), 0);
	ck_assert(world_agrees(w, 1, 2));
	world_free(w);
}
END_TEST

START_TEST(those_that_go_do_not_wait_for_each_other)
{
	struct world *w = network(3);

	world_kill(w, 2);
	world_kill(w, 3);
	world_run(w, 6000);
	world_order(w, 1, "forget 003", "ok ");
	world_order(w, 1, "forget 002", "ok ");
	world_run(w, QUIET_MS + 1000);
	ck_assert_uint_eq(world_runs(w, 1, "002") + world_runs(w, 1, "003"), 0);
	world_free(w);
}
END_TEST

START_TEST(who_returns_in_time_is_not_forgotten)
{
	struct world *w = network(2);

	world_allow(w, 1, 2, false);
	world_run(w, 6000);
	world_order(w, 1, "forget 002", "ok ");
	world_allow(w, 1, 2, true);
	world_run(w, 3 * QUIET_MS);
	ck_assert_uint_eq(world_lines(w, "+FORGET"), 0);
	ck_assert_uint_eq(world_runs(w, 1, "002"), 1);
	ck_assert(world_agrees(w, 1, 2));
	world_free(w);
}
END_TEST

START_TEST(former_runs_are_forgotten_and_the_present_one_stays)
{
	struct world *w = network(3);

	for (uint32_t inc = 200; inc < 500; inc += 100) {
		world_kill(w, 2);
		world_start(w, 2, inc);
		world_run(w, 5000);
	}
	world_user(w, 2, "bob");
	world_run(w, 1000);
	ck_assert_uint_eq(world_runs(w, 3, "002"), 4);
	world_order(w, 1, "forget 002",
	    "ok its former runs will be forgotten when");
	world_run(w, QUIET_MS + 2000);
	for (unsigned i = 1; i <= 3; i++)
		ck_assert_uint_eq(world_runs(w, i, "002"), 1);
	ck_assert(world_has_fact(w, 1, "bob"));
	ck_assert(is_in_map(w, 3, "002"));
	ck_assert(world_agrees(w, 1, 2) && world_agrees(w, 2, 3));
	world_free(w);
}
END_TEST

START_TEST(long_gone_is_forgotten_by_itself_and_once)
{
	struct world *w = world_new(4);

	for (unsigned i = 1; i <= 4; i++) {
		world_settings(w, i)->keep_s = KEEP_S;
		world_settings(w, i)->forget_s = 30;
	}
	world_allow_all(w);
	for (unsigned i = 1; i <= 4; i++)
		world_start(w, i, 100);
	world_run(w, 3000);
	world_kill(w, 3);
	world_run(w, 27000);
	ck_assert_uint_eq(world_runs(w, 2, "003"), 1);
	world_run(w, 8000 + QUIET_MS);
	for (unsigned i = 1; i <= 4; i++)
		if (i != 3)
			ck_assert_uint_eq(world_runs(w, i, "003"), 0);
	world_run(w, 20000);
	ck_assert_uint_eq(core_forget_count(node_core(world_node(w, 1))), 1);
	ck_assert_uint_eq(vector_get(&link_net_log(world_links(w, 4))->have,
			      (struct origin){ { "001" }, 100 }),
	    2); /* READY and FORGET */
	ck_assert_uint_eq(vector_get(&link_net_log(world_links(w, 4))->have,
			      (struct origin){ { "002" }, 100 }),
	    1);
	world_free(w);
}
END_TEST

/* The server starts again and again, and is hardly ever there. */
START_TEST(many_runs_of_one_are_forgotten_by_themselves)
{
	struct world *w = network(2);

	for (uint32_t inc = 200; inc < 270; inc++) {
		world_kill(w, 2);
		world_run(w, 100);
		world_start(w, 2, inc);
		world_run(w, 2500);
	}
	ck_assert_uint_le(world_runs(w, 1, "002"), 64 + 1);
	ck_assert_uint_ge(world_runs(w, 1, "002"), 60);
	ck_assert_uint_eq(world_runs(w, 1, "002"), world_runs(w, 2, "002"));
	ck_assert(world_agrees(w, 1, 2));
	world_free(w);
}
END_TEST

/*
 * A FORGET says nothing of the runs that an earlier FORGET forgot. A server
 * with neither would seem to have entries that nobody knows. So every server
 * has the earlier one before the next is made.
 */
START_TEST(no_two_of_one_server_are_under_way)
{
	struct world *w;
	unsigned p;

	w = played_node();
	world_settings(w, 1)->keep_s = KEEP_S;
	p = played_sync(w);
	/* 003 is reachable once: so many runs of a ghost are refused (6.21) */
	world_say(w, p, "LSA 002.50 2 1 001,77,10 003,9,1 :");
	world_say(w, p, "LSA 003.1 1 1 002,9,1 :");
	world_say(w, p, "LSA 002.50 3 1 001,77,10 :");
	for (int inc = 1; inc <= 500; inc++) {
		char line[80];

		snprintf(line, sizeof(line), "LSA 003.%d 1 1 :", inc);
		world_say(w, p, line);
		snprintf(line, sizeof(line), "ENTRY 003.%d 1 %d * - 1", inc,
		    inc * 1000);
		world_say(w, p, line);
		snprintf(line, sizeof(line), "+READY 003 %d x.test :", inc);
		world_say(w, p, line);
	}
	world_hang_up(w, p);
	world_run(w, 100);
	world_order(w, 1, "forget 003", "ok ");
	world_order(w, 1, "forget 002", "ok ");
	world_run(w, QUIET_MS + 1000);
	ck_assert_uint_eq(world_runs(w, 1, "003"), 500 - 400);
	world_run(w, QUIET_MS - 2000);
	ck_assert_uint_eq(world_runs(w, 1, "003"), 500 - 400);
	world_run(w, 2000);
	ck_assert_uint_eq(world_runs(w, 1, "003"), 0);
	world_free(w);
}
END_TEST

/*
 * A value that the forgotten server set, and nothing made void, is still there,
 * for newcomers, too, though its entries are in no log.
 */
START_TEST(what_it_set_stays)
{
	struct world *w = world_new(4);
	unsigned ann, cat;

	world_allow_all(w);
	for (unsigned i = 1; i <= 3; i++) {
		world_settings(w, i)->keep_s = 600;
		world_start(w, i, 100);
	}
	world_run(w, 3000);
	ann = world_user(w, 1, "ann");
	world_say(w, ann, "JOIN #c");
	world_say(w, ann, "MODE #c -t");
	world_run(w, 500);
	cat = world_user(w, 3, "cat");
	world_say(w, cat, "JOIN #c");
	world_say(w, cat, "TOPIC #c :by who is forgotten");
	world_run(w, 500);
	world_kill(w, 3);
	world_run(w, 6000);
	world_order(w, 1, "forget 003", "ok ");
	world_run(w, 3 * 600 * 1000 + 3000);
	ck_assert_uint_eq(world_runs(w, 2, "003"), 0);
	world_start(w, 4, 100);
	world_run(w, 5000);
	ck_assert(world_has_fact(w, 4, "by who is forgotten"));
	ck_assert(world_agrees(w, 1, 4) && world_agrees(w, 2, 4));
	world_start(w, 3, 300);
	world_run(w, 5000);
	ck_assert(world_agrees(w, 1, 3));
	ck_assert(world_has_fact(w, 3, "by who is forgotten"));
	for (unsigned i = 1; i <= 4; i++)
		ck_assert_uint_eq(link_net_counts(world_links(w, i))->wants, 0);
	world_free(w);
}
END_TEST

/* Two halves live on: neither makes the users of the other void. */
START_TEST(who_is_alive_and_forgotten_is_refused)
{
	struct world *w = network(3);

	world_user(w, 3, "cat");
	world_run(w, 500);
	world_allow(w, 1, 3, false);
	world_allow(w, 2, 3, false);
	world_run(w, 6000);
	world_order(w, 2, "forget 003", "ok ");
	world_run(w, QUIET_MS + 1000);
	ck_assert_uint_eq(world_runs(w, 1, "003"), 0);
	world_allow_all(w);
	world_run(w, 5000);
	ck_assert_uint_eq(world_runs(w, 1, "003"), 0);
	ck_assert(world_has_fact(w, 3, "cat"));
	ck_assert_ptr_nonnull(strstr(world_log_text(w, 1, LOG_LINK_REFUSED),
	    "forgotten"));
	ck_assert_ptr_nonnull(strstr(world_log_text(w, 3, LOG_LINK_REFUSED),
	    "forgotten"));
	world_kill(w, 3);
	world_start(w, 3, 200);
	world_run(w, 6000);
	ck_assert_uint_eq(world_runs(w, 1, "003"), 1);
	ck_assert(world_agrees(w, 1, 3) && world_agrees(w, 2, 3));
	world_free(w);
}
END_TEST

/* Just before the FORGET is due, the link of the two that are left breaks. */
START_TEST(the_wait_begins_anew_when_another_is_missing)
{
	struct world *w = network(3);

	world_kill(w, 3);
	for (unsigned i = 1; i <= 2; i++)
		world_settings(w, i)->keep_s = 600;
	world_run(w, 6000);
	world_order(w, 1, "forget 003", "ok ");
	world_run(w, 1800 * 1000 - 100);
	ck_assert_uint_eq(world_runs(w, 1, "003"), 1);
	world_allow(w, 1, 2, false);
	world_run(w, 10000);
	/* Therefore 002 was missing again. */
	ck_assert_uint_eq(world_runs(w, 1, "003"), 1);
	world_allow(w, 1, 2, true);
	world_run(w, 1800 * 1000 + 5000);
	ck_assert_uint_eq(world_runs(w, 1, "003") + world_runs(w, 2, "003"), 0);
	ck_assert(world_agrees(w, 1, 2));
	world_free(w);
}
END_TEST

/* ---- with a peer that the test plays --------------------------------------
 */

/* Let 002 tell of 003, which had n entries. */
static void
has_of_003(struct world *w, unsigned p, int n)
{
	char line[80];

	world_say(w, p, "LSA 003.70 1 1700000001000 002,5,10 :");
	for (int i = 1; i <= n; i++) {
		snprintf(line, sizeof(line), "ENTRY 003.70 %d %d * - 1", i,
		    i * 1000);
		world_say(w, p, line);
		world_say(w, p,
		    i == 1 ? "+READY 003 70 003.example.org :third"
			   : "@kind=element +ODD");
	}
}

/* Let 002 tell of 003, which had 3 entries, and then forget it. */
static unsigned
forgets_003(struct world *w)
{
	unsigned p = played_sync(w);

	has_of_003(w, p, 3);
	world_say(w, p, "ENTRY 002.50 1 1700000001000 * - 2");
	world_say(w, p, "+FORGET 003 70 :003.70=3");
	world_say(w, p, "+READY 002 50 002.example.org :played");
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
	ck_assert_uint_eq(world_runs(w, 1, "003"), 0);
	ck_assert(!is_in_map(w, 1, "003"));
	return p;
}

/* Open a new link of 002, up to its SYNC. */
static unsigned
links_again(struct world *w, unsigned p)
{
	world_hang_up(w, p);
	world_run(w, 100);
	p = world_peer(w, 1);
	world_say(w, p, PLAYED_HELLO);
	world_say(w, p, "LSA 002.50 2 1700000001000 001,77,10 :");
	return p;
}

START_TEST(what_is_said_of_it_later_is_passed_over)
{
	struct world *w = played_node();
	unsigned p = forgets_003(w);

	world_say(w, p, "LSA 003.70 2 1700000001000 002,6,10 :");
	for (int i = 0; i < 5; i++)
		world_say(w, p, "DIGEST 003.70=3");
	world_say(w, p, "ENTRY 003.70 3 3000 * - 1");
	world_say(w, p, "@kind=element +ODD");
	world_say(w, p, "ENTRY 003.70 1 1000 * - 1");
	world_say(w, p, "@kind=element +ODD");
	world_run(w, 1000);
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
	ck_assert(!world_hears(w, p, "WANT"));
	ck_assert(!is_in_map(w, 1, "003"));
	ck_assert_uint_eq(world_runs(w, 1, "003"), 0);
	world_free(w);
}
END_TEST

/*
 * A peer without the FORGET, and with no more entries than existed, is like the
 * others.
 */
START_TEST(who_has_not_heard_of_it_goes_on)
{
	struct world *w = played_node();
	unsigned p = forgets_003(w);

	p = links_again(w, p);
	world_forget(w, p);
	world_say(w, p, "SYNC 001.100=1 003.70=3");
	played_hears(w, p, "+FORGET 003 70 :003.70=3");
	ck_assert(!world_hears(w, p, "SNAP"));
	world_free(w);
}
END_TEST

START_TEST(who_lacks_some_of_it_gets_a_snapshot)
{
	struct world *w = played_node();
	unsigned p = forgets_003(w);

	p = links_again(w, p);
	world_forget(w, p);
	world_say(w, p, "SYNC 001.100=1 002.50=0 003.70=2");
	world_run(w, 1);
	played_hears(w, p, "SNAP 001.100");
	played_hears(w, p, "+FORGET 003 70 :003.70=3");
	played_hears(w, p, "kind=element +ODD");
	ck_assert(!world_hears(w, p, " 003.70="));
	world_free(w);
}
END_TEST

START_TEST(who_has_more_than_there_was_is_refused)
{
	static const char *const says[] = {
		"SYNC 001.100=1 003.70=4",
		"SYNC 001.100=1 003.70=3\nDIGEST 003.70=4",
		"SYNC 001.100=1 003.70=3\nWANT 003.70=4",
		"SYNC 001.100=1 003.69=1",
		"SYNC 003.70=3\nENTRY 003.70 4 4000 * - 1\n@kind=element +ODD",
		"SYNC 003.70=3\nSNAP 002.50\nEND 003.70=4/4",
	};

	for (size_t i = 0; i < sizeof(says) / sizeof(says[0]); i++) {
		struct world *w = played_node();
		unsigned p = forgets_003(w);
		char copy[128], *line;

		p = links_again(w, p);
		snprintf(copy, sizeof(copy), "%s", says[i]);
		for (line = strtok(copy, "\n"); line != NULL;
		     line = strtok(NULL, "\n"))
			world_say(w, p, line);
		ck_assert_msg(world_is_closed(w, p), "%s", says[i]);
		played_is_refused(w, p, "forgotten");
		world_free(w);
	}
}
END_TEST

START_TEST(a_forget_that_does_not_fit_is_refused)
{
	static const char *const says[] = {
		"+FORGET 001 100 :001.100=1", /* the asked server itself */
		"+FORGET 002 50 :002.50=0",   /* the linked server */
		"+FORGET 003 70 :003.70=2",   /* more entries existed */
		/* of another server */
		"+FORGET 003 70 :",
		"+FORGET 003 70 :004.70=3",
		"+FORGET 003 70 :003.71=3",
		"+FORGET 003 70 :x",
		/* its last entry is still to come */
		"+FORGET 003 70 :003.70=4",
	};

	for (size_t i = 0; i < sizeof(says) / sizeof(says[0]); i++) {
		struct world *w = played_node();
		unsigned p = played_sync(w);

		has_of_003(w, p, 3);
		world_say(w, p, "ENTRY 002.50 1 1700000001000 * - 2");
		world_say(w, p, says[i]);
		world_say(w, p, "+READY 002 50 002.example.org :played");
		ck_assert_msg(world_is_closed(w, p), "%s", says[i]);
		played_is_refused(w, p,
		    strstr(says[i], "003.70=4") != NULL ? "gap" : "forgotten");
		ck_assert_uint_eq(world_runs(w, 1, "003"), 1);
		world_free(w);
	}
}
END_TEST

/* The same in a snapshot: it is refused as a whole. */
START_TEST(nor_by_a_snapshot)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);

	world_say(w, p, "SNAP 002.50");
	world_say(w, p, "@dot=002.50.1.0;stamp=1000 +FORGET 001 100 :");
	world_say(w, p, "END 002.50=1/1");
	world_run(w, 1);
	played_is_refused(w, p, "forgotten");
	ck_assert_uint_eq(world_runs(w, 1, "002"), 0);
	world_free(w);
}
END_TEST

/*
 * An entry of a snapshot, beyond what its facts and its END say, is refused,
 * too.
 */
START_TEST(nor_by_an_entry_beyond_the_end_of_a_snapshot)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);

	world_say(w, p, "SNAP 002.50");
	world_say(w, p, "ENTRY 002.50 1 1700000001000 * - 1");
	world_say(w, p, "+FORGET 001 100 :");
	world_say(w, p, "END");
	played_is_refused(w, p, "snapshot");
	ck_assert_uint_eq(world_runs(w, 1, "002"), 0);
	world_free(w);
}
END_TEST

/*
 * The makers of these FORGETs forget each other, or are not in END: they are in
 * no vector, so no vector shows which servers have the FORGETs.
 */
START_TEST(one_snapshot_is_enough_for_any_forget)
{
	static const char *const says[] = {
		"@dot=004.60.1.0;stamp=1000 +FORGET 003 70 :003.70=3",
		"@dot=003.70.1.0;stamp=1000 +FORGET 004 60 :004.60=3",
	};

	for (size_t n = 1; n <= 2; n++) {
		struct world *w = played_node();
		unsigned p = played_sync(w);

		world_forget(w, p);
		world_say(w, p, "SNAP 002.50");
		for (size_t i = 0; i < n; i++)
			world_say(w, p, says[i]);
		world_say(w, p, "END");
		world_run(w, 1000);
		ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
		ck_assert_uint_eq(core_forget_count(node_core(world_node(w,
				      1))),
		    n);
		ck_assert_uint_le(world_lines(w, "SNAP"), 1);
		world_free(w);
	}
}
END_TEST

/*
 * A snapshot of a server without the FORGET: facts of the run that are not here
 * were removed here, and facts that were removed there are removed here, too.
 */
START_TEST(a_snapshot_brings_nothing_of_it_back)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);

	world_say(w, p, "LSA 003.70 1 1700000001000 :");
	world_say(w, p, "ENTRY 003.70 1 1000 * - 2");
	world_say(w, p, "@kind=element +ODD one");
	world_say(w, p, "+READY 003 70 003.example.org :third");
	world_say(w, p, "ENTRY 003.70 2 2000 * - 1");
	world_say(w, p, "@kind=element +ODD two");
	world_say(w, p, "ENTRY 003.70 3 3000 * - 1");
	world_say(w, p, "@kind=element +ODD three");
	world_say(w, p, "ENTRY 002.50 1 1700000001000 * - 2");
	world_say(w, p, "+FORGET 003 70 :003.70=3");
	world_say(w, p, "+READY 002 50 002.example.org :played");
	world_say(w, p, "SNAP 002.50");
	world_say(w, p,
	    "@dot=002.50.1.1;stamp=1700000001000 "
	    "+READY 002 50 002.example.org :played");
	world_say(w, p, "@dot=003.70.1.0;stamp=1000;kind=element +ODD one");
	world_say(w, p, "@dot=003.70.1.2;stamp=1000;kind=element +ODD ghost");
	world_say(w, p, "@dot=003.70.3.0;stamp=3000;kind=element +ODD three");
	world_say(w, p, "END 002.50=1/1 003.70=2/2");
	world_run(w, 1);
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
	ck_assert(world_has_fact(w, 1, "+ODD one"));
	ck_assert(!world_has_fact(w, 1, "+ODD two"));
	ck_assert(world_has_fact(w, 1, "+ODD three"));
	ck_assert(!world_has_fact(w, 1, "+ODD ghost"));
	ck_assert_uint_eq(world_runs(w, 1, "003"), 0);
	world_free(w);
}
END_TEST

/*
 * A snapshot with the FORGET covers all of the run, though the run is not in
 * its vector.
 */
START_TEST(a_snapshot_forgets)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);

	world_say(w, p, "LSA 003.70 1 1700000001000 :");
	world_say(w, p, "ENTRY 003.70 1 1000 * - 2");
	world_say(w, p, "@kind=element +ODD one");
	world_say(w, p, "+READY 003 70 003.example.org :third");
	world_say(w, p, "ENTRY 003.70 2 2000 * - 1");
	world_say(w, p, "@kind=element +ODD two");
	world_say(w, p, "SNAP 002.50");
	world_say(w, p,
	    "@dot=002.50.1.0;stamp=1700000001000 "
	    "+FORGET 003 70 :003.70=3");
	world_say(w, p, "@dot=003.70.2.0;stamp=2000;kind=element +ODD two");
	world_say(w, p, "@dot=003.70.3.0;stamp=3000;kind=element +ODD three");
	world_say(w, p, "END 002.50=1/1");
	world_run(w, 1);
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
	ck_assert(!world_has_fact(w, 1, "+ODD one"));
	ck_assert(world_has_fact(w, 1, "+ODD two"));
	ck_assert(world_has_fact(w, 1, "+ODD three"));
	ck_assert_uint_eq(world_runs(w, 1, "003"), 0);
	/* one entry of 002.50, which is below the floor, and one of 003.70 */
	ck_assert_uint_eq(world_logged(w, 1, LOG_JUMPED), 2);
	ck_assert_uint_eq(link_net_counts(world_links(w, 1))->jumped, 2);
	world_free(w);
}
END_TEST

/*
 * A FORGET replaces the one before it, so it repeats what that one said:
 * newcomers lack those entries, too.
 */
START_TEST(what_an_earlier_one_said_is_said_again)
{
	struct world *w = played_node();
	unsigned p = forgets_003(w);

	world_say(w, p, "LSA 003.80 1 1700000001000 002,9,10 :");
	world_hang_up(w, p);
	world_order(w, 1, "forget 003", "ok ");
	world_order(w, 1, "forget 002", "ok ");
	world_run(w, 3 * 60 * 1000 + 1000);
	ck_assert(!is_in_map(w, 1, "003"));
	ck_assert(world_has_fact(w, 1, "+FORGET 003 80 :003.70=3"));
	ck_assert(world_has_fact(w, 1, "+FORGET 002 50 :002.50=1"));
	world_free(w);
}
END_TEST

/* Without a vector there is no comparison. */
START_TEST(a_forget_without_a_vector_is_taken)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);

	has_of_003(w, p, 1);
	world_say(w, p, "ENTRY 002.50 1 1700000001000 * - 2");
	world_say(w, p, "+FORGET 003 70");
	world_say(w, p, "+READY 002 50 002.example.org :played");
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
	ck_assert_uint_eq(world_runs(w, 1, "003"), 0);
	world_free(w);
}
END_TEST

/* If two FORGETs of one run meet, the earlier counts, whichever comes first. */
START_TEST(two_at_once_end_as_one)
{
	static const char *const both[2][2] = {
		{ "ENTRY 002.50 1 1700000001000 * - 2",
		    "+READY 002 50 002.example.org :" },
		{ "ENTRY 004.60 1 1700000000900 * - 2",
		    "+READY 004 60 004.example.org :" },
	};
	struct span canon[2];
	struct world *w[2];

	for (int i = 0; i < 2; i++) {
		unsigned p;

		w[i] = played_node();
		p = played_sync(w[i]);
		for (int k = 0; k < 2; k++) {
			world_say(w[i], p, "LSA 004.60 1 1 :");
			world_say(w[i], p, both[k ^ i][0]);
			world_say(w[i], p, "+FORGET 003 70 :");
			world_say(w[i], p, both[k ^ i][1]);
		}
		canon[i] = core_canon(node_core(world_node(w[i], 1)),
		    world_arena(w[i]));
	}
	ck_assert(span_eq(canon[0], canon[1]));
	ck_assert(world_has_fact(w[0], 1, "004.60.1.0"));
	world_free(w[0]);
	world_free(w[1]);
}
END_TEST

Suite *
forget_suite(void)
{
	Suite *s = suite_create("forget");
	TCase *t = unit_case("nodes");

	tcase_add_test(t, operator_has_a_server_forgotten);
	tcase_add_test(t, only_who_is_gone_is_forgotten);
	tcase_add_test(t, nothing_is_forgotten_while_another_is_missing);
	tcase_add_test(t, those_that_go_do_not_wait_for_each_other);
	tcase_add_test(t, who_returns_in_time_is_not_forgotten);
	tcase_add_test(t, former_runs_are_forgotten_and_the_present_one_stays);
	tcase_add_test(t, long_gone_is_forgotten_by_itself_and_once);
	tcase_add_test(t, many_runs_of_one_are_forgotten_by_themselves);
	tcase_add_test(t, no_two_of_one_server_are_under_way);
	tcase_add_test(t, what_it_set_stays);
	tcase_add_test(t, who_is_alive_and_forgotten_is_refused);
	tcase_add_test(t, the_wait_begins_anew_when_another_is_missing);
	suite_add_tcase(s, t);
	t = unit_case("played");
	tcase_add_test(t, what_is_said_of_it_later_is_passed_over);
	tcase_add_test(t, who_has_not_heard_of_it_goes_on);
	tcase_add_test(t, who_lacks_some_of_it_gets_a_snapshot);
	tcase_add_test(t, who_has_more_than_there_was_is_refused);
	tcase_add_test(t, a_forget_that_does_not_fit_is_refused);
	tcase_add_test(t, nor_by_a_snapshot);
	tcase_add_test(t, nor_by_an_entry_beyond_the_end_of_a_snapshot);
	tcase_add_test(t, one_snapshot_is_enough_for_any_forget);
	tcase_add_test(t, a_snapshot_brings_nothing_of_it_back);
	tcase_add_test(t, a_snapshot_forgets);
	tcase_add_test(t, what_an_earlier_one_said_is_said_again);
	tcase_add_test(t, a_forget_without_a_vector_is_taken);
	tcase_add_test(t, two_at_once_end_as_one);
	suite_add_tcase(s, t);
	return s;
}
