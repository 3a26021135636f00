/*
 * A visible server that cannot be reached is in limbo (link-protocol.md, 9.22
 * and 9.23): what begins that, and what ends it. Transcripts show what clients
 * see of it (tests/scenario/grace).
 */
#include <stdio.h>
#include <string.h>

#include "core/state.h"
#include "link/map/overlay.h"
#include "link/state.h"
#include "unit/node/check_node.h"
#include "unit/node/played.h"
#include "unit/node/world.h"

#define GRACE_S 4 /* the clocks of played peers stand still */

/* Make node 1 with a grace time, and a link with 002, which is visible. */
static struct world *
linked(unsigned *p)
{
	struct world *w = played_node();

	world_settings(w, 1)->grace_s = GRACE_S;
	*p = played_sync(w);
	played_entry(w, *p, "002.50", 1, "+READY 002 50 002.example.org :");
	ck_assert_uint_eq(world_visible(w, 1, 2), 50);
	return w;
}

/* Let 002 have a link with 003, which becomes visible, too. */
static void
link_third(struct world *w, unsigned p)
{
	world_say(w, p, "LSA 003.50 1 1700000001000 002,90,10 :");
	world_say(w, p, "LSA 002.50 2 1700000001000 001,77,10 003,90,10 :");
	played_entry(w, p, "003.50", 1, "+READY 003 50 003.example.org :");
	ck_assert_uint_eq(world_visible(w, 1, 3), 50);
}

static bool
is_whole(struct world *w)
{
	return node_core(world_node(w, 1))->whole;
}

START_TEST(a_lost_server_stays_for_the_grace_time)
{
	unsigned p;
	struct world *w = linked(&p);

	ck_assert(is_whole(w));
	world_hang_up(w, p);
	ck_assert_uint_eq(world_logged(w, 1, LOG_SERVER_LIMBO), 1);
	ck_assert_str_eq(world_log_text(w, 1, LOG_SERVER_LIMBO),
	    "sid=002 grace_s=4");
	ck_assert(!is_whole(w));
	ck_assert_ptr_nonnull(strstr(world_control(w, 1, "servers"),
	    "visible=50 reachable=no limbo_ms=4000 "));
	world_run(w, GRACE_S * 1000 - 10);
	ck_assert_uint_eq(world_visible(w, 1, 2), 50);
	world_run(w, 20);
	ck_assert_uint_eq(world_visible(w, 1, 2), 0);
	ck_assert_uint_eq(world_logged(w, 1, LOG_SERVER_GONE), 1);
	ck_assert_uint_eq(world_logged(w, 1, LOG_SERVER_BACK), 0);
	world_free(w);
}
END_TEST

START_TEST(a_server_that_is_back_was_never_away)
{
	unsigned p;
	struct world *w = linked(&p);

	world_hang_up(w, p);
	world_run(w, GRACE_S * 1000 - 10);
	p = played_sync_run(w, 2, 50, 78);
	world_say(w, p, "LSA 002.50 2 1700000001000 001,78,10 :");
	ck_assert_uint_eq(world_logged(w, 1, LOG_SERVER_BACK), 1);
	ck_assert(is_whole(w));
	played_beats(w, p, 2);
	ck_assert_uint_eq(world_visible(w, 1, 2), 50);
	/* the next limbo has the full time */
	world_hang_up(w, p);
	world_run(w, GRACE_S * 1000 - 10);
	ck_assert_uint_eq(world_visible(w, 1, 2), 50);
	world_free(w);
}
END_TEST

/* Each time it can be reached for a moment. */
START_TEST(a_server_that_is_refused_again_and_again_goes)
{
	unsigned p;
	struct world *w = linked(&p);
	char line[64];

	world_hang_up(w, p);
	for (unsigned i = 2; i < 9; i++) {
		world_run(w, 500);
		ck_assert_uint_eq(world_visible(w, 1, 2), 50);
		p = played_sync_run(w, 2, 50, 70 + i);
		snprintf(line, sizeof(line),
		    "LSA 002.50 %u 1700000001000 001,%u,10 :", i, 70 + i);
		world_say(w, p, line);
		world_say(w, p, "no verb");
		ck_assert(world_is_closed(w, p));
	}
	world_run(w, 510);
	ck_assert_uint_eq(world_visible(w, 1, 2), 0);
	ck_assert_uint_ge(world_logged(w, 1, LOG_SERVER_BACK), 7);
	world_free(w);
}
END_TEST

