/*
 * Bounds on what a linked server can make this one hold, and on how long it may
 * take.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/state.h"
#include "link/state.h"
#include "lib/text.h"
#include "unit/node/check_node.h"
#include "unit/node/played.h"
#include "unit/node/world.h"

#define BEAT "BEAT 1 1700000001000"

/* Return the i-th sid of this test. */
static const char *
sid_at(unsigned i)
{
	static char sid[4];

	snprintf(sid, sizeof(sid), "%c%c%c", '9' - (int)(i / 676 % 7),
	    'A' + (int)(i / 26 % 26), 'A' + (int)(i % 26));
	return sid;
}

/* Return "verb 9AA.1=1 9AB.1=1 …" with n origins from the first on. */
static void
say_vector(struct world *w, unsigned p, const char *verb, unsigned first,
    unsigned n)
{
	char line[16384];
	size_t at = (size_t)snprintf(line, sizeof(line), "%s", verb);

	for (unsigned i = first; i < first + n; i++)
		at += (size_t)snprintf(line + at, sizeof(line) - at, " %s.%u=1",
		    sid_at(i), 1 + i / 4732);
	world_say(w, p, line);
}

/* Send a snapshot without facts, at n origins. */
static void
say_snapshot(struct world *w, unsigned p, unsigned n)
{
	char line[16384];
	size_t at;

	for (unsigned i = 0; i < n; i += 500) {
		snprintf(line, sizeof(line),
		    "LSA %s.500 1 1 :", sid_at(i / 500));
		world_say(w, p, line);
	}
	world_say(w, p, "SNAP 002.50");
	for (unsigned i = 0; i < n;) {
		at = (size_t)snprintf(line, sizeof(line), "END *");
		for (unsigned to = i + 500; i < n && i < to; i++)
			at += (size_t)snprintf(line + at, sizeof(line) - at,
			    " %s.%u=1/1", sid_at(i / 500), 1 + i % 500);
		world_say(w, p, line);
	}
	world_say(w, p, "END");
}

START_TEST(digests_name_only_so_many_origins)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);

	for (unsigned i = 0; i < 40 && !world_is_closed(w, p); i++)
		say_vector(w, p, "DIGEST", i * 300, 300);
	played_is_refused(w, p, "bounds");
	world_free(w);
}
END_TEST

/* Let peer 002 say that it is linked with n servers, from sid_at(first) on. */
static void
say_neighbours(struct world *w, unsigned p, unsigned first, unsigned n)
{
	char all[8192] = "LSA 002.50 2 1 001,77,10";

	for (unsigned i = first; i < first + n; i++)
		snprintf(all + strlen(all), sizeof(all) - strlen(all),
		    " %s,9,1", sid_at(i));
	world_say(w, p, strcat(all, " :"));
}

/* Say the link state of one of them, and its READY. */
static void
say_ready(struct world *w, unsigned p, unsigned i)
{
	const char *sid = sid_at(i);
	char line[64];

	snprintf(line, sizeof(line), "LSA %s.1 1 1 002,9,1 :", sid);
	world_say(w, p, line);
	snprintf(line, sizeof(line), "ENTRY %s.1 1 5 * - 1", sid);
	world_say(w, p, line);
	snprintf(line, sizeof(line), "+READY %s 1 a.test :", sid);
	world_say(w, p, line);
}

#define FRESH 100 /* sids from here on are not those of say_snapshot() */

START_TEST(entries_are_of_only_so_many_origins)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);
	unsigned i;

	say_snapshot(w, p, LINK_ORIGINS_MAX - 10);
	ck_assert_msg(!world_is_closed(w, p), "%.200s", world_heard(w, p));
	say_neighbours(w, p, FRESH, 20);
	for (i = 0; i < 20 && !world_is_closed(w, p); i++)
		say_ready(w, p, FRESH + i);
	played_is_refused(w, p, "bounds");
	ck_assert_uint_eq(i, 10);
	ck_assert_uint_eq(link_net_log(world_links(w, 1))->have.n,
	    LINK_ORIGINS_MAX);
	/* A peer that has no more than these origins links as before. */
	p = world_peer(w, 1);
	world_say(w, p, PLAYED_HELLO);
	world_say(w, p, "SYNC");
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
	world_free(w);
}
END_TEST

