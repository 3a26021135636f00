/*
 * Two servers run under one sid (link-protocol.md, 4.5, 4.9, 12.2): which of
 * them is refused, what it is told, and how it comes back by itself.
 */
#include <stdio.h>
#include <string.h>

#include "lib/text.h"
#include "unit/node/check_node.h"
#include "unit/node/liars.h"
#include "unit/node/played.h"
#include "unit/node/world.h"

static unsigned
peer_of_run(struct world *w, uint32_t inc)
{
	unsigned p = world_peer(w, 1);
	char line[160];

	snprintf(line, sizeof(line),
	    "HELLO 1 002.%u 1700000001000 002.example.org 77 :network=Test",
	    inc);
	world_say(w, p, line);
	if (world_is_closed(w, p))
		return p;
	snprintf(line, sizeof(line),
	    "LSA 002.%u 1 1700000001000 001,77,10 :", inc);
	world_say(w, p, line);
	world_say(w, p, "SYNC");
	return p;
}

static uint32_t
inc_of(struct world *w, unsigned i)
{
	return core_self(node_core(world_node(w, i))).inc;
}

START_TEST(the_older_is_told_where_the_newer_is)
{
	struct world *w = played_node();
	unsigned old = peer_of_run(w, 40), copy = peer_of_run(w, 50);

	played_hears(w, old,
	    "ERROR copy :a newer run of the peer is on the network, linked "
	    "from 127.0.0.1\r\n");
	ck_assert(world_is_closed(w, old));
	ck_assert(!world_is_closed(w, copy));
	old = peer_of_run(w, 40);
	played_hears(w, old,
	    "ERROR copy :a newer run of the peer is on the network, linked "
	    "from 127.0.0.1\r\n");
	ck_assert(!world_is_closed(w, copy));
	world_hang_up(w, copy);
	world_run(w, 100);
	old = peer_of_run(w, 40);
	played_hears(w, old, "ERROR inc 50 :");
	ck_assert(!world_is_closed(w, peer_of_run(w, 51)));
	world_free(w);
}
END_TEST

/* A question, which servers pass on, tells the newer run of the older run. */
START_TEST(the_newer_is_told_of_the_older)
{
	struct world *w = played_node();
	unsigned copy = peer_of_run(w, 50), three;

	peer_of_run(w, 40);
	ck_assert(world_hears(w, copy, "QUERY 001."));
	ck_assert(world_hears(w, copy, " 001AAAAAA 002 31 :COPY 127.0.0.1"));
	/* not each time that the older one dials */
	world_forget(w, copy);
	peer_of_run(w, 40);
	ck_assert(!world_hears(w, copy, "COPY"));
	/* the newer one is linked with another server */
	world_hang_up(w, copy);
	three = played_sync_run(w, 3, 60, 78);
	world_say(w, three, "LSA 003.60 2 1700000001000 001,78,10 002,9,1 :");
	world_say(w, three, "LSA 002.50 2 1700000001000 003,9,1 :");
	world_run(w, 3100);
	played_hears(w, peer_of_run(w, 40),
	    "ERROR copy :a newer run of the peer is on the network, linked "
	    "with 003\r\n");
	ck_assert(world_hears(w, three, " 001AAAAAA 002 31 :COPY 127.0.0.1"));
	world_free(w);
}
END_TEST

/* The operator of the newer run is told the address of the older run. */
START_TEST(it_tells_its_operator)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);

	for (unsigned i = 1; i <= 2; i++) {
		world_say(w, p, "QUERY 002.9 002AAAAAA 001 31 :COPY 192.0.2.7");
		played_hears(w, p, "DONE 002.9 002 31");
		ck_assert_uint_eq(world_logged(w, 1, LOG_OWN_SID_TWICE), 1);
	}
	ck_assert(strstr(world_log_text(w, 1, LOG_OWN_SID_TWICE),
		      "address=192.0.2.7 with=002") != NULL);
	world_free(w);
}
END_TEST

static unsigned
dialled(struct world *w, const char *error)
{
	unsigned p = world_peer(w, 1);

	world_say(w, p, PLAYED_HELLO);
	world_say(w, p, error);
	ck_assert(world_is_closed(w, p));
	return p;
}

#define CUT_OFF " NOTICE * :This server is cut off from the network: another "
#define ON_AGAIN " NOTICE * :This server is on the network again."

