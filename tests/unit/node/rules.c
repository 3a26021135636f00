/*
 * Rules that matter only in situations that hardly any seed of the simulator
 * reaches, each with a test case that has the name of its mutation
 * (mutants.def). `make mutants` takes the rule back and sees the case fail.
 */
#include <stdio.h>
#include <string.h>

#include "core/state.h"
#include "lib/text.h"
#include "unit/node/check_node.h"
#include "unit/node/liars.h"
#include "unit/node/played.h"
#include "unit/node/tenure.h"
#include "unit/node/world.h"

#define CHAN_C "#c,1700000001000.002"
#define LATER "1700000004000" /* than users of node 1 */

/* Let the peer say an entry of some server with one part. */
static void
entry_at(struct world *w, unsigned p, const char *o_n, const char *stamp,
    const char *part)
{
	char line[128];

	snprintf(line, sizeof(line), "ENTRY %s %s * - 1", o_n, stamp);
	world_say(w, p, line);
	world_say(w, p, part);
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
}

static void
entry(struct world *w, unsigned p, const char *o_n, const char *part)
{
	entry_at(w, p, o_n, "1700000001000", part);
}

static const struct core *
core_of(struct world *w, unsigned i)
{
	return node_core(world_node(w, i));
}

/* Open a connection of server 003, past SYNC. */
static unsigned
sync_003(struct world *w)
{
	unsigned q = world_peer(w, 1);

	world_say(w, q, "HELLO 1 003.50 1700000001000 003.example.org 78 :");
	world_say(w, q, "LSA 003.50 1 1700000001000 001,78,10 :");
	world_say(w, q, "SYNC");
	ck_assert_msg(!world_is_closed(w, q), "%s", world_heard(w, q));
	return q;
}

/* ---- what is shown ------------------------------------------------------- */

#define CROWD 40 /* more than the kept text of NAMES needs */

static void
check_names(struct world *w, unsigned c, const char *nick, bool is_there)
{
	world_forget(w, c);
	world_say(w, c, "NAMES #c");
	world_run(w, 10);
	played_hears(w, c, " 353 ");
	ck_assert_msg(world_hears(w, c, nick) == is_there, "%s in:\n%s", nick,
	    world_heard(w, c));
}

START_TEST(names_follow_what_is_shown)
{
	struct world *w = played_node();
	unsigned user[CROWD];
	char nick[32];

	for (unsigned i = 0; i < CROWD; i++) {
		snprintf(nick, sizeof(nick), "user%02u", i);
		user[i] = world_user(w, 1, nick);
		world_say(w, user[i], "JOIN #c");
	}
	check_names(w, user[0], " user39 ", false); /* it is the last */
	check_names(w, user[0], " user07 ", true);
	world_say(w, user[7], "PART #c");
	check_names(w, user[0], " user07 ", false);
	check_names(w, user[0], " user08 ", true);
	world_say(w, user[8], "NICK other");
	check_names(w, user[0], " user08 ", false);
	check_names(w, user[0], " other ", true);
	world_say(w, user[0], "MODE #c +v user09");
	check_names(w, user[0], " +user09 ", true);
	world_say(w, user[10], "QUIT");
	check_names(w, user[0], " user10 ", false);
	world_free(w);
}
END_TEST

/* bob takes the nick of eve in the entry in which eve takes another, and is
 * first in it: clients never know two users by one nick. */