START_TEST(snapshots_are_of_only_so_many_origins)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);

	world_say(w, p, "LSA 003.50 1 1 :");
	world_say(w, p, "ENTRY 003.50 1 5 * - 1");
	world_say(w, p, "+READY 003 50 003.example.org :");
	say_snapshot(w, p, LINK_ORIGINS_MAX - 1);
	played_is_refused(w, p, "bounds");
	ck_assert_uint_eq(link_net_log(world_links(w, 1))->have.n, 2);
	world_free(w);
}
END_TEST

/* A list on several lines, with more origins than a vector may have. */
START_TEST(lists_are_of_only_so_many_origins)
{
	static const char *const verb[] = { "SYNC *", "DIGEST *", "WANT *",
		"LSA * 002.50 2 1 :" };
	struct world *w = played_node();
	unsigned p = _i == 0 ? world_peer(w, 1) : played_sync(w);

	if (_i == 0)
		world_say(w, p, PLAYED_HELLO);
	for (unsigned i = 0; i <= LINK_ORIGINS_MAX / 300; i++) {
		ck_assert(!world_is_closed(w, p));
		say_vector(w, p, verb[_i], i * 300, 300);
	}
	played_is_refused(w, p, "bounds");
	world_free(w);
}
END_TEST

START_TEST(ends_are_of_only_so_many_origins)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);

	say_snapshot(w, p, LINK_ORIGINS_MAX + 1);
	played_is_refused(w, p, "bounds");
	world_free(w);
}
END_TEST

START_TEST(maps_are_bounded)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);
	char line[16384] = "LSA 002.50 2 1";
	size_t n = strlen(line);
	unsigned i;

	for (i = 0; i <= NETMAP_EDGES_MAX; i++)
		n += (size_t)snprintf(line + n, sizeof(line) - n, " 003,%u,1",
		    i + 1);
	snprintf(line + n, sizeof(line) - n, " :");
	world_say(w, p, line);
	played_is_refused(w, p, "bounds");
	p = played_sync(w);
	for (i = 0; i < 2 * NETMAP_SERVERS_MAX && !world_is_closed(w, p); i++) {
		snprintf(line, sizeof(line), "LSA %s.1 1 1 :", sid_at(i));
		world_say(w, p, line);
	}
	/* the map has two more; as many again are held with the link */
	ck_assert_uint_eq(i, 2 * NETMAP_SERVERS_MAX - 1);
	ck_assert_uint_eq(world_links(w, 1)->map.n, NETMAP_SERVERS_MAX);
	played_is_refused(w, p, "bounds");
	world_free(w);
}
END_TEST

/* Many link states in one turn of a large network cost one search. */
START_TEST(a_large_map_is_searched_once_in_a_turn)
{
	enum { SERVERS = 150, HEADS = 80 };
	struct world *w = played_node();
	const struct link_counts *n = link_net_counts(world_links(w, 1));
	const struct netmap *map = link_net_map(world_links(w, 1));
	unsigned p = played_sync(w);
	static char line[16384];
	size_t at =
	    (size_t)snprintf(line, sizeof(line), "LSA 002.50 2 1 001,77,10");
	uint64_t before;

	for (unsigned i = 0; i < SERVERS; i++)
		at += (size_t)snprintf(line + at, sizeof(line) - at, " %s,5,1",
		    sid_at(i));
	snprintf(line + at, sizeof(line) - at, " :");
	world_say(w, p, line);
	world_ticks(w, false);
	for (unsigned i = 0; i < SERVERS; i++) {
		at = (size_t)snprintf(line, sizeof(line),
		    "LSA %s.1 1 1 002,5,1 :", sid_at(i));
		for (unsigned k = 0; k < HEADS; k++)
			at += (size_t)snprintf(line + at, sizeof(line) - at,
			    "%s%s.1=1", k == 0 ? "" : " ", sid_at(k));
		before = n->searches;
		world_say(w, p, line);
		ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
		/* small ones are searched at once */
		if (i < 50)
			ck_assert_uint_eq(n->searches, before + 1);
		if (i > SERVERS - 20)
			ck_assert_uint_eq(n->searches, before);
	}
	ck_assert(world_links(w, 1)->map_changed);
	before = n->searches;
	world_tick(w, 1);
	ck_assert_uint_eq(n->searches, before + 1);
	for (size_t i = 0; i < map->n; i++)
		ck_assert(map->v[i].reachable);
	/* an own edge that ends does not wait */
	world_hang_up(w, p);
	for (size_t i = 0; i < map->n; i++)
		ck_assert_int_eq(map->v[i].reachable,
		    sid_cmp(map->v[i].lsa.o.sid, (struct sid){ "001" }) == 0);
	world_free(w);
}
END_TEST