/* Clients of the refused run are told, also those who come later. */
START_TEST(clients_are_told)
{
	struct world *w = played_node();
	unsigned ann = world_user(w, 1, "ann"), bob, p;
	unsigned eve = world_client(w, 1); /* does not register */

	/* another link stands */
	p = played_sync_run(w, 3, 60, 78);
	dialled(w, "ERROR copy :a newer run");
	ck_assert(!world_hears(w, ann, CUT_OFF));
	world_hang_up(w, p);
	dialled(w, "ERROR copy :a newer run");
	ck_assert(world_hears(w, ann, ":001.example.org" CUT_OFF));
	world_forget(w, ann);
	dialled(w, "ERROR copy :a newer run");
	ck_assert(!world_hears(w, ann, CUT_OFF));
	bob = world_client(w, 1);
	world_say(w, bob, "NICK bob");
	world_say(w, bob, "USER bob 0 * :Bob");
	ck_assert(world_hears(w, bob, " 376 ") || world_hears(w, bob, " 422 "));
	ck_assert(world_hears(w, bob, ":001.example.org" CUT_OFF));
	ck_assert(!world_is_closed(w, ann));
	p = played_sync(w);
	played_beats(w, p, 9);
	ck_assert(!world_hears(w, ann, ON_AGAIN));
	played_beats(w, p, 2);
	ck_assert(world_hears(w, ann, ON_AGAIN));
	ck_assert_str_eq(world_heard(w, eve), "");
	world_free(w);
}
END_TEST

/* A peer that links, and refuses the server, again and again. */
void
liars_told_rarely(void)
{
	struct world *w = played_node();
	unsigned ann = world_user(w, 1, "ann");

	for (unsigned i = 0; i < 100; i++) {
		unsigned p = played_sync(w);

		world_say(w, p, "ERROR copy :a newer run");
		world_run(w, 10);
	}
	ck_assert_uint_eq(text_count(world_heard(w, ann), CUT_OFF), 1);
	ck_assert_uint_eq(text_count(world_heard(w, ann), ON_AGAIN), 0);
	/* one that waits until clients are told, too */
	for (unsigned i = 0; i < 60; i++) {
		unsigned p = world_peer(w, 1);
		char line[80];

		snprintf(line, sizeof(line),
		    "HELLO 1 002.50 %u000 002.example.org 77 :",
		    1700000002 + 11 * i);
		world_say(w, p, line);
		world_say(w, p, "SYNC");
		played_beats(w, p, 11);
		world_say(w, p, "ERROR copy :a newer run");
	}
	ck_assert_uint_eq(text_count(world_heard(w, ann), CUT_OFF), 2);
	ck_assert_uint_eq(text_count(world_heard(w, ann), ON_AGAIN), 1);
	world_free(w);
}

START_TEST(clients_are_told_rarely)
{
	liars_told_rarely();
}
END_TEST

START_TEST(a_server_comes_back_by_itself)
{
	struct world *w = played_node();
	unsigned ann = world_user(w, 1, "ann");

	dialled(w, "ERROR inc 1700000500 :a newer run");
	ck_assert_uint_eq(inc_of(w, 1), 1700000501);
	ck_assert(world_is_closed(w, ann));
	world_free(w);
}
END_TEST

/* The other one is there, or nothing is said, or what is said is older. */
static const char *const others[] = {
	"ERROR copy :a newer run of the peer is on the network",
	"ERROR copy 1700000500 :a newer run of the peer is on the network",
	"ERROR inc :a newer run",
	"ERROR inc 0 :a newer run",
	"ERROR inc 99 :a newer run",
	"ERROR inc 1702600000 :more than 30 days ahead",
	"ERROR inc 4294967295 :more than 30 days ahead",
	"ERROR inc 18446744073709551615 :more than 30 days ahead",
};

START_TEST(nothing_else_begins_a_run)
{
	struct world *w = played_node();
	unsigned ann = world_user(w, 1, "ann");

	dialled(w, others[_i]);
	ck_assert_uint_eq(inc_of(w, 1), 100);
	ck_assert(!world_is_closed(w, ann));
	world_free(w);
}
END_TEST

/* A server that is linked is not refused by the network, but by one peer. */
START_TEST(a_linked_server_does_not_begin_a_run)
{
	struct world *w = played_node();
	unsigned third = world_peer(w, 1), ann = world_user(w, 1, "ann");

	world_say(w, third,
	    "HELLO 1 003.50 1700000001000 003.example.org 78 :network=Test");
	dialled(w, "ERROR inc 1700000500 :a newer run");
	ck_assert_uint_eq(inc_of(w, 1), 100);
	ck_assert(!world_is_closed(w, ann));
	world_free(w);
}
END_TEST

Suite *
copy_suite(void)
{
	Suite *s = suite_create("copy");
	TCase *t = unit_case("copy");

	tcase_add_test(t, the_older_is_told_where_the_newer_is);
	tcase_add_test(t, the_newer_is_told_of_the_older);
	tcase_add_test(t, it_tells_its_operator);
	tcase_add_test(t, clients_are_told);
	tcase_add_test(t, clients_are_told_rarely);
	tcase_add_test(t, a_server_comes_back_by_itself);
	tcase_add_loop_test(t, nothing_else_begins_a_run, 0,
	    sizeof(others) / sizeof(others[0]));
	tcase_add_test(t, a_linked_server_does_not_begin_a_run);
	suite_add_tcase(s, t);
	return s;
}