/* This server has not caught up with it then. */
START_TEST(a_server_that_is_back_and_ahead_stays)
{
	unsigned p;
	struct world *w = linked(&p);

	world_hang_up(w, p);
	p = world_peer(w, 1);
	world_say(w, p,
	    "HELLO 1 002.50 1700000001000 002.example.org 79 :network=Test");
	world_say(w, p, "LSA 002.50 3 1700000001000 001,79,10 :002.50=2");
	world_say(w, p, "SYNC 002.50=2");
	ck_assert_uint_eq(world_visible(w, 1, 2), 50);
	if (_i == 0)
		played_entry(w, p, "002.50", 2,
		    "+USER 002AAAAAA bob bob h.example.org h.example.org "
		    "192.0.2.1 :Bob");
	played_beats(w, p, GRACE_S);
	ck_assert_uint_eq(world_visible(w, 1, 2), 50);
	/* what was not caught up with was not really back */
	world_hang_up(w, p);
	world_run(w, 1);
	ck_assert_uint_eq(world_visible(w, 1, 2), _i == 0 ? 50 : 0);
	world_free(w);
}
END_TEST

/* The newer run waits for its links meanwhile. */
START_TEST(the_ready_of_a_newer_run_ends_it)
{
	unsigned p;
	struct world *w = linked(&p);

	world_hang_up(w, p);
	p = played_sync_run(w, 2, 60, 79);
	ck_assert_uint_eq(world_visible(w, 1, 2), 50);
	ck_assert(!is_whole(w));
	played_entry(w, p, "002.60", 1, "+READY 002 60 002.example.org :");
	ck_assert_uint_eq(world_visible(w, 1, 2), 60);
	ck_assert(is_whole(w));
	ck_assert_uint_eq(world_logged(w, 1, LOG_SERVER_BACK), 0);
	ck_assert_uint_eq(world_logged(w, 1, LOG_SERVER_GONE), 1);
	world_free(w);
}
END_TEST

static const struct end {
	const char *line;
	uint32_t visible;
} ends[] = {
	{ "ERROR stop :bye", 0 },
	{ "ERROR squit :bye", 0 },
	{ "ERROR juped :bye", 0 },
	{ "ERROR removed :bye", 0 },
	{ "ERROR restart :bye", 50 },
	{ "ERROR silence :bye", 50 },
	{ "ERROR slow :bye", 50 },
	{ "no verb", 50 },
};

START_TEST(people_end_it)
{
	unsigned p;
	struct world *w = linked(&p);

	world_say(w, p, ends[_i].line);
	ck_assert(world_is_closed(w, p));
	world_run(w, 1);
	ck_assert_uint_eq(world_visible(w, 1, 2), ends[_i].visible);
	world_free(w);
}
END_TEST

/* Only 002 is stopped, but both are cut off. */
START_TEST(servers_behind_a_link)
{
	unsigned p;
	struct world *w = linked(&p);

	link_third(w, p);
	world_say(w, p, ends[_i].line);
	world_run(w, 1);
	ck_assert_uint_eq(world_visible(w, 1, 2), 0);
	ck_assert_uint_eq(world_visible(w, 1, 3), _i == 0 ? 50 : 0);
	world_free(w);
}
END_TEST

START_TEST(a_squit_of_a_lost_server_ends_it)
{
	unsigned p;
	struct world *w = linked(&p);

	world_hang_up(w, p);
	ck_assert_uint_eq(world_visible(w, 1, 2), 50);
	world_order(w, 1, "squit 002.example.org", "ok");
	ck_assert_uint_eq(world_visible(w, 1, 2), 0);
	world_free(w);
}
END_TEST

START_TEST(a_last_link_state_ends_it)
{
	unsigned p;
	struct world *w = linked(&p);

	link_third(w, p);
	world_say(w, p, "LSA 003.50 2 1700000001000 :");
	ck_assert_uint_eq(world_visible(w, 1, 3), 0);
	ck_assert_uint_eq(world_visible(w, 1, 2), 50);
	world_free(w);
}
END_TEST

START_TEST(a_lost_edge_does_not)
{
	unsigned p;
	struct world *w = linked(&p);

	link_third(w, p);
	world_say(w, p, "LSA 002.50 3 1700000001000 001,77,10 :");
	ck_assert_uint_eq(world_visible(w, 1, 3), 50);
	/* it stops while it is in limbo */
	world_say(w, p, "LSA 003.50 2 1700000001000 :");
	ck_assert_uint_eq(world_visible(w, 1, 3), 0);
	world_free(w);
}
END_TEST

/* The newer run is not READY yet, and nothing else ends the former one. */
START_TEST(a_newer_run_that_stops_ends_it)
{
	unsigned p;
	struct world *w = linked(&p);

	world_hang_up(w, p);
	p = played_sync_run(w, 2, 51, 78);
	world_say(w, p, "LSA 002.51 2 1700000001000 001,78,10 :");
	ck_assert_uint_eq(world_visible(w, 1, 2), 50);
	world_say(w, p, "ERROR stop :bye");
	world_run(w, 1);
	ck_assert_uint_eq(world_visible(w, 1, 2), 0);
	world_free(w);
}
END_TEST

