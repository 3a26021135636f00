/* A peer, played line by line: what a node answers, refuses and survives. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "link/state.h"
#include "unit/node/check_node.h"
#include "unit/node/played.h"
#include "unit/node/world.h"

START_TEST(opening_in_order)
{
	struct world *w = played_node();
	unsigned p = world_peer(w, 1);

	ck_assert_str_eq(world_heard(w, p), "");
	world_say(w, p, PLAYED_HELLO);
	ck_assert_ptr_eq(strstr(world_heard(w, p), "HELLO 1 001.100 "),
	    world_heard(w, p));
	played_hears(w, p,
	    " 001.example.org 77 :clock=1700000001000 network=Test limits "
	    "modules offer skip zstd\r\n"
	    "LSA 001.100 ");
	played_hears(w, p, " 002,77,10 :001.100=1\r\nSYNC 001.100=1\r\n");
	world_forget(w, p);
	world_say(w, p, "SYNC");
	played_hears(w, p, "ENTRY 001.100 1 ");
	played_hears(w, p, "+READY 001 100 001.example.org :a server\r\n");
	world_free(w);
}
END_TEST

struct bad_hello {
	const char *line, *code, *says;
};

static const struct bad_hello bad_hello[] = {
	{ "HELLO 2 what ever", "version", NULL },
	{ "HELLO 1 002.50 1700000001000 002.example.org 77 :network=Other",
	    "network", NULL },
	{ "HELLO 1 001.50 1700000001000 002.example.org 77 :", "own-sid",
	    NULL },
	{ "HELLO 1 003.50 1700000001000 002.example.org 77 :", "sid",
	    ":the sid 003 is not configured for the peer\r\n" },
	{ "HELLO 1 002.50 1700000001000 009.example.org 77 :", "name",
	    ":the name 009.example.org is not configured for the peer\r\n" },
	{ "HELLO 1 002.50 1700000007000 002.example.org 77 :", "clock", NULL },
	{ "HELLO 1 002.50 1699999994000 002.example.org 77 :", "clock", NULL },
	{ "HELLO", "syntax", NULL },
	{ "HELLO 1 002 1700000001000 002.example.org 77 :", "syntax", NULL },
	{ "HELLO 1 002.50 x 002.example.org 77 :", "syntax", NULL },
	{ "HELLO 1 002.50 1700000001000 002.example.org 0 :", "syntax", NULL },
	{ "HELLO 1 002.50 1700000001000 002.example.org 77", "syntax", NULL },
	{ "HELLO 1 002.50 1700000001000 002.example.org 77 :clock=", "syntax",
	    NULL },
	{ "SYNC", "state", NULL },
	{ "ENTRY 002.50 1 1700000001000 * - 1", "state", NULL },
	{ "+READY 002 50 002.example.org :x", "syntax", NULL },
	{ "NICK me", "syntax", NULL },
	{ "", "syntax", NULL },
};

START_TEST(bad_hello_is_refused)
{
	struct world *w = played_node();
	unsigned p = world_peer(w, 1);

	world_say(w, p, bad_hello[_i].line);
	played_is_refused(w, p, bad_hello[_i].code);
	if (bad_hello[_i].says != NULL)
		played_hears(w, p, bad_hello[_i].says);
	world_free(w);
}
END_TEST

#define KEY_SHOWN                                         \
	"the key of the peer, "                           \
	"01000000000000000000000000000000000000000000000" \
	"00000000000000000, "

START_TEST(keys_are_compared)
{
	struct world *w = world_new(2);
	struct peer_settings *peer =
	    (struct peer_settings *)(uintptr_t)world_settings(w, 1)->peer;
	struct peer_proof proof = {
		.tls = true, .has_pin = true, .pin = { 1 }
	};
	unsigned p;

	peer->has_pin = true;
	peer->plaintext = false;
	peer->pin[0] = 2;
	peer->naddress = 0;
	world_start(w, 1, 100);
	p = world_peer_as(w, 1, &proof);
	played_is_refused(w, p, "pin");
	/* both sides read it, so that it can be compared and pasted */
	played_hears(w, p, KEY_SHOWN "is not configured\r\n");
	ck_assert_ptr_nonnull(strstr(world_log_text(w, 1, LOG_LINK_REFUSED),
	    "address=127.0.0.1 code=pin by=us reason=" KEY_SHOWN
	    "is not configured"));
	proof.has_pin = false;
	p = world_peer_as(w, 1, &proof);
	played_is_refused(w, p, "pin");
	played_hears(w, p, "ERROR pin :the peer showed no key\r\n");
	proof = (struct peer_proof){ .tls = false, .loopback = false };
	p = world_peer_as(w, 1, &proof);
	played_is_refused(w, p, "plaintext");
	proof.loopback = true;
	p = world_peer_as(w, 1, &proof);
	world_say(w, p, PLAYED_HELLO);
	played_is_refused(w, p, "plaintext");
	proof =
	    (struct peer_proof){ .tls = true, .has_pin = true, .pin = { 2 } };
	p = world_peer_as(w, 1, &proof);
	world_say(w, p, PLAYED_HELLO);
	played_hears(w, p, "HELLO 1 001.100 ");
	world_free(w);
}
END_TEST

