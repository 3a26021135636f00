/* How a server without facts gets them: from one neighbour at a time, and what
 * it does if they are more than it may hold. */
#include <stdio.h>
#include <string.h>

#include "base/mtime.h"
#include "lib/halves.h"
#include "unit/node/check_node.h"
#include "unit/node/played.h"
#include "unit/node/world.h"

#define LEAVES 8

static const struct link_counts *
counts(struct world *w, unsigned i)
{
	return link_net_counts(world_links(w, i));
}

static bool
is_ready(struct world *w, unsigned i)
{
	return core_is_ready(node_core(world_node(w, i)));
}

/* Snapshots that nodes 1 to LEAVES have sent. */
static unsigned
sent(const struct net *net)
{
	unsigned n = 0;

	for (unsigned i = 1; i <= LEAVES; i++)
		n += (unsigned)link_net_counts(node_links(net->node[i].node))
			 ->snaps_out;
	return n;
}

/* Node 0 is a hub; the logs are empty. */
static struct net *
hub_new(void)
{
	struct net *net = net_new(1, LEAVES + 1);

	for (unsigned i = 0; i <= LEAVES; i++) {
		net_setup(net, i, setup_new(i, LEAVES + 1, i == 0 ? 0 : 1));
		net->node[i].setup->settings.keep_s = 2;
		net_start(net, i);
	}
	net_run(net, 5000);
	halves_fill(net, 1, 1000, 1);
	net_run(net, 20000);
	return net;
}

static bool
agree(const struct net *net, unsigned a, unsigned b)
{
	struct core_digest x, y;

	core_digest(node_core(net->node[a].node), &x);
	core_digest(node_core(net->node[b].node), &y);
	return x.facts > 3000 && x.facts == y.facts && x.sum == y.sum;
}

START_TEST(a_hub_takes_one_snapshot)
{
	struct net *net = hub_new();
	unsigned before;

	for (unsigned i = 0; i < LEAVES; i++)
		ck_assert(agree(net, i, LEAVES));
	before = sent(net);
	/* it hears of all leaves while the first snapshot is on its way */
	net->delay_min = net->delay_max = 1500 * NS_PER_MS;
	net_crash(net, 0);
	net_run(net, 1000);
	net_start(net, 0);
	net_run(net, 60000);
	ck_assert_msg(!net->failed, "%s", net->why);
	for (unsigned i = 0; i < LEAVES; i++)
		ck_assert(agree(net, i, LEAVES));
	ck_assert(core_is_ready(node_core(net->node[0].node)));
	ck_assert_uint_eq(sent(net) - before, 1);
	net_free(net);
}
END_TEST

/* Nodes 1 to n, linked with the last one only, with a log that is soon empty.
 * ann of the first is on some channels. */
static struct world *
star(unsigned n, unsigned *ann)
{
	struct world *w = world_new(n);
	char line[64];

	for (unsigned i = 1; i <= n; i++) {
		world_settings(w, i)->keep_s = 2;
		world_allow(w, i, n, i != n);
	}
	for (unsigned i = 1; i <= n; i++)
		world_start(w, i, 100);
	world_run(w, 5000);
	*ann = world_user(w, 1, "ann");
	for (unsigned i = 0; i < 50; i++) {
		snprintf(line, sizeof(line), "JOIN #channel%u", i);
		world_say(w, *ann, line);
	}
	world_run(w, 8000);
	return w;
}

/* ---- played peers -------------------------------------------------------- */

static unsigned
offering(struct world *w, unsigned k)
{
	unsigned p = played_open(w, k, "offer");

	world_say(w, p, "LSA 004.50 1 1 :");
	world_say(w, p, "SYNC 004.50=9");
	world_say(w, p, "OFFER");
	return p;
}

static void
beat(struct world *w, unsigned p, unsigned q, unsigned s)
{
	for (unsigned i = 0; i < s; i++) {
		world_run(w, 1000);
		world_say(w, p, "BEAT 0 1");
		world_say(w, q, "BEAT 0 1");
	}
}

START_TEST(the_next_is_asked_if_one_dies)
{
	struct world *w = played_node();
	unsigned p = offering(w, 2), q = offering(w, 3);

	played_hears(w, p, "WANT 001.100=1\r\n");
	beat(w, p, q, 3);
	ck_assert(!world_hears(w, q, "WANT"));
	world_hang_up(w, p);
	world_run(w, 10);
	played_hears(w, q, "WANT 001.100=1\r\n");
	world_free(w);
}
END_TEST

/* BEATs are no progress; a line of the snapshot is. */
START_TEST(the_next_is_asked_if_one_is_slow)
{
	struct world *w = played_node();
	unsigned p = offering(w, 2), q = offering(w, 3);

	beat(w, p, q, 8);
	world_say(w, p, "SNAP 002.50");
	beat(w, p, q, 8);
	world_say(w, p,
	    "@dot=004.50.1.0;stamp=5;kind=element +FUTURE it goes on");
	beat(w, p, q, 9);
	ck_assert(!world_hears(w, q, "WANT"));
	beat(w, p, q, 2);
	played_hears(w, q, "WANT 001.100=1\r\n");
	ck_assert(!world_is_closed(w, p));
	world_free(w);
}
END_TEST