START_TEST(a_stopped_server_says_so)
{
	unsigned p, c;
	struct world *w = linked(&p);
	struct conn_id none = { 0 };
	char text[128], want[128];
	struct writer out;

	c = world_user(w, 1, "ann");
	(void)c;
	writer_init(&out, text, sizeof(text));
	node_farewell(world_node(w, 1), none, &out);
	ck_assert_uint_eq(out.n, 0);
	node_farewell(world_node(w, 1),
	    link_net_link(world_links(w, 1), 0)->conn, &out);
	snprintf(want, sizeof(want), "LSA 001.100 %ju %jd :\r\n",
	    (uintmax_t)world_links(w, 1)->lseq + 1,
	    (intmax_t)world_links(w, 1)->told_hlc.ms);
	ck_assert(span_eq(writer_done(&out), span_of(want)));
	world_free(w);
}
END_TEST

START_TEST(a_pause_does_not_count)
{
	unsigned p;
	struct world *w = linked(&p);

	world_hang_up(w, p);
	world_run(w, 1000);
	world_pause(w, 1, 3600000);
	ck_assert_uint_eq(world_visible(w, 1, 2), 50);
	world_run(w, GRACE_S * 1000 - 1300);
	ck_assert_uint_eq(world_visible(w, 1, 2), 50);
	world_run(w, 1300);
	ck_assert_uint_eq(world_visible(w, 1, 2), 0);
	world_free(w);
}
END_TEST

START_TEST(a_reload_changes_it)
{
	unsigned p;
	struct world *w = linked(&p);
	struct settings set = *world_settings(w, 1);

	world_hang_up(w, p);
	world_run(w, 1000);
	set.grace_s = 60;
	world_reload(w, 1, &set);
	world_run(w, 40000);
	ck_assert_uint_eq(world_visible(w, 1, 2), 50);
	set.grace_s = 0;
	world_reload(w, 1, &set);
	ck_assert_uint_eq(world_visible(w, 1, 2), 0);
	world_free(w);
}
END_TEST

/* A program that takes the state of this server over knows the map, and reaches
 * nobody yet. */
START_TEST(a_restored_run_is_in_limbo)
{
	unsigned p;
	struct world *w = linked(&p);
	struct link_net *net = (struct link_net *)(uintptr_t)world_links(w, 1);

	world_say(w, p, "LSA 003.50 1 1700000001000 002,90,10 :");
	overlay_restore(net, netmap_find(&net->map, (struct sid){ "003" }), 50);
	played_beats(w, p, 1);
	ck_assert_uint_eq(world_visible(w, 1, 3), 50);
	ck_assert(!is_whole(w));
	if (_i == 0) {
		played_beats(w, p, GRACE_S - 2);
		ck_assert_uint_eq(world_visible(w, 1, 3), 50);
		played_beats(w, p, 2);
		ck_assert_uint_eq(world_visible(w, 1, 3), 0);
	} else {
		world_say(w, p,
		    "LSA 002.50 2 1700000001000 001,77,10 003,90,10 :");
		played_beats(w, p, GRACE_S + 2);
		ck_assert_uint_eq(world_visible(w, 1, 3), 50);
		ck_assert_uint_eq(world_logged(w, 1, LOG_SERVER_BACK), 1);
	}
	world_free(w);
}
END_TEST

Suite *
grace_suite(void)
{
	Suite *s = suite_create("grace");
	TCase *t = unit_case("grace");

	tcase_add_test(t, a_lost_server_stays_for_the_grace_time);
	tcase_add_test(t, a_server_that_is_back_was_never_away);
	tcase_add_test(t, a_server_that_is_refused_again_and_again_goes);
	tcase_add_loop_test(t, a_server_that_is_back_and_ahead_stays, 0, 2);
	tcase_add_test(t, the_ready_of_a_newer_run_ends_it);
	tcase_add_loop_test(t, people_end_it, 0,
	    (int)(sizeof(ends) / sizeof(ends[0])));
	tcase_add_loop_test(t, servers_behind_a_link, 0, 2);
	tcase_add_test(t, a_squit_of_a_lost_server_ends_it);
	tcase_add_test(t, a_last_link_state_ends_it);
	tcase_add_test(t, a_lost_edge_does_not);
	tcase_add_test(t, a_newer_run_that_stops_ends_it);
	tcase_add_test(t, a_stopped_server_says_so);
	tcase_add_test(t, a_pause_does_not_count);
	tcase_add_test(t, a_reload_changes_it);
	tcase_add_loop_test(t, a_restored_run_is_in_limbo, 0, 2);
	suite_add_tcase(s, t);
	return s;
}