struct bad_line {
	const char *line, *code;
};

static const struct bad_line bad_line[] = {
	{ PLAYED_HELLO, "state" },
	{ "SYNC", "state" },
	{ "FOO", "syntax" },
	{ "LSA 002.50 2 1 :002", "syntax" },
	{ "LSA 002.50 2 1 001,1 :", "syntax" },
	{ "LSA 002.50 2 1", "syntax" },
	{ "LSA 001.101 1 1 :", "own-inc" },
	{ "LSA 002.50 2 1 001,77,10 :001.100=9999", "own-inc" },
	{ "DIGEST x", "syntax" },
	{ "DIGEST 001.100=9999", "own-inc" },
	{ "DIGEST 001.101=1", "own-inc" },
	{ "WANT 001.100=9999", "own-inc" },
	{ "WANT 002", "syntax" },
	{ "ACK", "syntax" },
	{ "ACK 99", "own-inc" },
	{ "BEAT", "syntax" },
	{ "BEAT 1 x", "syntax" },
	{ "BEAT 1 1700000001000 1", "syntax" },
	{ "BEAT 1 1700000009000", "clock" },
	{ "ENTRY 002.50 1", "syntax" },
	{ "ENTRY 002.50 0 1700000001000 * - 1", "syntax" },
	{ "ENTRY 002.50 1 1700000001000 * - 1025", "bounds" },
	{ "ENTRY 002.50 1 1700000001000 * - 99999999", "bounds" },
	{ "+READY 002 50 x :x", "syntax" },
	{ "SNAP 003.50", "syntax" },
	{ "SNAP", "syntax" },
	{ "END", "syntax" },
	{ "QUERY 1 001AAAAAA 001 5 :x", "syntax" },
	{ "QUERY 002.1 001AAAAAA 001 33 :x", "syntax" },
	{ "ANSWER 002.1 001 5", "syntax" },
	{ "DONE 002.1 001 x", "syntax" },
	{ "DIGEST *\rx", "syntax" },
};

START_TEST(bad_line_is_refused)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);

	world_say(w, p, bad_line[_i].line);
	played_is_refused(w, p, bad_line[_i].code);
	world_free(w);
}
END_TEST

static void
say_entry(struct world *w, unsigned p, unsigned n)
{
	char line[128];

	snprintf(line, sizeof(line), "ENTRY 002.50 %u %u * - 1", n,
	    1700000 + n);
	world_say(w, p, line);
	world_say(w, p, "+READY 002 50 002.example.org :played");
}

START_TEST(next_is_taken_once_and_acknowledged)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);

	world_forget(w, p);
	say_entry(w, p, 1);
	ck_assert_str_eq(world_heard(w, p), "ACK 1\r\n");
	say_entry(w, p, 1);
	ck_assert_uint_eq(link_net_counts(world_links(w, 1))->duplicates, 1);
	say_entry(w, p, 2);
	played_hears(w, p, "ACK 2\r\n");
	ck_assert_uint_eq(vector_get(&link_net_log(world_links(w, 1))->have,
			      (struct origin){ { "002" }, 50 }),
	    2);
	/* link-protocol.md, 6.9 */
	say_entry(w, p, 4);
	played_is_refused(w, p, "gap");
	world_free(w);
}
END_TEST

/* A duplicate, which every server gets, is neither kept nor decoded again. */
START_TEST(duplicate_is_dropped_unread)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);

	say_entry(w, p, 1);
	world_forget(w, p);
	world_say(w, p, "ENTRY 002.50 1 1700001 * - 2");
	world_say(w, p, "+USER");
	ck_assert_str_eq(world_heard(w, p), "");
	world_say(w, p, "+QUIT nobody");
	ck_assert_str_eq(world_heard(w, p), "ACK 1\r\n");
	ck_assert_uint_eq(link_net_counts(world_links(w, 1))->duplicates, 1);
	ck_assert_uint_eq(link_net_link(world_links(w, 1), 0)->entry.n, 0);
	say_entry(w, p, 2);
	played_hears(w, p, "ACK 2\r\n");
	world_free(w);
}
END_TEST

/* It came by 003 first, which does not judge the clock of 002. */
START_TEST(duplicate_with_a_wrong_stamp_is_refused)
{
	struct world *w = played_node();
	unsigned p = played_sync(w), q = world_peer(w, 1);

	world_say(w, q, "HELLO 1 003.50 1700000001000 003.example.org 78 :");
	world_say(w, q, "SYNC");
	world_say(w, q, "ENTRY 002.50 1 1700000200000 * - 1");
	world_say(w, q, "+READY 002 50 002.example.org :far ahead");
	ck_assert(!world_is_closed(w, q));
	world_say(w, p, "ENTRY 002.50 1 1700000300000 * - 1");
	world_say(w, p, "+READY 002 50 002.example.org :far ahead");
	played_hears(w, p, "ERROR clock :");
	ck_assert(world_is_closed(w, p));
	world_free(w);
}
END_TEST