START_TEST(nick_waits_for_its_target)
{
	struct world *w = played_node();
	unsigned p = played_sync(w), ann = world_user(w, 1, "ann");
	const char *to_free, *to_eve;

	entry(w, p, "002.50 1", "+READY 002 50 002.example.org :played");
	world_say(w, p, "ENTRY 002.50 2 1700000001001 * - 6");
	world_say(w, p,
	    "+USER 002AAAAAA bob b 002.example.org 1.2.3.4 1.2.3.4 :Bob");
	world_say(w, p, "+NICK 002AAAAAA bob 1 1700000001001");
	world_say(w, p,
	    "+USER 002AAAAAB eve e 002.example.org 1.2.3.4 1.2.3.4 :Eve");
	world_say(w, p, "+NICK 002AAAAAB eve 1 1700000001001");
	world_say(w, p, "+CHAN " CHAN_C);
	world_say(w, p, "+JOIN " CHAN_C " 002AAAAAA");
	world_say(w, p, "ENTRY 002.50 3 1700000001002 * - 1");
	world_say(w, p, "+JOIN " CHAN_C " 002AAAAAB");
	world_say(w, ann, "JOIN #c");
	world_forget(w, ann);
	world_say(w, p, "ENTRY 002.50 4 1700000001003 * - 2");
	world_say(w, p, "+NICK 002AAAAAA eve 1 1700000001003");
	world_say(w, p, "+NICK 002AAAAAB free 1 1700000001003");
	world_run(w, 10);
	to_free = strstr(world_heard(w, ann), ":eve!e@1.2.3.4 NICK :free\r\n");
	to_eve = strstr(world_heard(w, ann), ":bob!b@1.2.3.4 NICK :eve\r\n");
	ck_assert_msg(to_free != NULL && to_eve != NULL, "%s",
	    world_heard(w, ann));
	ck_assert(to_free < to_eve);
	world_free(w);
}
END_TEST

#define HEAL_USERS 60
#define HEAL_SENDQ 1024

static void
expect_joins(struct world *w, unsigned c, unsigned least, unsigned most)
{
	unsigned n = text_count(world_heard(w, c), " JOIN #c");

	ck_assert_uint_ge(n, least);
	ck_assert_uint_le(n, most);
}

/* ann reads nothing for a while after a heal, which brings more than the sendq
 * holds. */
START_TEST(slices_wait_for_clients)
{
	struct world *w = world_new(2);
	struct class_settings class = *world_settings(w, 1)->class;
	unsigned ann, user;
	char nick[16];

	class.sendq = HEAL_SENDQ;
	world_settings(w, 1)->class = &class;
	world_start_two(w, 1000);
	ann = world_user(w, 1, "ann");
	world_say(w, ann, "JOIN #c");
	for (unsigned i = 0; i < HEAL_USERS; i++) {
		snprintf(nick, sizeof(nick), "user%u", i);
		user = world_user(w, 2, nick);
		world_say(w, user, "JOIN #c");
	}
	world_forget(w, ann);
	world_takes(w, ann, false);
	world_allow_all(w);
	world_run(w, 4000);
	ck_assert_uint_gt(world_unread(w, ann), 0);
	ck_assert_uint_le(world_unread(w, ann), HEAL_SENDQ);
	world_takes(w, ann, true);
	world_run(w, 1000);
	expect_joins(w, ann, HEAL_USERS, HEAL_USERS);
	world_free(w);
}
END_TEST

#define BANS 60

/* ann and bob are on #c, and ann reads nothing. Then a user of server 002 is on
 * an older incarnation, whose bans are more than the sendq of ann holds. */
static struct world *
many_bans(unsigned *ann, unsigned *bob)
{
	static struct class_settings class;
	struct world *w = played_node();
	unsigned p;
	char part[128];

	class = *world_settings(w, 1)->class;
	class.sendq = HEAL_SENDQ;
	world_settings(w, 1)->class = &class;
	p = played_sync(w);
	*ann = world_user(w, 1, "ann");
	*bob = world_user(w, 1, "bob");
	world_say(w, *ann, "JOIN #c");
	world_say(w, *bob, "JOIN #c");
	world_forget(w, *ann);
	world_forget(w, *bob);
	world_takes(w, *ann, false);
	played_entry(w, p, "002.50", 1,
	    "+READY 002 50 002.example.org :played");
	played_entry(w, p, "002.50", 2,
	    "+USER 002AAAAAA zed z 002.example.org 1.2.3.4 1.2.3.4 :Zed");
	played_entry(w, p, "002.50", 3, "+CHAN #c,1.002");
	for (unsigned i = 0; i < BANS; i++) {
		snprintf(part, sizeof(part),
		    "+LADD #c,1.002 ban 002 0 :eve%02u**************!*@* z", i);
		played_entry(w, p, "002.50", 4 + i, part);
	}
	played_entry(w, p, "002.50", 4 + BANS, "+JOIN #c,1.002 002AAAAAA");
	world_run(w, 1000);
	return w;
}