/* When the snapshot of one is taken, the next one is asked for the rest. */
START_TEST(the_next_is_told_what_is_here)
{
	struct world *w = played_node();
	unsigned p = offering(w, 2), q = offering(w, 3);

	world_say(w, p, "SNAP 002.50");
	world_say(w, p, "END 004.50=9/9");
	played_hears(w, q, "WANT 001.100=1 004.50=9\r\n");
	world_forget(w, q);
	world_say(w, q, "DIGEST 004.50=9");
	world_say(w, q, "OFFER");
	played_hears(w, q, "WANT 001.100=1 004.50=9\r\n");
	ck_assert_uint_eq(counts(w, 1)->asks, 3);
	ck_assert_uint_eq(counts(w, 1)->wants, 0);
	world_free(w);
}
END_TEST

/* It needed no snapshot when it was asked, and was silent since. */
START_TEST(who_offers_again_is_asked_again)
{
	struct world *w = played_node();
	unsigned p = offering(w, 2);

	played_hears(w, p, "WANT 001.100=1\r\n");
	world_forget(w, p);
	world_say(w, p, "OFFER");
	played_hears(w, p, "WANT 001.100=1\r\n");
	ck_assert(!world_is_closed(w, p));
	world_free(w);
}
END_TEST

/* A peer that does not know OFFER is sent the snapshot at once. */
START_TEST(an_older_peer_is_not_asked)
{
	unsigned ann, p;
	struct world *w = star(2, &ann);

	p = world_peer(w, 1);
	world_say(w, p, "HELLO 1 002.50 1700000014000 002.example.org 77 :");
	ck_assert(world_is_closed(w, p)); /* an older run */
	world_kill(w, 2);
	world_run(w, 100);
	p = world_peer(w, 1);
	world_say(w, p, "HELLO 1 002.200 1700000014000 002.example.org 78 :");
	world_say(w, p, "LSA 002.200 1 1700000014000 001,78,10 :");
	world_say(w, p, "SYNC");
	world_run(w, 1);
	played_hears(w, p, "SNAP 001.100\r\n");
	ck_assert(!world_hears(w, p, "OFFER"));
	world_hang_up(w, p);
	p = world_peer(w, 1);
	world_say(w, p,
	    "HELLO 1 002.200 1700000014000 002.example.org 79 :offer");
	world_say(w, p, "LSA 002.200 2 1700000014000 001,79,10 :");
	world_say(w, p, "SYNC");
	played_hears(w, p, "OFFER\r\n");
	ck_assert(!world_hears(w, p, "SNAP"));
	ck_assert(!world_hears(w, p, "DIGEST"));
	world_say(w, p, "WANT");
	world_run(w, 1);
	played_hears(w, p, "SNAP 001.100\r\n");
	world_free(w);
}
END_TEST

/* ---- too large ----------------------------------------------------------- */

/*
 * A newcomer may not hold what the network has. It does not count itself alone,
 * asks only after pauses, and both operators are told.
 */
START_TEST(who_is_refused_does_not_open)
{
	unsigned ann, cat, sent;
	struct world *w = star(2, &ann);
	struct settings more;

	world_kill(w, 2);
	world_settings(w, 2)->snapshot_bytes = 8192;
	sent = (unsigned)counts(w, 1)->snaps_out;
	world_start(w, 2, 200);
	world_run(w, 50000);
	ck_assert(!is_ready(w, 2));
	cat = world_client(w, 2);
	world_say(w, cat, "NICK cat");
	world_say(w, cat, "USER cat 0 * :cat");
	ck_assert(!world_hears(w, cat, " 001 "));
	ck_assert_uint_eq(counts(w, 1)->snaps_out - sent, 1);
	ck_assert_uint_eq(world_logged(w, 2, LOG_SNAPSHOT_REFUSED), 1);
	ck_assert_ptr_nonnull(strstr(world_log_text(w, 2, LOG_SNAPSHOT_REFUSED),
	    "bytes=8192 again_s=60"));
	ck_assert_ptr_nonnull(strstr(world_log_text(w, 1, LOG_LINK_DOWN),
	    "code=bounds by=peer reason=snapshots are too "
	    "large: more than 8192 bytes (sync.snapshot_mib)"));
	/* the pauses grow: about 1, 3, 7, 15 minutes after the first */
	world_run(w, 10 * 60 * 1000);
	ck_assert(!is_ready(w, 2));
	ck_assert_uint_le(counts(w, 1)->snaps_out - sent, 4);
	ck_assert_uint_ge(counts(w, 1)->snaps_out - sent, 3);
	more = *world_settings(w, 2);
	more.snapshot_bytes = 1 << 20;
	world_reload(w, 2, &more);
	world_run(w, 70000);
	ck_assert(is_ready(w, 2));
	ck_assert(world_agrees(w, 1, 2));
	world_free(w);
}
END_TEST