START_TEST(entry_is_indivisible)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);

	world_say(w, p, "ENTRY 002.50 1 1700000001000 * - 2");
	world_say(w, p, "+READY 002 50 002.example.org :played");
	world_say(w, p, "BEAT 1 1700000001000");
	played_is_refused(w, p, "syntax");
	ck_assert_uint_eq(vector_get(&link_net_log(world_links(w, 1))->have,
			      (struct origin){ { "002" }, 50 }),
	    0);
	world_free(w);
}
END_TEST

START_TEST(unknown_part_is_passed_on)
{
	struct world *w = played_node();
	unsigned p = played_sync(w), q;

	world_say(w, p, "ENTRY 002.50 1 1700000001000 * - 2");
	world_say(w, p, "+READY 002 50 002.example.org :played");
	world_say(w, p, "@x=y;kind=element +FUTURE some thing :we know not");
	ck_assert(!world_is_closed(w, p));
	q = world_peer(w, 1);
	world_say(w, q, "HELLO 1 003.50 1700000001000 003.example.org 78 :");
	world_say(w, q, "SYNC");
	played_hears(w, q,
	    "@x=y;kind=element +FUTURE some thing :we know not\r\n");
	world_free(w);
}
END_TEST

START_TEST(only_neighbours_clock_is_judged)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);

	world_say(w, p, "LSA 003.9 1 1 :");
	world_say(w, p, "ENTRY 003.9 1 1700000100000 * - 1");
	world_say(w, p, "+READY 003 9 003.example.org :far ahead");
	ck_assert(!world_is_closed(w, p));
	world_say(w, p, "ENTRY 002.50 1 1700000200000 * - 1");
	world_say(w, p, "+READY 002 50 002.example.org :far ahead");
	played_is_refused(w, p, "clock");
	world_free(w);
}
END_TEST

/* The peer's entries, each a little ahead, have moved our hlc. */
START_TEST(clock_that_drifts_is_judged_by_the_wall)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);

	world_say(w, p, "ENTRY 002.50 1 1700000004000 * - 1");
	world_say(w, p, "+READY 002 50 002.example.org :ahead");
	world_say(w, p, "BEAT 1 1700000004000");
	ck_assert(!world_is_closed(w, p));
	world_say(w, p, "BEAT 1 1700000007000");
	played_is_refused(w, p, "clock");
	world_free(w);
}
END_TEST

/* The stamps of a run increase, also if another server forges its entries. So
 * the server makes another entry of that number, and mends the fork
 * (link-protocol.md, 6.20 and 6.23). */
START_TEST(own_entries_of_an_earlier_stamp)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);

	world_say(w, p, "ENTRY 001.100 2 1 * - 1");
	world_say(w, p, "@kind=register,1 +ODD x");
	ck_assert(!world_is_closed(w, p));
	ck_assert_uint_eq(world_logged(w, 1, LOG_FORGED_ENTRY), 1);
	world_run(w, 1000);
	played_hears(w, p, "ENTRY 001.100 3 ");
	played_hears(w, p, "+ODD x");
	/* too early for each number: it stops somewhere */
	for (unsigned n = 4; n < 500 && !world_is_closed(w, p); n++) {
		char line[80];

		snprintf(line, sizeof(line),
		    "ENTRY 001.100 %" PRIu64 " 1 * - 1",
		    vector_get(&world_links(w, 1)->log.have,
			core_self(node_core(world_node(w, 1)))) +
			1);
		world_say(w, p, line);
		world_say(w, p, "@kind=element +ODD x");
	}
	played_is_refused(w, p, "own-inc");
	/* there is no other link: it begins anew */
	ck_assert_uint_gt(core_self(node_core(world_node(w, 1))).inc, 100);
	world_free(w);
}
END_TEST

START_TEST(third_digest_behind_wants)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);

	world_forget(w, p);
	world_say(w, p, "DIGEST 002.50=1");
	world_say(w, p, "DIGEST");
	ck_assert(!world_hears(w, p, "WANT"));
	world_say(w, p, "DIGEST");
	played_hears(w, p, "WANT 001.100=1\r\n");
	world_forget(w, p);
	say_entry(w, p, 1);
	world_say(w, p, "DIGEST");
	world_say(w, p, "DIGEST");
	world_say(w, p, "DIGEST");
	ck_assert(!world_hears(w, p, "WANT"));
	world_free(w);
}
END_TEST

START_TEST(want_sends_again)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);

	played_hears(w, p, "ENTRY 001.100 1 ");
	world_forget(w, p);
	world_say(w, p, "WANT *");
	ck_assert(!world_hears(w, p, "ENTRY"));
	world_say(w, p, "WANT");
	played_hears(w, p, "ENTRY 001.100 1 ");
	world_forget(w, p);
	world_say(w, p, "WANT 001.100=1");
	ck_assert(!world_hears(w, p, "ENTRY"));
	world_free(w);
}
END_TEST