START_TEST(masks_wait_for_clients)
{
	unsigned ann, bob;
	struct world *w = many_bans(&ann, &bob);

	ck_assert_uint_gt(world_unread(w, ann), 0);
	ck_assert_uint_le(world_unread(w, ann), HEAL_SENDQ);
	world_takes(w, ann, true);
	world_run(w, 1000);
	ck_assert_uint_eq(text_count(world_heard(w, ann), " eve"), BANS);
	ck_assert_uint_eq(text_count(world_heard(w, bob), " eve"), BANS);
	world_free(w);
}
END_TEST

/* The last ban waits, and counts nevertheless. */
START_TEST(bans_that_wait_count)
{
	unsigned ann, bob, eve;
	struct world *w = many_bans(&ann, &bob);

	ck_assert_uint_lt(text_count(world_heard(w, bob), " eve"), BANS);
	eve = world_user(w, 1, "eve59");
	world_say(w, eve, "MODE eve59");
	world_say(w, eve, "JOIN #c");
	world_run(w, 10);
	played_hears(w, eve, " 474 eve59 #c ");
	world_free(w);
}
END_TEST

#define CALM_CHANS 40

static const struct chan_mode_row calm_modes[] = {
	{ .letter = 'C',
	    .name = "calm",
	    .field = "mode/calm",
	    .type = MODE_FLAG },
};
static const struct rows calm = {
	.of = "calm",
	.chan_mode = calm_modes,
	.nchan_mode = 1,
};

/* ann reads nothing for a while after a reload that takes a mode away. */
START_TEST(rows_wait_for_clients)
{
	static const struct rows *const rows[] = { &calm };
	struct world *w = played_node();
	struct settings with = *world_settings(w, 1), without;
	struct class_settings class = *with.class;
	unsigned ann;
	char line[32];

	class.sendq = HEAL_SENDQ;
	with.class = &class;
	without = with;
	with.rows = rows;
	with.nrows = 1;
	world_reload(w, 1, &with);
	ann = played_on_channels(w, CALM_CHANS);
	for (unsigned i = 0; i < CALM_CHANS; i++) {
		snprintf(line, sizeof(line), "MODE #channel%u +C", i);
		world_say(w, ann, line);
	}
	world_run(w, 100);
	world_takes(w, ann, false);
	world_reload(w, 1, &without);
	world_run(w, 1000);
	ck_assert(core_reads_old_rows(core_of(w, 1)));
	ck_assert_uint_le(world_unread(w, ann), HEAL_SENDQ);
	world_takes(w, ann, true);
	world_run(w, 1000);
	ck_assert(!core_reads_old_rows(core_of(w, 1)));
	ck_assert_uint_eq(text_count(world_heard(w, ann), " -C\r\n"),
	    CALM_CHANS);
	world_free(w);
}
END_TEST

#define CROWDED 300 /* channels, more than are hidden at once */