static const char *
filled(char *line, size_t n, const char *head)
{
	memset(line, 'x', n);
	memcpy(line, head, strlen(head));
	line[n] = '\0';
	return line;
}

/* Say registers of a later verb that an origin has made, until the link is
 * closed. Return how many. */
static unsigned
say_registers(struct world *w, unsigned p, const char *origin)
{
	char head[64], line[16384];
	unsigned i;

	snprintf(line, sizeof(line), "LSA %s 9 1 :", origin);
	world_say(w, p, line);
	snprintf(line, sizeof(line), "ENTRY %s 1 1 * - 1", origin);
	world_say(w, p, line);
	snprintf(line, sizeof(line), "+READY %.3s 50 x.example.org :", origin);
	world_say(w, p, line);
	for (i = 2; i < 3000 && !world_is_closed(w, p); i++) {
		snprintf(head, sizeof(head), "ENTRY %s %u %u * - 1", origin, i,
		    i);
		world_say(w, p, head);
		snprintf(head, sizeof(head),
		    "@kind=register,1 +FUTURE %s.%u :", origin, i);
		world_say(w, p, filled(line, 15000, head));
	}
	return i;
}

/*
 * Nothing ever removes registers of a later verb without an owner. A server
 * that makes too many of them is refused, and no other one is.
 */
START_TEST(endless_registers_of_a_server_are_bounded)
{
	struct world *w = played_node();
	unsigned p = played_sync(w), n = say_registers(w, p, "002.50"), q;

	played_is_refused(w, p, "bounds");
	ck_assert_uint_gt(n, 250);
	ck_assert_uint_lt(n, 350);
	ck_assert_uint_ge(world_logged(w, 1, LOG_UNKNOWN_FULL), 1);
	q = world_peer(w, 1);
	world_say(w, q, "HELLO 1 003.50 1700000001000 003.example.org 78 :");
	world_say(w, q, "SYNC");
	world_say(w, q, "ENTRY 003.50 1 1700000001000 * - 2");
	world_say(w, q, "+READY 003 50 003.example.org :third");
	world_say(w, q, "@kind=register,1 +FUTURE honest :x");
	ck_assert(!world_is_closed(w, q));
	played_hears(w, q, "ACK 1\r\n");
	world_free(w);
}
END_TEST

/* Far from their maker, all of them together are bounded. */
START_TEST(endless_registers_are_bounded)
{
	struct world *w = played_node();
	unsigned p = played_sync(w), n = say_registers(w, p, "004.50");

	played_is_refused(w, p, "bounds");
	ck_assert_uint_gt(n, 1000);
	ck_assert_uint_ge(world_logged(w, 1, LOG_UNKNOWN_FULL), 1);
	world_free(w);
}
END_TEST

/* The names of fields likewise: they are kept once and never forgotten. */
START_TEST(names_of_fields_are_bounded)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);
	char line[1024], head[64];
	unsigned n = 0;

	world_say(w, p, "ENTRY 002.50 1 1 * - 2");
	world_say(w, p, "+READY 002 50 002.example.org :");
	world_say(w, p,
	    "+USER 002AAAAAA bob bob 002.example.org 1.2.3.4 1.2.3.4 :Bob");
	for (unsigned i = 2; i < 200 && !world_is_closed(w, p); i++) {
		snprintf(line, sizeof(line), "ENTRY 002.50 %u %u * - 1000", i,
		    i);
		world_say(w, p, line);
		for (int k = 0; k < 1000; k++) {
			snprintf(head, sizeof(head), "+SET 002AAAAAA f%u", n++);
			filled(line, 400, head);
			strcpy(line + 400, " 002 :1");
			world_say(w, p, line);
		}
	}
	played_is_refused(w, p, "bounds");
	world_free(w);
}
END_TEST