START_TEST(digest_and_beat_come_also_when_idle)
{
	struct world *w = played_node();
	unsigned p = played_sync(w), n = 0;

	world_run(w, 10);
	world_forget(w, p);
	world_run(w, 2000);
	for (const char *s = world_heard(w, p);
	     (s = strstr(s, "DIGEST\r\n")) != NULL; s++)
		n++;
	ck_assert_uint_eq(n, 8);
	played_hears(w, p, "BEAT 1 17");
	world_free(w);
}
END_TEST

START_TEST(beat_is_echoed_and_measured)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);
	char line[128];
	const char *beat;

	world_say(w, p, "BEAT 0 1700000001234");
	world_run(w, 1500);
	beat = strstr(world_heard(w, p), "BEAT ");
	ck_assert_ptr_nonnull(beat);
	ck_assert_ptr_nonnull(strstr(beat, " 1700000001234 "));
	snprintf(line, sizeof(line), "BEAT 0 1700000002000 %.13s 100",
	    beat + 7);
	world_run(w, 200);
	world_say(w, p, line);
	ck_assert_int_ge(link_net_link(world_links(w, 1), 0)->rtt_ms, 0);
	world_free(w);
}
END_TEST

START_TEST(silence_closes)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);

	world_run(w, 3900);
	ck_assert(!world_is_closed(w, p));
	world_run(w, 200);
	played_is_refused(w, p, "silence");
	world_free(w);
}
END_TEST

START_TEST(sync_is_not_waited_for_for_ever)
{
	struct world *w = played_node();
	unsigned p = world_peer(w, 1);

	world_say(w, p, PLAYED_HELLO);
	for (int i = 0; i < 29; i++) {
		world_run(w, 1000);
		world_say(w, p, "BEAT 0 1700000001000");
	}
	ck_assert(!world_is_closed(w, p));
	world_run(w, 1100);
	played_is_refused(w, p, "silence");
	world_free(w);
}
END_TEST

START_TEST(slow_reader_stops_the_pump)
{
	struct world *w = played_node();
	unsigned p = played_sync(w), ann = world_user(w, 1, "ann");
	char line[128];
	const struct link *l;

	world_takes(w, p, false);
	for (int i = 0; i < 700; i++) {
		snprintf(line, sizeof(line),
		    "JOIN #a-name-as-long-as-it-may-"
		    "be-for-this-channel-number-%d",
		    i);
		world_say(w, ann, line);
	}
	l = link_net_link(world_links(w, 1), 0);
	ck_assert_ptr_nonnull(l);
	ck_assert_uint_ge(l->unsent, LINK_PUMP_MAX);
	ck_assert_uint_lt(l->unsent, LINK_PUMP_MAX + ENTRY_LINE_MAX);
	ck_assert_uint_lt(l->pos, log_end(link_net_log(world_links(w, 1))));
	/*
	 * The DIGEST is withheld, so that the peer does not believe that it is
	 * behind.
	 */
	world_run(w, 1000);
	ck_assert(!world_hears(w, p, "DIGEST"));
	world_takes(w, p, true);
	world_run(w, 300);
	ck_assert_uint_eq(l->pos, log_end(link_net_log(world_links(w, 1))));
	played_hears(w, p, "DIGEST");
	world_free(w);
}
END_TEST

/*
 * The snapshot waits for the connection like everything else, and the log waits
 * for it: if it were trimmed meanwhile, the receiver would be behind again at
 * the end.
 */
START_TEST(slow_snapshot_keeps_the_log)
{
	struct world *w = played_node();
	const struct log *log = link_net_log(world_links(w, 1));
	unsigned ann, p;
	const struct link *l;
	char line[128];
	uint64_t begin;

	world_settings(w, 1)->keep_s = 1;
	ann = world_user(w, 1, "ann");
	for (int i = 0; i < 700; i++) {
		snprintf(line, sizeof(line),
		    "JOIN #a-name-as-long-as-it-may-"
		    "be-for-this-channel-number-%d",
		    i);
		world_say(w, ann, line);
	}
	world_run(w, 2000);
	ck_assert_uint_eq(log_begin(log), log_end(log));
	p = world_peer(w, 1);
	world_takes(w, p, false);
	world_say(w, p, PLAYED_HELLO);
	world_say(w, p, "LSA 002.50 1 1700000001000 001,77,10 :");
	world_say(w, p, "SYNC");
	l = link_net_link(world_links(w, 1), 0);
	world_run(w, 1);
	ck_assert_ptr_nonnull(l->out);
	ck_assert_uint_ge(l->unsent, LINK_PUMP_MAX);
	ck_assert_uint_lt(l->unsent, LINK_PUMP_MAX + 4 * ENTRY_LINE_MAX);
	begin = log_begin(log);
	world_say(w, ann, "JOIN #late");
	world_run(w, 3000);
	ck_assert_uint_eq(log_begin(log), begin);
	world_takes(w, p, true);
	world_run(w, 10);
	played_hears(w, p, "SNAP 001.100\r\n");
	played_hears(w, p, "END 001.100=");
	ck_assert_ptr_nonnull(strstr(strstr(world_heard(w, p), "END 001.100="),
	    "+JOIN #late,"));
	ck_assert_ptr_null(l->out);
	world_say(w, p, "BEAT 0 1700000001000");
	world_run(w, 3000);
	ck_assert_uint_eq(log_begin(log), log_end(log));
	world_free(w);
}
END_TEST