/* A server that lies has a user on very many channels, and goes. */
START_TEST(user_on_many_channels_goes_in_slices)
{
	struct world *w = played_node();
	unsigned p = played_sync(w), ann = played_on_channels(w, CROWDED),
		 n = 0;
	char part[64];

	played_entry(w, p, "002.50", ++n,
	    "+READY 002 50 002.example.org :played");
	played_entry(w, p, "002.50", ++n,
	    "+USER 002AAAAAA zed z 002.example.org 1.2.3.4 1.2.3.4 :Zed");
	for (unsigned i = 0; i < CROWDED; i++) {
		snprintf(part, sizeof(part), "+CHAN #channel%u,1.002", i);
		played_entry(w, p, "002.50", ++n, part);
		snprintf(part, sizeof(part), "+JOIN #channel%u,1.002 002AAAAAA",
		    i);
		played_entry(w, p, "002.50", ++n, part);
	}
	world_run(w, 1000);
	world_forget(w, ann);
	world_hang_up(w, p);
	world_run(w, 1000);
	ck_assert_uint_ge(text_count(world_heard(w, ann), " PART #channel"),
	    CROWDED - POSTPONE_ABOVE);
	ck_assert_uint_eq(text_count(world_heard(w, ann), " QUIT :"), 1);
	world_free(w);
}
END_TEST

/* ---- what the facts keep ------------------------------------------------- */

/* A channel that was left during a split: its founding waits until the network
 * has been whole for ten KEEP. */
START_TEST(unchan_waits_for_a_whole_network)
{
	struct world *w = world_new(2);
	unsigned ann;

	for (unsigned i = 1; i <= 2; i++) {
		world_settings(w, i)->keep_s = 2;
		world_start(w, i, 100);
	}
	world_allow_all(w);
	world_run(w, 5000);
	ann = world_user(w, 1, "ann");
	world_say(w, ann, "JOIN #c");
	world_run(w, 1000);
	world_allow(w, 1, 2, false);
	world_say(w, ann, "PART #c");
	world_run(w, 60000);
	ck_assert(!core_of(w, 1)->whole);
	world_allow(w, 1, 2, true);
	for (unsigned i = 0; i < 300 && !core_of(w, 1)->whole; i++)
		world_run(w, 1000);
	ck_assert(core_of(w, 1)->whole);
	world_run(w, 10000);
	ck_assert_ptr_nonnull(facts_find_chan(&core_of(w, 1)->facts,
	    SPAN("#c")));
	world_run(w, 60000);
	ck_assert_ptr_null(facts_find_chan(&core_of(w, 1)->facts, SPAN("#c")));
	world_free(w);
}
END_TEST

/* Make a node with ann, a channel, and server 002, which has made 2 entries. */
static struct world *
inviting(unsigned *p, char *invite, size_t max)
{
	struct world *w = played_node();
	const struct user *u;

	world_user(w, 1, "ann");
	u = facts_find_nick(&core_of(w, 1)->facts, SPAN("ann"));
	ck_assert_ptr_nonnull(u);
	snprintf(invite, max, "+INVITE " CHAN_C " %s 002 0", u->uid.s);
	*p = played_sync(w);
	entry(w, *p, "002.50 1", "+READY 002 50 002.example.org :played");
	world_say(w, *p, "ENTRY 002.50 2 1700000001001 * - 1");
	world_say(w, *p, "+CHAN " CHAN_C);
	return w;
}

static bool
is_invited(struct world *w)
{
	const struct user *u =
	    facts_find_nick(&core_of(w, 1)->facts, SPAN("ann"));

	return user_first_invite(u) != NULL;
}

START_TEST(ready_drops_invitations)
{
	unsigned p, q;
	char invite[128];
	struct world *w = inviting(&p, invite, sizeof(invite));

	q = sync_003(w);
	entry_at(w, q, "002.50 3", LATER, invite);
	ck_assert(is_invited(w));
	world_hang_up(w, p);
	world_say(w, q, "LSA 002.51 1 1 :");
	entry(w, q, "002.51 1", "+READY 002 51 002.example.org :played");
	ck_assert(!is_invited(w));
	world_free(w);
}
END_TEST

START_TEST(invitations_of_void_runs_are_not_merged)
{
	unsigned p, q;
	char invite[128];
	struct world *w = inviting(&p, invite, sizeof(invite));

	q = sync_003(w);
	world_hang_up(w, p);
	world_say(w, q, "LSA 002.51 1 1 :");
	entry(w, q, "002.51 1", "+READY 002 51 002.example.org :played");
	entry_at(w, q, "002.50 3", LATER, invite);
	ck_assert(!is_invited(w));
	entry_at(w, q, "002.51 2", LATER, invite);
	ck_assert(is_invited(w));
	world_free(w);
}
END_TEST