/* Every fact must fit a line of a snapshot, however long its words are. */
START_TEST(long_words_fit_a_snapshot)
{
	struct world *w = played_node();
	unsigned p = played_sync(w), q;
	char line[16384], nick[600];
	const char *heard;

	world_say(w, p, "ENTRY 002.50 1 1 * - 3");
	world_say(w, p, "+READY 002 50 002.example.org :");
	world_say(w, p,
	    filled(line, 15600,
		"+USER 002AAAAAA b b 002.example.org 1.2.3.4 1.2.3.4 :"));
	snprintf(line, sizeof(line), "+NICK 002AAAAAA %s 1 1",
	    filled(nick, 512, "b"));
	world_say(w, p, line);
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
	world_hang_up(w, p);
	world_run(w, 100000);
	ck_assert_uint_eq(log_end(link_net_log(world_links(w, 1))),
	    log_begin(link_net_log(world_links(w, 1))));
	q = world_peer(w, 1);
	world_say(w, q, "HELLO 1 003.50 1700000100000 003.example.org 78 :");
	world_say(w, q, "SYNC");
	world_run(w, 1);
	ck_assert(world_hears(w, q, "\r\nEND "));
	for (heard = world_heard(w, q); *heard != '\0';
	     heard = strchr(heard, '\n') + 1)
		ck_assert_uint_le(strcspn(heard, "\n") + 1, 16384);
	ck_assert_ptr_nonnull(strstr(world_heard(w, q), "+NICK 002AAAAAA "));
	ck_assert_ptr_nonnull(strstr(world_heard(w, q),
	    "xxx\r\n@dot=002.50.1.2;"));
	world_free(w);
}
END_TEST

START_TEST(words_are_bounded)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);
	char line[16384], nick[600];

	world_say(w, p, "ENTRY 002.50 1 1 * - 1");
	world_say(w, p,
	    filled(line, 15615,
		"+USER 002AAAAAA b b 002.example.org 1.2.3.4 1.2.3.4 :"));
	played_is_refused(w, p, "syntax");
	p = played_sync(w);
	world_say(w, p, "ENTRY 002.50 1 1 * - 1");
	snprintf(line, sizeof(line), "+NICK 002AAAAAA %s 1 1",
	    filled(nick, 513, "b"));
	world_say(w, p, line);
	played_is_refused(w, p, "syntax");
	p = played_sync(w);
	world_say(w, p, "ENTRY 002.50 1 1 * - 1");
	snprintf(line, sizeof(line), "+CHAN %s,1.002", filled(nick, 513, "#"));
	world_say(w, p, line);
	played_is_refused(w, p, "syntax");
	world_free(w);
}
END_TEST

#define SNAPSHOT_MAX (16 << 20)

/* Facts and entries without end: their bytes count, also if they would be short
 * when compressed. */
START_TEST(snapshots_are_bounded)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);
	char line[16384];
	size_t i, lines = SNAPSHOT_MAX / 15600;

	world_settings(w, 1)->snapshot_bytes = SNAPSHOT_MAX;
	world_say(w, p, "SNAP 002.50");
	filled(line, 15600,
	    _i == 0 ? "@dot=002.50.1.0;stamp=1;kind=element +FUTURE :"
		    : "@kind=element +FUTURE :");
	for (i = 0; i < lines && !world_is_closed(w, p); i++) {
		if (_i == 1)
			world_say(w, p, "ENTRY 002.50 1 1 * - 1");
		world_say(w, p, line);
	}
	ck_assert_uint_gt(i, lines * 9 / 10);
	ck_assert(world_hears(w, p,
	    "ERROR bounds :snapshots are too large: more than "
	    "16777216 bytes (sync.snapshot_mib)"));
	played_is_refused(w, p, "bounds");
	world_free(w);
}
END_TEST

START_TEST(snapshot_must_end)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);
	int i;

	world_say(w, p, "SNAP 002.50");
	for (i = 0; i < 700 && !world_is_closed(w, p); i++) {
		world_run(w, 1000);
		world_say(w, p, "BEAT 1 1");
		world_say(w, p,
		    "@dot=002.50.1.0;stamp=5;kind=element +FUTURE it goes on");
	}
	played_is_refused(w, p, "snapshot");
	ck_assert_int_gt(i, 590);
	world_free(w);
}
END_TEST

/* The peer beats, so it is not silent; but it reads nothing. */
START_TEST(who_takes_nothing_is_closed)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);
	int i;

	world_takes(w, p, false);
	for (i = 0; i < 90 && !world_is_closed(w, p); i++) {
		world_run(w, 1000);
		world_say(w, p, BEAT);
	}
	world_takes(w, p, true);
	played_is_refused(w, p, "slow");
	ck_assert_int_ge(i, 59);
	world_free(w);
	/* A peer that reads now and then is not closed. */
	w = played_node();
	p = played_sync(w);
	for (i = 0; i < 150; i++) {
		world_takes(w, p, i % 50 == 49);
		world_run(w, 1000);
		world_say(w, p, BEAT);
	}
	ck_assert(!world_is_closed(w, p));
	world_free(w);
}
END_TEST