START_TEST(snapshot_with_a_gap_changes_nothing)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);

	world_say(w, p, "SNAP 002.50");
	world_say(w, p,
	    "@dot=002.50.1.0;stamp=1700000001000 "
	    "+READY 002 50 002.example.org :played");
	world_say(w, p, "ENTRY 002.50 9 1700000001000 * - 1");
	world_say(w, p, "+READY 002 50 002.example.org :played");
	world_say(w, p, "END 002.50=9/7");
	played_is_refused(w, p, "snapshot");
	ck_assert_uint_eq(core_ready_inc(node_core(world_node(w, 1)),
			      (struct sid){ "002" }),
	    0);
	ck_assert_uint_eq(link_net_counts(world_links(w, 1))->snaps_in, 0);
	world_free(w);
}
END_TEST

START_TEST(snapshot_is_taken_after_its_end)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);

	world_say(w, p, "SNAP 002.50");
	world_say(w, p,
	    "@dot=002.50.1.0;stamp=1700000001000 "
	    "+READY 002 50 002.example.org :played");
	world_say(w, p, "BEAT 9 1700000001000");
	ck_assert_uint_eq(core_ready_inc(node_core(world_node(w, 1)),
			      (struct sid){ "002" }),
	    0);
	world_say(w, p, "ENTRY 002.50 9 1700000001000 * - 1");
	world_say(w, p, "+READY 002 50 002.example.org :played");
	world_say(w, p, "END *");
	world_say(w, p, "END 002.50=9/8");
	world_run(w, 1);
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
	ck_assert_uint_eq(core_ready_inc(node_core(world_node(w, 1)),
			      (struct sid){ "002" }),
	    50);
	ck_assert_uint_eq(link_net_counts(world_links(w, 1))->jumped, 8);
	ck_assert_ptr_nonnull(strstr(world_log_text(w, 1, LOG_JUMPED),
	    "origin=002.50 first=1 last=8"));
	ck_assert_uint_eq(vector_get(&link_net_log(world_links(w, 1))->floor,
			      (struct origin){ { "002" }, 50 }),
	    8);
	world_free(w);
}
END_TEST

/* A user whose nick is missing in the snapshot is shown by the uid. */
START_TEST(snapshot_may_lack_a_claim)
{
	struct world *w = played_node();
	unsigned p = played_sync(w), ann = world_user(w, 1, "ann");

	say_entry(w, p, 1);
	world_say(w, p, "ENTRY 002.50 2 1700000001000 * - 2");
	world_say(w, p,
	    "+USER 002AAAAAA bob bob 002.example.org 1.2.3.4 1.2.3.4 :Bob");
	world_say(w, p, "+NICK 002AAAAAA bob 1 1700000001000");
	world_say(w, ann, "WHOIS bob");
	ck_assert(world_hears(w, ann, " 311 "));
	world_say(w, p, "SNAP 002.50");
	world_say(w, p,
	    "@dot=002.50.1.0;stamp=1700001 "
	    "+READY 002 50 002.example.org :played");
	world_say(w, p,
	    "@dot=002.50.2.0;stamp=1700000001000 "
	    "+USER 002AAAAAA bob bob 002.example.org 1.2.3.4 1.2.3.4 :Bob");
	world_say(w, p, "END 002.50=2/0");
	world_run(w, 1);
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
	world_forget(w, ann);
	world_say(w, ann, "WHOIS 002AAAAAA");
	ck_assert(world_hears(w, ann, " 311 ann 002AAAAAA "));
	world_say(w, ann, "WHOIS bob");
	ck_assert(world_hears(w, ann, " 401 "));
	world_free(w);
}
END_TEST

START_TEST(error_of_the_peer_is_logged)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);

	world_say(w, p, "ERROR shutdown :good night");
	ck_assert(world_is_closed(w, p));
	ck_assert_str_eq(world_log_text(w, 1, LOG_LINK_DOWN),
	    "server=002.example.org sid=002 address=127.0.0.1 code=shutdown "
	    "by=peer reason=good night");
	world_free(w);
}
END_TEST

/* link-protocol.md, 12.4 */
START_TEST(peer_that_starts_again_is_dialled_soon)
{
	static const char *const code[] = { "restart", "stop" };
	struct world *w = played_node();
	unsigned p = played_sync(w), before;
	struct peer_settings *two =
	    (struct peer_settings *)(uintptr_t)world_settings(w, 1)->peer;
	char text[64];

	two->naddress = 1;
	before = world_logged(w, 1, LOG_LINK_DIAL);
	(void)snprintf(text, sizeof(text), "ERROR %s :a new version", code[_i]);
	world_say(w, p, text);
	ck_assert(world_is_closed(w, p));
	world_run(w, 200);
	ck_assert_uint_eq(world_logged(w, 1, LOG_LINK_DIAL) - before, _i == 0);
	world_free(w);
}
END_TEST