/* ---- links --------------------------------------------------------------- */

START_TEST(digest_waits_for_entries)
{
	struct world *w = played_node();
	unsigned p = played_sync(w), ann = world_user(w, 1, "ann");
	const char *digest, *last;

	world_settings(w, 1)->pump_bytes = 100;
	world_takes(w, p, false);
	for (unsigned i = 0; i < 10; i++) {
		world_say(w, ann, i % 2 == 0 ? "AWAY :a" : "AWAY");
		world_run(w, 100);
	}
	world_forget(w, p);
	world_takes(w, p, true);
	world_run(w, 1000);
	digest = strstr(world_heard(w, p), "DIGEST 001.100=12\r\n");
	last = strstr(world_heard(w, p), "ENTRY 001.100 12 ");
	ck_assert_ptr_nonnull(last);
	ck_assert_ptr_nonnull(digest);
	ck_assert(digest > last);
	world_free(w);
}
END_TEST

/* A link that is syncing comes up soon; until then the server is not alone. */
START_TEST(ready_waits_for_sync)
{
	struct world *w = world_new(2);
	unsigned p;

	world_start(w, 1, 100);
	p = world_peer(w, 1);
	world_say(w, p, PLAYED_HELLO);
	world_run(w, 3000);
	ck_assert(!world_is_closed(w, p));
	ck_assert(!core_is_ready(core_of(w, 1)));
	world_hang_up(w, p);
	world_run(w, 3000);
	ck_assert(core_is_ready(core_of(w, 1)));
	world_free(w);
}
END_TEST

#define LSA_BYTES 14000

/* The pump stops, but link states of others are passed on all the same. */
START_TEST(unsent_bytes_are_bounded)
{
	struct world *w = played_node();
	unsigned p = played_sync(w), q = sync_003(w);
	unsigned n = (unsigned)(LINK_UNSENT_MAX / LSA_BYTES) + 100, i;
	char line[16384];

	world_takes(w, p, false);
	for (i = 0; i < n && !world_is_closed(w, p); i++) {
		size_t at = (size_t)snprintf(line, sizeof(line),
		    "LSA 009.7 %u 1700000001000", i + 1);

		for (unsigned k = 100; k < 500; k++)
			at += (size_t)snprintf(line + at, sizeof(line) - at,
			    " 002,18446744073709551%03u,4294967295", k);
		snprintf(line + at, sizeof(line) - at, " :");
		world_say(w, q, line);
	}
	ck_assert(world_is_closed(w, p));
	ck_assert_uint_gt(i, n - 250);
	world_takes(w, p, true);
	played_hears(w, p, "ERROR slow :too much is unsent");
	ck_assert(!world_is_closed(w, q));
	world_free(w);
}
END_TEST

START_TEST(ttl_of_questions_falls)
{
	struct world *w = played_node();
	unsigned p = played_sync(w), q = sync_003(w);

	world_say(w, p, "QUERY 002.1 002AAAAAA 003 5 :MOTD");
	played_hears(w, q, "QUERY 002.1 002AAAAAA 003 4 :MOTD\r\n");
	world_forget(w, q);
	world_say(w, p, "QUERY 002.2 002AAAAAA 003 0 :MOTD");
	ck_assert(!world_hears(w, q, "QUERY"));
	world_say(w, q, "ANSWER 002.1 002 7 :372 :text");
	played_hears(w, p, "ANSWER 002.1 002 6 :372 :text\r\n");
	world_free(w);
}
END_TEST