/*
 * A link state of any size gets through: the heads of many origins, and many
 * edges.
 */
START_TEST(link_state_of_many_lines)
{
	struct world *w = played_node();
	unsigned p = played_sync(w), q = world_peer(w, 1), n = 0;
	char line[16384];
	const char *s;
	const struct map_server *far;
	size_t at;

	world_say(w, q, "HELLO 1 003.50 1700000001000 003.example.org 78 :");
	world_say(w, q, "SYNC");
	world_forget(w, q);
	/* three lines of one link state */
	at = (size_t)snprintf(line, sizeof(line), "LSA * 009.7 3 5");
	for (unsigned i = 0; i < 400; i++)
		at += (size_t)snprintf(line + at, sizeof(line) - at, " %s,%u,7",
		    sid_at(i), 1000000 + i);
	snprintf(line + at, sizeof(line) - at, " :004.1=2");
	world_say(w, p, line);
	ck_assert_ptr_null(netmap_find(link_net_map(world_links(w, 1)),
	    (struct sid){ "009" }));
	for (unsigned k = 0; k < 2; k++) {
		at = (size_t)snprintf(line, sizeof(line),
		    "LSA%s 009.7 3 5 :", k == 0 ? " *" : "");
		for (unsigned i = 0; i < 600; i++)
			at += (size_t)snprintf(line + at, sizeof(line) - at,
			    "%s%s.4294967295=%u", i == 0 ? "" : " ",
			    sid_at(i + 600 * k), i + 1);
		world_say(w, p, line);
	}
	ck_assert_msg(!world_is_closed(w, p), "%s", world_heard(w, p));
	far =
	    netmap_find(link_net_map(world_links(w, 1)), (struct sid){ "009" });
	ck_assert_ptr_nonnull(far);
	ck_assert_uint_eq(far->lsa.nedge, 400);
	ck_assert_uint_eq(far->lsa.heads.n, 1201);
	/* It is passed on, and loses nothing. */
	for (s = world_heard(w, q); *s != '\0'; s = strchr(s, '\n') + 1) {
		ck_assert_uint_le(strcspn(s, "\n") + 1, 16384);
		n += strncmp(s, "LSA * 009.7 3 5 ", 16) == 0 ? 1
		     : strncmp(s, "LSA 009.7 3 5 ", 14) == 0 ? 100
							     : 0;
	}
	ck_assert_uint_gt(n, 100);
	ck_assert_uint_lt(n, 200);
	/*
	 * Lines of two link states, or another line between them, are refused.
	 */
	world_say(w, p, "LSA * 009.7 4 5 :");
	world_say(w, p, "LSA 009.7 5 5 :");
	played_hears(w, p, "ERROR syntax :"); /* the other link stays */
	ck_assert(world_is_closed(w, p));
	world_free(w);
}
END_TEST

/* Our own link state gets through, too, however many origins there are. */
START_TEST(own_heads_are_all_told)
{
	struct world *w = played_node();
	unsigned p = played_sync(w), q, n = 0;
	const char *s;

	say_neighbours(w, p, 0, 390);
	for (unsigned i = 0; i < 390; i++)
		say_ready(w, p, i);
	q = world_peer(w, 1);
	world_say(w, q, "HELLO 1 003.50 1700000001000 003.example.org 78 :");
	for (s = world_heard(w, q); strncmp(s, "SYNC", 4) != 0;
	     s = strchr(s, '\n') + 1) {
		ck_assert_uint_le(strcspn(s, "\n") + 1, 16384);
		for (const char *at = s;
		     strncmp(s, "LSA", 3) == 0 &&
		     (at = strstr(at + 1, ".1=1")) != NULL &&
		     at < strchr(s, '\n');)
			n++;
	}
	ck_assert_uint_eq(n, 390);
	world_free(w);
}
END_TEST

/* Return the number of the last QUERY that the peer was sent, "001.17". */
static const char *
last_question(struct world *w, unsigned p)
{
	static char id[32];
	const char *q = NULL, *next = world_heard(w, p);

	while ((next = strstr(next, "QUERY ")) != NULL)
		q = next++;
	ck_assert_ptr_nonnull(q);
	snprintf(id, sizeof(id), "%.*s", (int)strcspn(q + 6, " "), q + 6);
	return id;
}