START_TEST(newer_run_of_the_peer_ends_the_old_link)
{
	struct world *w = played_node();
	unsigned p = played_sync(w), q = world_peer(w, 1);

	world_say(w, q, "HELLO 1 002.51 1700000001000 002.example.org 78 :");
	played_hears(w, p, "ERROR copy :");
	ck_assert(world_is_closed(w, p));
	ck_assert(!world_is_closed(w, q));
	q = world_peer(w, 1);
	world_say(w, q, PLAYED_HELLO);
	world_say(w, q, "SYNC");
	ck_assert(!world_hears(w, q, "ERROR copy"));
	world_free(w);
}
END_TEST

/*
 * Two links of one pair: both carry on until the second one is up. Then the
 * older one is closed, since the lesser sid dialled neither. No user is lost.
 */
START_TEST(second_link_takes_over)
{
	struct world *w = played_node();
	unsigned p = played_sync(w), q;

	say_entry(w, p, 1);
	ck_assert_uint_eq(world_logged(w, 1, LOG_SERVER_SEEN), 2);
	q = world_peer(w, 1);
	world_say(w, q, "HELLO 1 002.50 1700000001000 002.example.org 78 :");
	played_hears(w, q, " 002,77,10 002,78,10 :");
	ck_assert(!world_is_closed(w, p));
	world_say(w, q, "LSA 002.50 2 1 001,77,10 001,78,10 :");
	ck_assert(!world_is_closed(w, p));
	world_say(w, q, "SYNC 002.50=1");
	played_hears(w, p, "ERROR duplicate :");
	ck_assert(world_is_closed(w, p));
	ck_assert(!world_is_closed(w, q));
	ck_assert_uint_eq(world_logged(w, 1, LOG_SERVER_GONE), 0);
	world_free(w);
}
END_TEST

START_TEST(flood_passes_on_what_is_newer)
{
	struct world *w = played_node();
	unsigned p = played_sync(w), q = world_peer(w, 1);

	world_say(w, q, "HELLO 1 003.50 1700000001000 003.example.org 78 :");
	world_say(w, q, "SYNC");
	world_forget(w, q);
	world_forget(w, p);
	world_say(w, p, "LSA 009.7 3 5 003,1,1 :004.1=2");
	ck_assert_str_eq(world_heard(w, q),
	    "LSA 009.7 3 5 003,1,1 :004.1=2\r\n");
	ck_assert_str_eq(world_heard(w, p), "");
	world_forget(w, q);
	world_say(w, p, "LSA 009.7 3 5 :");
	world_say(w, p, "LSA 009.7 2 5 :");
	world_say(w, p, "LSA 009.6 9 5 :");
	world_say(w, p, "LSA 001.99 9 5 :");
	ck_assert_str_eq(world_heard(w, q), "");
	world_free(w);
}
END_TEST

/*
 * An origin is visible only if this server has processed all that any reachable
 * server had of it (link-protocol.md, 9.1).
 */
START_TEST(visible_when_caught_up)
{
	struct world *w = played_node();
	unsigned p = world_peer(w, 1);

	world_say(w, p, PLAYED_HELLO);
	world_say(w, p, "LSA 002.50 1 1 001,77,10 :002.50=2");
	world_say(w, p, "SYNC 002.50=2");
	say_entry(w, p, 1);
	ck_assert_uint_eq(world_logged(w, 1, LOG_SERVER_SEEN), 1);
	say_entry(w, p, 2);
	ck_assert_uint_eq(world_logged(w, 1, LOG_SERVER_SEEN), 2);
	/* The origin is behind again, and stays visible. */
	world_say(w, p, "LSA 002.50 2 1 001,77,10 :002.50=9");
	ck_assert_uint_eq(world_logged(w, 1, LOG_SERVER_GONE), 0);
	/* One end reports no edge any more: the origin is hidden at once. */
	world_say(w, p, "LSA 002.50 3 1 :");
	ck_assert_uint_eq(world_logged(w, 1, LOG_SERVER_GONE), 1);
	world_free(w);
}
END_TEST

START_TEST(reload_without_the_peer_ends_its_link)
{
	struct world *w = played_node();
	struct settings set = *world_settings(w, 1);
	unsigned p = played_sync(w);

	world_reload(w, 1, &set);
	ck_assert(!world_is_closed(w, p));
	set.npeer = 0;
	world_reload(w, 1, &set);
	played_is_refused(w, p, "removed");
	p = world_peer(w, 1);
	world_say(w, p, PLAYED_HELLO);
	played_is_refused(w, p, "name");
	world_free(w);
}
END_TEST

START_TEST(endless_entries_are_bounded)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);
	char line[16100];

	memset(line, 'x', sizeof(line));
	memcpy(line, "+FUTURE ", 8);
	line[sizeof(line) - 1] = '\0';
	world_say(w, p, "ENTRY 002.50 1 1700000001000 * - 1024");
	for (int i = 0; i < 1023 && !world_is_closed(w, p); i++)
		world_say(w, p, line);
	played_is_refused(w, p, "bounds");
	world_free(w);
}
END_TEST

/*
 * A stamp is compared with ours for ever. A stamp without room above it would
 * be the last that any server can make.
 */