/* The server with the lesser sid decides; the other one waits. */
START_TEST(greater_sid_closes_no_duplicate)
{
	struct world *w = world_new(2);
	struct peer_settings *peer =
	    (struct peer_settings *)(uintptr_t)world_settings(w, 2)->peer;
	unsigned p[2];
	char line[128];

	peer->naddress = 0;
	world_settings(w, 2)->alone_ms = 0;
	world_start(w, 2, 100);
	for (unsigned i = 0; i < 2; i++) {
		p[i] = world_peer(w, 2);
		snprintf(line, sizeof(line),
		    "HELLO 1 001.50 1700000001000 001.example.org %u :",
		    77 + i);
		world_say(w, p[i], line);
		world_say(w, p[i], "SYNC");
	}
	world_run(w, 1000);
	ck_assert(!world_is_closed(w, p[0]));
	ck_assert(!world_is_closed(w, p[1]));
	world_free(w);
}
END_TEST

/* ---- homes that move ----------------------------------------------------- */

START_TEST(what_a_home_has_is_not_void)
{
	tenure_former_run();
}
END_TEST

START_TEST(of_two_homes_the_later_write_counts)
{
	tenure_twice_the_same();
}
END_TEST

START_TEST(memberships_beyond_the_base_are_dropped)
{
	tenure_takeover();
}
END_TEST

START_TEST(what_comes_after_a_home_is_dropped)
{
	tenure_takeover_twice();
}
END_TEST

START_TEST(later_home_has_the_later_stay)
{
	tenure_later_stay();
}
END_TEST

/* Another server takes ann over. The client of ann is told, nobody
 * else is, and messages go to the new home. */
START_TEST(former_home_makes_no_quit)
{
	struct world *w = played_node();
	unsigned p, ann, bob;
	char uid[UID_LEN + 1], part[64];
	const char *home;

	world_settings(w, 1)->homes_move = true;
	p = played_sync(w);
	entry(w, p, "002.50 1", "+READY 002 50 002.example.org :played");
	ann = world_user(w, 1, "ann");
	home = strstr(world_heard(w, p), "\r\n+HOME 001");
	ck_assert_ptr_nonnull(home);
	snprintf(uid, sizeof(uid), "%s", home + strlen("\r\n+HOME "));
	bob = world_user(w, 1, "bob");
	world_say(w, ann, "JOIN #c");
	world_say(w, bob, "JOIN #c");
	world_run(w, 100);
	world_forget(w, bob);
	world_forget(w, p);
	snprintf(part, sizeof(part), "+HOME %s 2 002.50 gate 9", uid);
	world_say(w, p, "ENTRY 002.50 2 " LATER " * - 1");
	world_say(w, p, part);
	world_run(w, 100);
	played_hears(w, ann,
	    "ERROR :Closing link: 127.0.0.1 (Session moved to another server)");
	ck_assert(world_is_closed(w, ann));
	ck_assert_str_eq(world_heard(w, bob), "");
	ck_assert(!world_hears(w, p, "+QUIT"));
	world_say(w, bob, "PRIVMSG #c :hello");
	played_hears(w, p, " 002 ");
	played_hears(w, p, "#c * :hello");
	world_say(w, bob, "WHOIS ann");
	played_hears(w, bob, " 312 bob ann 002.example.org ");
	world_free(w);
}
END_TEST

/* ---- what is asked for --------------------------------------------------- */

/* Two clients go that wait, one for its password and one for the answer of a
 * server. core_check() finds the request that a client leaves behind. */
START_TEST(requests_go_with_their_client)
{
	static const struct oper_settings root = { .name = SPAN("root"),
		.verifier = SPAN("x") };
	struct world *w = played_node();
	const struct request_queue *requests = core_of(w, 1)->requests;
	unsigned p = played_sync(w), ann = world_user(w, 1, "ann"),
		 bob = world_user(w, 1, "bob");
	char id[32];

	world_settings(w, 1)->oper = &root;
	world_settings(w, 1)->noper = 1;
	world_say(w, p, "ENTRY 002.50 1 1700000001000 * - 1");
	world_say(w, p, "+READY 002 50 002.example.org :played");
	world_say(w, ann, "OPER root secret");
	world_say(w, bob, "VERSION 002.example.org");
	ck_assert_uint_eq(requests[REQUEST_OPER].n, 1);
	ck_assert_uint_eq(requests[REQUEST_QUESTION].n, 1);
	snprintf(id, sizeof(id), "DONE 001.%ju 001 32",
	    (uintmax_t)core_of(w, 1)->next_token);
	world_hang_up(w, ann);
	ck_assert_uint_eq(requests[REQUEST_OPER].n, 0);
	world_hang_up(w, bob);
	ck_assert_uint_eq(requests[REQUEST_QUESTION].n, 0);
	world_say(w, p, id);
	ck_assert(!world_is_closed(w, p));
	world_free(w);
}
END_TEST