static void
say_answers(struct world *w, unsigned p, const char *id, unsigned n)
{
	char line[512];

	for (unsigned i = 0; i < n; i++) {
		snprintf(line, sizeof(line), "ANSWER %s 001 32 :372 :- %0400u",
		    id, i);
		world_say(w, p, line);
	}
}

/* Make a client that asks, and a peer that is visible; *p is its connection. */
static unsigned
asking(struct world *w, unsigned *p)
{
	unsigned ann;

	*p = played_sync(w);
	world_say(w, *p, "ENTRY 002.50 1 1700000001000 * - 1");
	world_say(w, *p, "+READY 002 50 002.example.org :played");
	ann = world_user(w, 1, "ann");
	world_say(w, ann, "CAP REQ :batch labeled-response");
	world_forget(w, ann);
	return ann;
}

/* A peer cannot ask in the name of this server (10.2). */
START_TEST(nobody_asks_in_the_name_of_this_server)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);

	world_say(w, p, "QUERY 001.1 001Z99999 001 5 :CONNECT nobody.test");
	world_run(w, 100);
	ck_assert_uint_eq(world_logged(w, 1, LOG_ROUTING), 0);
	ck_assert(!world_is_closed(w, p));
	world_free(w);
}
END_TEST

/* A line of an answer that is too long for an IRC client is cut. */
START_TEST(a_line_for_the_control_socket_is_cut)
{
	struct world *w = played_node();
	unsigned p;
	char line[2048];
	const char *answer;

	(void)asking(w, &p);
	answer = world_control(w, 1, "ask 002.example.org json VERSION");
	snprintf(line, sizeof(line), "ANSWER %s 001 32 :351 :%01900u",
	    last_question(w, p), 0);
	memset(strrchr(line, ':') + 1, '"', 1900);
	world_say(w, p, line);
	world_run(w, 10);
	ck_assert_ptr_nonnull(strstr(answer, "\"}\n"));
	world_free(w);
}
END_TEST

#define HELD ((size_t)256 * 1024)

START_TEST(an_answer_without_end_is_cut)
{
	struct world *w = played_node();
	unsigned p, ann = asking(w, &p);

	world_say(w, ann, "@label=m MOTD 002.example.org");
	say_answers(w, p, last_question(w, p), 400);
	ck_assert_str_eq(world_heard(w, ann), "");
	say_answers(w, p, last_question(w, p), 1000);
	world_run(w, 20); /* one piece in each turn */
	played_hears(w, ann, "@label=m :001.example.org BATCH +");
	ck_assert_uint_eq(text_count(world_heard(w, ann), " 263 ann MOTD "), 1);
	ck_assert_uint_eq(text_count(world_heard(w, ann), " 376 ann "), 1);
	ck_assert_uint_eq(text_count(world_heard(w, ann), " BATCH -"), 1);
	ck_assert_uint_gt(text_count(world_heard(w, ann), " 372 ann "), 400);
	ck_assert_uint_lt(strlen(world_heard(w, ann)), HELD + 1024);
	/*
	 * Nothing of the answer is left: the next one has all the room again.
	 */
	world_forget(w, ann);
	world_say(w, ann, "@label=n MOTD 002.example.org");
	say_answers(w, p, last_question(w, p), 400);
	ck_assert_str_eq(world_heard(w, ann), "");
	world_say(w, ann, "QUIT");
	ck_assert(world_is_closed(w, ann));
	say_answers(w, p, last_question(w, p), 1000);
	ck_assert(!world_is_closed(w, p));
	world_free(w);
}
END_TEST

START_TEST(answers_to_all_questions_are_bounded_together)
{
	struct world *w = played_node();
	unsigned p, ann = asking(w, &p), held = 0;
	char line[64];

	for (unsigned i = 0; i < 16; i++) {
		snprintf(line, sizeof(line), "@label=%u MOTD 002.example.org",
		    i);
		world_say(w, ann, line);
		say_answers(w, p, last_question(w, p), 100);
		if (world_heard(w, ann)[0] == '\0')
			held++;
		world_run(w, 1);
	}
	ck_assert_uint_ge(held, 4);
	ck_assert_uint_lt(held, 6);
	ck_assert_uint_eq(text_count(world_heard(w, ann), " 263 ann MOTD "),
	    16 - held);
	world_free(w);
}
END_TEST