START_TEST(stamp_beyond_all_time_is_refused)
{
	struct world *w = played_node();
	unsigned p = played_sync(w), c = world_user(w, 1, "alice");

	world_say(w, p, "ENTRY 003.50 1 9223372036854775807 * - 1");
	world_say(w, p, "+READY 003 50 003.example.org :far ahead");
	played_is_refused(w, p, "syntax");
	world_say(w, c, "JOIN #here");
	played_hears(w, c, " 366 ");
	world_free(w);
}
END_TEST

/* A fact has no room for the number of such an entry (link-protocol.md, 1.6).
 */
START_TEST(number_beyond_all_dots_is_refused)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);

	world_say(w, p, "ENTRY 003.50 281474976710656 1700000001000 * - 1");
	world_say(w, p, "+READY 003 50 003.example.org :far ahead");
	played_is_refused(w, p, "syntax");
	world_free(w);
}
END_TEST

/*
 * The clock is judged, and not how far the stamps of a busy network are ahead
 * of it.
 */
START_TEST(clock_of_hello_is_judged)
{
	struct world *w = played_node();
	unsigned p = world_peer(w, 1), c;

	world_say(w, p,
	    "HELLO 1 002.50 1700000901000 002.example.org 77 "
	    ":clock=1700000001000 network=Test");
	world_say(w, p, "SYNC");
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
	world_say(w, p, "ENTRY 002.50 1 1700000901001 * - 1");
	world_say(w, p, "+READY 002 50 002.example.org :busy");
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
	c = world_user(w, 1, "alice");
	world_say(w, c, "JOIN #here");
	played_hears(w, c, " 366 ");
	p = world_peer(w, 1);
	world_say(w, p,
	    "HELLO 1 002.51 1700000001000 002.example.org 78 "
	    ":clock=1700000008000 network=Test");
	played_hears(w, p, "ERROR clock :");
	ck_assert(world_is_closed(w, p));
	world_free(w);
}
END_TEST

/*
 * A busy network can only be so far ahead of its clock. The limit is counted
 * from the next stamp of this server.
 */
/* The clock follows a HELLO, and the answer says so: no stamp is made. */
START_TEST(a_hello_takes_no_stamp)
{
	struct world *w = played_node();
	unsigned p;

	for (int i = 0; i < 3; i++) {
		p = world_peer(w, 1);
		world_say(w, p,
		    "HELLO 1 002.50 1700000600000 002.example.org 77 "
		    ":clock=1700000001000");
		played_hears(w, p, "HELLO 1 001.100 1700000600000 ");
		world_hang_up(w, p);
	}
	ck_assert_int_eq(core_clock(node_core(world_node(w, 1))).ms,
	    1700000600000);
	world_free(w);
}
END_TEST

START_TEST(hlc_beyond_all_load_is_refused)
{
	struct world *w = played_node();
	unsigned p = world_peer(w, 1);

	world_say(w, p,
	    "HELLO 1 002.50 1702592001001 002.example.org 77 "
	    ":clock=1700000001000 network=Test");
	played_is_refused(w, p, "clock");
	ck_assert_ptr_nonnull(strstr(world_log_text(w, 1, LOG_LINK_REFUSED),
	    "30 days"));
	/* Nothing of the refused peer was taken over. */
	p = world_peer(w, 1);
	world_say(w, p,
	    "HELLO 1 002.50 1702592001000 002.example.org 77 "
	    ":clock=1700000001000 network=Test");
	world_say(w, p, "SYNC");
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
	/* Another server that is as far ahead is of the same network. */
	p = world_peer(w, 1);
	world_say(w, p,
	    "HELLO 1 003.50 1702592001700 003.example.org 78 "
	    ":clock=1700000001000 network=Test");
	world_say(w, p, "SYNC");
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
	world_free(w);
}
END_TEST

struct stamps {
	const char *second;
	bool refused;
};

static const struct stamps stamps[] = {
	{ "1700000000999", true },
	{ "1700000001000", true },
	{ "1700000001001", false },
};

/*
 * Only the neighbour's own entries are judged, over all its links
 * (link-protocol.md, 6.12).
 */