/* ---- linked servers that lie --------------------------------------------- */

START_TEST(messengers_may_bring_more_ghosts)
{
	liars_messenger();
}
END_TEST

START_TEST(ghosts_are_from_after_the_start)
{
	liars_no_ghost();
}
END_TEST

START_TEST(clients_are_told_rarely)
{
	liars_told_rarely();
}
END_TEST

/* ---- the entries that a snapshot carries ----------------------------- */

#define CARRIED 1200

/* The log is too long while its entries are gathered for 003. */
START_TEST(gathered_entries_are_not_trimmed)
{
	struct world *w = played_node();
	unsigned p, q;

	(void)played_on_channels(w, 3);
	world_settings(w, 1)->keep_s = 1000;
	p = played_sync(w);
	played_entry(w, p, "002.50", 1,
	    "+READY 002 50 002.example.org :played");
	played_messages(w, p, 2, CARRIED);
	world_run(w, 100);
	played_small_turns(w, 1000);
	q = played_asks(w, 3, "");
	while (link_net_counts(world_links(w, 1))->cuts < 2 ||
	       !core_walk_is_done(core_of(w, 1)))
		world_tick(w, 1);
	world_settings(w, 1)->keep_bytes = 1000;
	world_ticks(w, true);
	world_run(w, 1000);
	played_hears(w, q, "\r\nEND ");
	ck_assert_uint_eq(text_count(world_heard(w, q), "+SAY PRIVMSG"),
	    CARRIED - 1);
	world_free(w);
}
END_TEST

/* Node 1 with ann on #c; a snapshot of 002 has come, which jumps over some
 * entries and carries others, of which a step accepts some. */
static struct world *
half_taken(unsigned *ann, unsigned *p)
{
	struct world *w = played_node();

	*ann = world_user(w, 1, "ann");
	world_say(w, *ann, "JOIN #c");
	*p = played_sync(w);
	world_run(w, 100);
	world_say(w, *p, "SNAP 002.50");
	world_say(w, *p,
	    "@dot=002.50.1.0;stamp=1700001 +READY 002 50 002.example.org :x");
	world_say(w, *p,
	    "@dot=002.50.2.0;stamp=1700002 "
	    "+USER 002AAAAAA bob bob 002.example.org 1.2.3.4 1.2.3.4 :Bob");
	world_say(w, *p,
	    "@dot=002.50.2.1;stamp=1700002 +NICK 002AAAAAA bob 1 1700002");
	played_messages(w, *p, 10, CARRIED);
	played_small_turns(w, 1000);
	world_say(w, *p, "END 002.50=1200/9");
	while (!link_net_is_taking(world_links(w, 1)))
		world_tick_after(w, 1, 1);
	return w;
}

/* The facts of the snapshot come, though its link is gone; and nobody speaks
 * before. */
START_TEST(jump_is_followed_by_the_facts)
{
	unsigned ann, p;
	struct world *w = half_taken(&ann, &p);

	world_tick_after(w, 1, 1);
	ck_assert(link_net_is_taking(world_links(w, 1)));
	ck_assert(!world_hears(w, ann, "PRIVMSG"));
	world_hang_up(w, p);
	world_ticks(w, true);
	world_run(w, 100);
	ck_assert_uint_eq(map_count(&core_of(w, 1)->facts.users), 2);
	ck_assert_uint_eq(text_count(world_heard(w, ann), "PRIVMSG #c"),
	    CARRIED - 9);
	world_free(w);
}
END_TEST

