/* Entries that a broker has given to others, too (link-protocol.md, 7.9 to
 * 7.13). */
#include <stdio.h>
#include <string.h>

#include "unit/node/check_node.h"
#include "unit/node/played.h"

#define CAPS "network=Test skip offer"
#define READY_2 "+READY 002 50 002.example.org :played"
#define READY_3 "+READY 003 50 003.example.org :played"
#define STAMP "1700000001000"

/* A line of 002 that 003 was sent, or not, if it is the same connection. */
static void
entry(struct world *w, unsigned p, const char *o_n, const char *part,
    unsigned also)
{
	char line[128];

	snprintf(line, sizeof(line), "ENTRY %s " STAMP " * - 1", o_n);
	world_say_also(w, p, line, also);
	world_say_also(w, p, part, also);
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
}

static const char *
find(struct world *w, unsigned p, const char *piece)
{
	const char *at = strstr(world_heard(w, p), piece);

	ck_assert_msg(at != NULL, "no %s in %s", piece, world_heard(w, p));
	return at;
}

START_TEST(a_skipped_entry_is_told_before_the_next_one)
{
	struct world *w = played_node();
	unsigned p = played_asks(w, 2, CAPS), q = played_asks(w, 3, CAPS);

	world_forget(w, q);
	entry(w, p, "002.50 1", READY_2, q);
	ck_assert(!world_hears(w, q, "ENTRY"));
	ck_assert(!world_hears(w, q, "SKIP"));
	ck_assert_uint_eq(link_net_counts(world_links(w, 1))->skips, 1);
	(void)world_user(w, 1, "ann");
	ck_assert(find(w, q, "SKIP 002.50=1\r\n") <
		  find(w, q, "ENTRY 001.100 "));
	ck_assert(!world_hears(w, q, "ENTRY 002.50 "));
	/* the maker of the entry has it, and is told nothing */
	ck_assert(!world_hears(w, p, "SKIP"));
	/* it is told once */
	world_forget(w, q);
	(void)world_user(w, 1, "bob");
	find(w, q, "ENTRY 001.100 ");
	ck_assert(!world_hears(w, q, "SKIP"));
	world_free(w);
}
END_TEST

START_TEST(an_entry_is_sent_to_those_that_do_not_know_skip)
{
	struct world *w = played_node();
	unsigned p = played_asks(w, 2, CAPS),
		 q = played_asks(w, 3, "network=Test offer");

	entry(w, p, "002.50 1", READY_2, q);
	find(w, q, "ENTRY 002.50 1 ");
	world_free(w);
}
END_TEST

START_TEST(an_entry_with_a_line_that_others_lack_is_sent)
{
	struct world *w = played_node();
	unsigned p = played_asks(w, 2, CAPS), q = played_asks(w, 3, CAPS);

	world_say_also(w, p, "ENTRY 002.50 1 " STAMP " * - 1", q);
	world_say(w, p, READY_2);
	find(w, q, "ENTRY 002.50 1 ");
	world_free(w);
}
END_TEST

/* 003 takes nothing, so it lacks the first entry when the second comes. */
START_TEST(nothing_is_skipped_behind_a_gap)
{
	struct world *w = world_new(3);
	struct peer_settings *peer;
	unsigned p, q;

	peer = (struct peer_settings *)(uintptr_t)world_settings(w, 1)->peer;
	for (size_t k = 0; k < world_settings(w, 1)->npeer; k++)
		peer[k].naddress = 0;
	world_settings(w, 1)->alone_ms = 0;
	world_settings(w, 1)->pump_bytes = 1;
	world_start(w, 1, 100);
	p = played_asks(w, 2, CAPS);
	q = played_asks(w, 3, CAPS);
	world_takes(w, q, false);
	(void)world_user(w, 1, "ann"); /* so much is unsent that it waits */
	world_forget(w, q);
	entry(w, p, "002.50 1", READY_2, p);
	world_say_also(w, p, "ENTRY 002.50 2 1700000001001 * - 1", q);
	world_say_also(w, p, "+READY 002 50 002.example.org :again", q);
	ck_assert(!world_hears(w, q, "ENTRY 002.50"));
	ck_assert_uint_eq(link_net_counts(world_links(w, 1))->skips, 0);
	world_takes(w, q, true);
	world_run(w, 100);
	find(w, q, "ENTRY 002.50 1 ");
	find(w, q, "ENTRY 002.50 2 ");
	world_free(w);
}
END_TEST