/* The server exists, even if there is no room for its first line. */
START_TEST(an_answer_without_any_room_is_cut)
{
	struct world *w = played_node();
	unsigned p, ann = asking(w, &p);
	const struct user *u =
	    facts_find_nick(&node_core(world_node(w, 1))->facts, SPAN("ann"));

	world_say(w, ann, "MOTD 002.example.org");
	while (LIST_FIRST(&u->sessions)->answers < HELD)
		say_answers(w, p, last_question(w, p), 1);
	ck_assert_str_eq(world_heard(w, ann), "");
	world_say(w, ann, "MOTD 002.example.org");
	say_answers(w, p, last_question(w, p), 1);
	ck_assert_str_eq(world_heard(w, ann),
	    ":001.example.org 263 ann MOTD :Please wait a while and try "
	    "again\r\n"
	    ":001.example.org 376 ann :End of MOTD command\r\n");
	world_free(w);
}
END_TEST

/* An answer without a label waits, too. */
START_TEST(an_answer_without_a_label_is_cut)
{
	struct world *w = played_node();
	unsigned p, ann = asking(w, &p);

	world_say(w, ann, "VERSION 002.example.org");
	say_answers(w, p, last_question(w, p), 400);
	ck_assert_str_eq(world_heard(w, ann), "");
	say_answers(w, p, last_question(w, p), 600);
	world_run(w, 20);
	ck_assert_uint_eq(text_count(world_heard(w, ann), " 263 ann VERSION "),
	    1);
	ck_assert_uint_lt(strlen(world_heard(w, ann)), HELD + 1024);
	world_free(w);
}
END_TEST

/* Connections that say no HELLO make room, the oldest first. */
START_TEST(silent_links_make_room)
{
	struct world *w = played_node();
	unsigned silent[200], p;

	p = played_sync(w);
	for (size_t i = 0; i < 200; i++)
		silent[i] = world_peer(w, 1);
	ck_assert(!world_is_closed(w, p));
	ck_assert(world_is_closed(w, silent[0]));
	played_hears(w, silent[0], "ERROR bounds :");
	ck_assert(!world_is_closed(w, silent[199]));
	world_hang_up(w, p);
	p = played_sync(w);
	world_say(w, p, "ENTRY 002.50 1 1700000001000 * - 1");
	world_say(w, p, "+READY 002 50 002.example.org :played");
	for (size_t i = 0; i < 20; i++)
		world_peer(w, 1);
	ck_assert(!world_is_closed(w, p));
	played_hears(w, p, "ACK 1");
	world_free(w);
}
END_TEST

Suite *
bounds_suite(void)
{
	Suite *s = suite_create("bounds");
	TCase *t = unit_case("bounds");

	tcase_add_test(t, digests_name_only_so_many_origins);
	tcase_add_test(t, entries_are_of_only_so_many_origins);
	tcase_add_test(t, snapshots_are_of_only_so_many_origins);
	tcase_add_loop_test(t, lists_are_of_only_so_many_origins, 0, 4);
	tcase_add_test(t, ends_are_of_only_so_many_origins);
	tcase_add_test(t, maps_are_bounded);
	tcase_add_test(t, a_large_map_is_searched_once_in_a_turn);
	tcase_add_loop_test(t, snapshots_are_bounded, 0, 2);
	tcase_add_test(t, endless_registers_of_a_server_are_bounded);
	tcase_add_test(t, endless_registers_are_bounded);
	tcase_add_test(t, names_of_fields_are_bounded);
	tcase_add_test(t, long_words_fit_a_snapshot);
	tcase_add_test(t, words_are_bounded);
	tcase_add_test(t, snapshot_must_end);
	tcase_add_test(t, who_takes_nothing_is_closed);
	tcase_add_test(t, link_state_of_many_lines);
	tcase_add_test(t, own_heads_are_all_told);
	tcase_add_test(t, an_answer_without_end_is_cut);
	tcase_add_test(t, answers_to_all_questions_are_bounded_together);
	tcase_add_test(t, an_answer_without_any_room_is_cut);
	tcase_add_test(t, an_answer_without_a_label_is_cut);
	tcase_add_test(t, silent_links_make_room);
	tcase_add_test(t, nobody_asks_in_the_name_of_this_server);
	tcase_add_test(t, a_line_for_the_control_socket_is_cut);
	suite_add_tcase(s, t);
	return s;
}