/* If the network it did not fit is gone, the server opens alone. */
START_TEST(who_is_refused_and_then_alone_opens)
{
	unsigned ann;
	struct world *w = star(2, &ann);

	world_kill(w, 2);
	world_settings(w, 2)->snapshot_bytes = 8192;
	world_start(w, 2, 200);
	world_run(w, 5000);
	world_kill(w, 1);
	world_run(w, 60000);
	ck_assert(!is_ready(w, 2));
	world_run(w, 200000);
	ck_assert(is_ready(w, 2));
	world_free(w);
}
END_TEST

/* A peer that does not wait to be asked is refused at SNAP in a pause. */
START_TEST(an_older_peer_waits_out_the_pause)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);
	char line[128];

	world_settings(w, 1)->snapshot_bytes = 8192;
	world_say(w, p, "SNAP 002.50");
	for (int i = 0; i < 100 && !world_is_closed(w, p); i++) {
		snprintf(line, sizeof(line),
		    "@dot=002.50.%d.0;stamp=5;kind=element +FUTURE it goes on",
		    i + 1);
		world_say(w, p, line);
	}
	played_is_refused(w, p, "bounds");
	world_run(w, 5000);
	p = world_peer(w, 1);
	world_say(w, p, "HELLO 1 002.50 1700000006000 002.example.org 78 :");
	world_say(w, p, "LSA 002.50 2 1700000006000 001,78,10 :");
	world_say(w, p, "SYNC");
	ck_assert(!world_is_closed(w, p));
	world_say(w, p, "SNAP 002.50");
	played_is_refused(w, p, "bounds");
	world_run(w, 60000);
	p = world_peer(w, 1);
	world_say(w, p, "HELLO 1 002.50 1700000066000 002.example.org 79 :");
	world_say(w, p, "LSA 002.50 3 1700000066000 001,79,10 :");
	world_say(w, p, "SYNC");
	world_say(w, p, "SNAP 002.50");
	ck_assert(!world_is_closed(w, p));
	world_free(w);
}
END_TEST

/* A server that opens alone lets a user found a channel that has a key and bans
 * elsewhere. The user is not sent the key when the servers link. */
START_TEST(a_user_of_one_who_was_alone_learns_no_key)
{
	struct world *w = world_new(2);
	unsigned ann, mal, pat;

	world_start(w, 1, 10);
	world_run(w, 3000);
	ann = world_user(w, 1, "ann");
	world_say(w, ann, "JOIN #c");
	world_say(w, ann, "MODE #c +k sesame");
	world_run(w, 1000);
	world_start(w, 2, 20);
	world_run(w, 3000);
	ck_assert(is_ready(w, 2));
	mal = world_user(w, 2, "mal");
	world_say(w, mal, "JOIN #c guess");
	pat = world_user(w, 2, "pat");
	world_say(w, pat, "JOIN #c sesame");
	world_run(w, 1000);
	world_allow(w, 1, 2, true);
	world_run(w, 60000);
	ck_assert(world_agrees(w, 1, 2));
	/* a user who has given the key may ask for it */
	world_say(w, pat, "MODE #c");
	ck_assert(world_hears(w, pat, " 324 pat #c +ntk sesame"));
	ck_assert(world_hears(w, mal, " MODE #c -o+ok mal ann *"));
	world_say(w, mal, "MODE #c");
	ck_assert(world_hears(w, mal, " 324 mal #c +ntk *"));
	ck_assert(!world_hears(w, mal, "sesame"));
	/* a key that is set while the user is there is told */
	world_say(w, ann, "MODE #c +k another");
	world_run(w, 100);
	ck_assert(world_hears(w, mal, " MODE #c +k another"));
	world_say(w, mal, "MODE #c");
	ck_assert(world_hears(w, mal, " 324 mal #c +ntk another"));
	world_free(w);
}
END_TEST

Suite *
newcomer_suite(void)
{
	Suite *s = suite_create("newcomer");
	TCase *t = unit_case("newcomer");

	tcase_add_test(t, a_hub_takes_one_snapshot);
	tcase_add_test(t, the_next_is_asked_if_one_dies);
	tcase_add_test(t, the_next_is_asked_if_one_is_slow);
	tcase_add_test(t, the_next_is_told_what_is_here);
	tcase_add_test(t, who_offers_again_is_asked_again);
	tcase_add_test(t, an_older_peer_is_not_asked);
	tcase_add_test(t, who_is_refused_does_not_open);
	tcase_add_test(t, who_is_refused_and_then_alone_opens);
	tcase_add_test(t, an_older_peer_waits_out_the_pause);
	tcase_add_test(t, a_user_of_one_who_was_alone_learns_no_key);
	suite_add_tcase(s, t);
	return s;
}