/* The entries of a forgotten run stay in the log, dead. */
START_TEST(forgotten_entries_are_not_sent)
{
	struct world *w = played_node();
	unsigned p = played_sync(w), q;

	played_entry(w, p, "002.50", 1,
	    "+READY 002 50 002.example.org :played");
	world_hang_up(w, p);
	q = sync_003(w);
	played_entry(w, q, "003.50", 1,
	    "+READY 003 50 003.example.org :played");
	played_entry(w, q, "003.50", 2, "+FORGET 002 50 :002.50=1");
	world_hang_up(w, q);
	world_run(w, 10);
	q = played_open(w, 3, "");
	world_say(w, q, "SYNC 003.50=2");
	world_run(w, 10);
	played_hears(w, q, "ENTRY 001.100 1 ");
	ck_assert(!world_hears(w, q, "ENTRY 002.50 "));
	world_free(w);
}
END_TEST

START_TEST(peers_follow_a_clock_that_is_ahead)
{
	liars_ahead();
}
END_TEST

START_TEST(forks_are_mended)
{
	liars_fork();
}
END_TEST

START_TEST(forks_of_a_split_are_mended)
{
	liars_fork_apart();
}
END_TEST

static void
add(Suite *s, const char *mutation, const TTest *test)
{
	TCase *t = unit_case(mutation);

	tcase_add_test(t, test);
	suite_add_tcase(s, t);
}

Suite *
rules_suite(void)
{
	Suite *s = suite_create("rules");

	add(s, "names-kept", names_follow_what_is_shown);
	add(s, "nick-no-wait", nick_waits_for_its_target);
	add(s, "slices-run-on", slices_wait_for_clients);
	add(s, "lists-run-on", masks_wait_for_clients);
	add(s, "postponed-bans", bans_that_wait_count);
	add(s, "rows-run-on", rows_wait_for_clients);
	add(s, "hide-at-once", user_on_many_channels_goes_in_slices);
	add(s, "unchan-early", unchan_waits_for_a_whole_network);
	add(s, "void-invite", invitations_of_void_runs_are_not_merged);
	add(s, "void-keeps-invites", ready_drops_invitations);
	add(s, "home-void", what_a_home_has_is_not_void);
	add(s, "home-last", of_two_homes_the_later_write_counts);
	add(s, "home-any", what_a_home_has_is_not_void);
	add(s, "base-keeps", memberships_beyond_the_base_are_dropped);
	add(s, "late-join", what_comes_after_a_home_is_dropped);
	add(s, "snap-late", what_comes_after_a_home_is_dropped);
	add(s, "stay-by-dot", later_home_has_the_later_stay);
	add(s, "quit-by-former", former_home_makes_no_quit);
	add(s, "digest-stopped", digest_waits_for_entries);
	add(s, "ready-syncing", ready_waits_for_sync);
	add(s, "unsent-endless", unsent_bytes_are_bounded);
	add(s, "ttl-kept", ttl_of_questions_falls);
	add(s, "gather-trimmed", gathered_entries_are_not_trimmed);
	add(s, "take-lost", jump_is_followed_by_the_facts);
	add(s, "dead-sent", forgotten_entries_are_not_sent);
	add(s, "both-close", greater_sid_closes_no_duplicate);
	add(s, "requests-kept", requests_go_with_their_client);
	add(s, "ghosts-one-room", messengers_may_bring_more_ghosts);
	add(s, "ghosts-known-late", ghosts_are_from_after_the_start);
	add(s, "inside-at-once", clients_are_told_rarely);
	add(s, "forks-stay", forks_are_mended);
	add(s, "forks-unprobed", forks_of_a_split_are_mended);
	add(s, "hlc-untold", peers_follow_a_clock_that_is_ahead);
	return s;
}