START_TEST(stamps_of_a_neighbour_increase)
{
	struct world *w = played_node();
	unsigned p = played_sync(w), q;
	char line[128];

	world_say(w, p, "LSA 003.9 1 1 :");
	world_say(w, p, "ENTRY 003.9 1 1700000001000 * - 1");
	world_say(w, p, "+READY 003 9 003.example.org :of another");
	world_say(w, p, "ENTRY 003.9 2 1700000000999 * - 1");
	world_say(w, p, "+READY 003 9 003.example.org :of another");
	world_say(w, p, "ENTRY 002.50 1 1700000001000 * - 1");
	world_say(w, p, "+READY 002 50 002.example.org :played");
	/* the same stamp again is not later */
	world_say(w, p, "ENTRY 002.50 1 1700000001000 * - 1");
	world_say(w, p, "+READY 002 50 002.example.org :played");
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
	q = world_peer(w, 1);
	world_say(w, q, "HELLO 1 002.50 1700000001000 002.example.org 78 :");
	world_say(w, q, "SYNC 002.50=1");
	world_hang_up(w, p);
	snprintf(line, sizeof(line), "ENTRY 002.50 2 %s * - 1",
	    stamps[_i].second);
	world_say(w, q, line);
	world_say(w, q, "+READY 002 50 002.example.org :played");
	if (stamps[_i].refused)
		played_is_refused(w, q, "clock");
	else
		ck_assert(!world_is_closed(w, q));
	/* Another run begins anew. */
	q = world_peer(w, 1);
	world_say(w, q, "HELLO 1 002.51 1700000000500 002.example.org 79 :");
	world_say(w, q, "SYNC");
	world_say(w, q, "ENTRY 002.51 1 1700000000500 * - 1");
	world_say(w, q, "+READY 002 51 002.example.org :played");
	ck_assert_msg(!world_is_closed(w, q), "%s", world_heard(w, q));
	world_free(w);
}
END_TEST

/* A peer that we refuse after we dialled it is not dialled again at once. */
START_TEST(a_refused_dial_backs_off)
{
	struct world *w = world_new(2);
	struct peer_settings *one =
	    (struct peer_settings *)(uintptr_t)world_settings(w, 1)->peer;
	struct peer_settings *two =
	    (struct peer_settings *)(uintptr_t)world_settings(w, 2)->peer;

	one->plaintext = false;
	two->naddress = 0;
	world_allow_all(w);
	world_start_two(w, 10000);
	ck_assert_uint_ge(world_logged(w, 1, LOG_LINK_REFUSED), 2);
	ck_assert_uint_le(world_logged(w, 1, LOG_LINK_REFUSED), 5);
	ck_assert_ptr_nonnull(strstr(world_log_text(w, 1, LOG_LINK_REFUSED),
	    "server=002.example.org sid= address=127.0.0.1 code=plaintext "));
	ck_assert_ptr_nonnull(strstr(world_log_text(w, 2, LOG_LINK_REFUSED),
	    "address=127.0.0.1 code=plaintext by=peer "));
	world_free(w);
}
END_TEST

Suite *
peer_suite(void)
{
	Suite *s = suite_create("peer");
	TCase *t = unit_case("peer");

	tcase_add_test(t, opening_in_order);
	tcase_add_loop_test(t, bad_hello_is_refused, 0,
	    (int)(sizeof(bad_hello) / sizeof(bad_hello[0])));
	tcase_add_test(t, keys_are_compared);
	tcase_add_loop_test(t, bad_line_is_refused, 0,
	    (int)(sizeof(bad_line) / sizeof(bad_line[0])));
	tcase_add_test(t, next_is_taken_once_and_acknowledged);
	tcase_add_test(t, duplicate_is_dropped_unread);
	tcase_add_test(t, duplicate_with_a_wrong_stamp_is_refused);
	tcase_add_test(t, entry_is_indivisible);
	tcase_add_test(t, unknown_part_is_passed_on);
	tcase_add_test(t, only_neighbours_clock_is_judged);
	tcase_add_test(t, clock_that_drifts_is_judged_by_the_wall);
	tcase_add_test(t, own_entries_of_an_earlier_stamp);
	tcase_add_test(t, third_digest_behind_wants);
	tcase_add_test(t, want_sends_again);
	tcase_add_test(t, digest_and_beat_come_also_when_idle);
	tcase_add_test(t, beat_is_echoed_and_measured);
	tcase_add_test(t, silence_closes);
	tcase_add_test(t, sync_is_not_waited_for_for_ever);
	tcase_add_test(t, slow_reader_stops_the_pump);
	tcase_add_test(t, slow_snapshot_keeps_the_log);
	tcase_add_test(t, snapshot_with_a_gap_changes_nothing);
	tcase_add_test(t, snapshot_is_taken_after_its_end);
	tcase_add_test(t, snapshot_may_lack_a_claim);
	tcase_add_test(t, error_of_the_peer_is_logged);
	tcase_add_loop_test(t, peer_that_starts_again_is_dialled_soon, 0, 2);
	tcase_add_test(t, newer_run_of_the_peer_ends_the_old_link);
	tcase_add_test(t, second_link_takes_over);
	tcase_add_test(t, flood_passes_on_what_is_newer);
	tcase_add_test(t, visible_when_caught_up);
	tcase_add_test(t, reload_without_the_peer_ends_its_link);
	tcase_add_test(t, endless_entries_are_bounded);
	tcase_add_test(t, stamp_beyond_all_time_is_refused);
	tcase_add_test(t, number_beyond_all_dots_is_refused);
	tcase_add_test(t, clock_of_hello_is_judged);
	tcase_add_test(t, a_hello_takes_no_stamp);
	tcase_add_test(t, hlc_beyond_all_load_is_refused);
	tcase_add_loop_test(t, stamps_of_a_neighbour_increase, 0,
	    (int)(sizeof(stamps) / sizeof(stamps[0])));
	tcase_add_test(t, a_refused_dial_backs_off);
	suite_add_tcase(s, t);
	return s;
}