START_TEST(want_is_answered_from_where_the_sender_begins_anew)
{
	struct world *w = played_node();
	unsigned p = played_asks(w, 2, CAPS), q = played_asks(w, 3, CAPS);

	entry(w, p, "002.50 1", READY_2, q);
	(void)world_user(w, 1, "ann");
	find(w, q, "SKIP 002.50=1\r\n");
	world_forget(w, q);
	world_say(w, q, "WANT");
	ck_assert(find(w, q, "SKIP\r\n") < find(w, q, "ENTRY 002.50 1 "));
	/* nobody skipped anything for 002 */
	world_forget(w, p);
	world_say(w, p, "WANT");
	find(w, p, "ENTRY 002.50 1 ");
	ck_assert(!world_hears(w, p, "SKIP"));
	world_free(w);
}
END_TEST

START_TEST(a_link_waits_for_what_its_peer_skipped)
{
	struct world *w = played_node();
	unsigned p = played_asks(w, 2, CAPS), q = played_asks(w, 3, CAPS);

	world_say(w, q, "SKIP 002.50=1");
	ck_assert(world_is_held(w, q));
	world_run(w, 900);
	ck_assert(world_is_held(w, q));
	entry(w, p, "002.50 1", READY_2, q);
	ck_assert(!world_is_held(w, q));
	ck_assert(!world_hears(w, q, "WANT"));
	/* what is here is not waited for */
	world_say(w, q, "SKIP 002.50=1");
	ck_assert(!world_is_held(w, q));
	entry(w, q, "003.50 1", READY_3, q);
	world_free(w);
}
END_TEST

START_TEST(what_does_not_come_is_asked_for)
{
	struct world *w = played_node();
	unsigned q = played_asks(w, 3, CAPS);

	world_say(w, q, "LSA 002.50 1 " STAMP " 003,9,10 :");
	world_say(w, q, "SKIP 002.50=1");
	world_run(w, 1100);
	ck_assert(!world_is_held(w, q));
	find(w, q, "WANT 001.100=");
	/* sent before the WANT came there */
	entry(w, q, "002.50 2", "+SET 002.50 x y", q);
	world_say(w, q, "SKIP 002.50=3");
	ck_assert(!world_is_held(w, q));
	entry(w, q, "003.50 1", READY_3, q);
	ck_assert_uint_eq(vector_get(&link_net_log(world_links(w, 1))->have,
			      (struct origin){ { "003" }, 50 }),
	    0);
	world_say(w, q, "SKIP");
	entry(w, q, "002.50 1", READY_2, q);
	entry(w, q, "003.50 1", READY_3, q);
	ck_assert_uint_eq(vector_get(&link_net_log(world_links(w, 1))->have,
			      (struct origin){ { "003" }, 50 }),
	    1);
	ck_assert_uint_eq(link_net_counts(world_links(w, 1))->skips_lost, 1);
	world_free(w);
}
END_TEST

START_TEST(skip_needs_its_capability)
{
	struct world *w = played_node();
	unsigned q = played_asks(w, 3, "network=Test");

	world_say(w, q, "SKIP 002.50=1");
	played_is_refused(w, q, "state");
	world_free(w);
}
END_TEST

Suite *
skip_suite(void)
{
	Suite *s = suite_create("skip");
	TCase *t = unit_case("skip");

	tcase_add_test(t, a_skipped_entry_is_told_before_the_next_one);
	tcase_add_test(t, an_entry_is_sent_to_those_that_do_not_know_skip);
	tcase_add_test(t, an_entry_with_a_line_that_others_lack_is_sent);
	tcase_add_test(t, nothing_is_skipped_behind_a_gap);
	tcase_add_test(t, want_is_answered_from_where_the_sender_begins_anew);
	tcase_add_test(t, a_link_waits_for_what_its_peer_skipped);
	tcase_add_test(t, what_does_not_come_is_asked_for);
	tcase_add_test(t, skip_needs_its_capability);
	suite_add_tcase(s, t);
	return s;
}
