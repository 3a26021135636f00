/* How links begin and end, and the rows about it in both logs. */
#include <stdio.h>
#include <string.h>

#include "unit/node/check_node.h"
#include "unit/node/played.h"
#include "unit/node/world.h"

static void
logs(struct world *w, unsigned i, enum log_row row, const char *piece)
{
	ck_assert_msg(strstr(world_log_text(w, i, row), piece) != NULL,
	    "no \"%s\" in \"%s\"", piece, world_log_text(w, i, row));
}

START_TEST(linked_is_logged_when_the_link_is_up)
{
	struct world *w = played_node();
	unsigned p = world_peer(w, 1);

	world_say(w, p, PLAYED_HELLO);
	ck_assert_uint_eq(world_logged(w, 1, LOG_LINK_UP), 0);
	world_say(w, p, "SYNC");
	ck_assert_uint_eq(world_logged(w, 1, LOG_LINK_UP), 1);
	world_hang_up(w, p);
	ck_assert_uint_eq(world_logged(w, 1, LOG_LINK_DOWN), 1);
	logs(w, 1, LOG_LINK_DOWN, "by=connection");
	world_free(w);
}
END_TEST

/* The peer refuses the HELLO of a server that has accepted the peer's HELLO. */
START_TEST(link_that_the_peer_refuses_was_never_up)
{
	struct world *w = played_node();
	unsigned p = world_peer(w, 1);

	world_say(w, p, PLAYED_HELLO);
	world_say(w, p, "ERROR sid :the sid 001 is not configured");
	ck_assert(world_is_closed(w, p));
	ck_assert_uint_eq(world_logged(w, 1, LOG_LINK_UP), 0);
	ck_assert_uint_eq(world_logged(w, 1, LOG_LINK_DOWN), 0);
	ck_assert_uint_eq(world_logged(w, 1, LOG_LINK_REFUSED), 1);
	logs(w, 1, LOG_LINK_REFUSED,
	    "code=sid by=peer reason=the sid 001 is not configured");
	world_free(w);
}
END_TEST

/* Node 2 dials node 1, which knows it by another name. */
START_TEST(both_logs_say_who_refused)
{
	struct world *w = world_new(2);
	struct peer_settings *peer =
	    (struct peer_settings *)(uintptr_t)world_settings(w, 1)->peer;

	peer->name = SPAN("other.example.org");
	peer->naddress = 0;
	world_allow_all(w);
	world_start(w, 1, 100);
	world_start(w, 2, 200);
	world_run(w, 1500);
	logs(w, 1, LOG_LINK_REFUSED, "code=name by=us ");
	logs(w, 2, LOG_LINK_REFUSED, "code=name by=peer ");
	for (unsigned i = 1; i <= 2; i++) {
		ck_assert_uint_eq(world_logged(w, i, LOG_LINK_UP), 0);
		ck_assert_uint_eq(world_logged(w, i, LOG_LINK_DOWN), 0);
	}
	ck_assert_ptr_nonnull(strstr(world_control(w, 2, "links"),
	    "why=closed by the peer: "));
	world_free(w);
}
END_TEST

START_TEST(both_logs_say_who_closed)
{
	struct world *w = played_node();
	unsigned p = played_sync(w);

	world_say(w, p, "ENTRY 002.50 9 1700000001000 * - 1");
	world_say(w, p, "+READY 002 50 002.example.org :played");
	played_is_refused(w, p, "gap");
	logs(w, 1, LOG_LINK_DOWN, "code=gap by=us ");
	ck_assert_ptr_nonnull(strstr(world_control(w, 1, "links"),
	    "why=closed by this server: "));
	p = played_sync(w);
	world_say(w, p, "ERROR gap :an entry is missing");
	logs(w, 1, LOG_LINK_DOWN,
	    "code=gap by=peer reason=an entry is missing");
	world_free(w);
}
END_TEST

/*
 * Both ends measure when the HELLOs came. If both decided, each could close
 * another link. The lesser sid is played here, and closes none.
 */
START_TEST(greater_sid_closes_no_second_link)
{
	struct world *w = world_new(2);
	struct peer_settings *peer =
	    (struct peer_settings *)(uintptr_t)world_settings(w, 2)->peer;
	unsigned p, q;

	peer->naddress = 0;
	world_settings(w, 2)->alone_ms = 0;
	world_start(w, 2, 100);
	p = world_peer(w, 2);
	q = world_peer(w, 2);
	world_say(w, p,
	    "HELLO 1 001.50 1700000001000 001.example.org 77 :network=Test");
	world_say(w, p, "SYNC");
	world_say(w, q,
	    "HELLO 1 001.50 1700000001000 001.example.org 78 :network=Test");
	world_say(w, q, "SYNC");
	ck_assert(!world_is_closed(w, p));
	ck_assert(!world_is_closed(w, q));
	world_say(w, p, "ERROR duplicate :there is another link");
	ck_assert(!world_is_closed(w, q));
	ck_assert_uint_eq(world_logged(w, 2, LOG_SERVER_GONE), 0);
	world_free(w);
}
END_TEST

/*
 * Link states of 003 are passed on to 002, which does not take them: only the
 * bound holds them back. When the link is closed, 002 is not reachable any
 * more, and its users are hidden at once.
 */
START_TEST(too_much_unsent_closes_and_hides)
{
	struct world *w = played_node();
	unsigned p = played_sync(w), q = world_peer(w, 1), seen, i;
	char line[16000];
	int n;

	world_say(w, q, "HELLO 1 003.50 1700000001000 003.example.org 78 :");
	world_say(w, q, "SYNC");
	world_say(w, p, "ENTRY 002.50 1 1700000001000 * - 1");
	world_say(w, p, "+READY 002 50 002.example.org :played");
	world_say(w, p, "LSA 002.50 2 1700000001000 001,77,10 :002.50=1");
	seen = world_logged(w, 1, LOG_SERVER_SEEN);
	ck_assert_uint_eq(seen, 2);
	world_takes(w, p, false);
	world_takes(w, q, false);
	for (i = 1; i < 1000 && !world_is_closed(w, p); i++) {
		n = snprintf(line, sizeof(line), "LSA 003.50 %u 1700000001000",
		    i);
		for (int k = 0; k < 500; k++)
			n += snprintf(line + n, sizeof(line) - (size_t)n,
			    " 9AA,%d,4000000000", 100000000 + k);
		snprintf(line + n, sizeof(line) - (size_t)n, " :");
		world_say(w, q, line);
	}
	ck_assert(world_is_closed(w, p));
	ck_assert_uint_gt(i, 8 * 1024 * 1024 / sizeof(line));
	logs(w, 1, LOG_LINK_DOWN, "sid=002 address=127.0.0.1 code=slow by=us ");
	world_run(w, 1);
	ck_assert_uint_eq(world_logged(w, 1, LOG_SERVER_GONE), 1);
	world_free(w);
}
END_TEST

Suite *
ends_suite(void)
{
	Suite *s = suite_create("ends");
	TCase *t = unit_case("ends");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, linked_is_logged_when_the_link_is_up);
	tcase_add_test(t, link_that_the_peer_refuses_was_never_up);
	tcase_add_test(t, both_logs_say_who_refused);
	tcase_add_test(t, both_logs_say_who_closed);
	tcase_add_test(t, greater_sid_closes_no_second_link);
	tcase_add_test(t, too_much_unsent_closes_and_hides);
	suite_add_tcase(s, t);
	return s;
}
