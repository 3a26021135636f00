#include <stdio.h>
#include <string.h>

#include "unit/broker/check_broker.h"

START_TEST(members_link_and_are_sent_one_datagram)
{
	struct rig *r = rig_linked(4, 1);
	size_t before;

	rig_run(r, 2000);
	before = r->published[0];
	rig_send(r, 0, 0xe, "hello all\r\n");
	ck_assert_uint_eq(r->published[0], before + 1);
	rig_run(r, 10);
	for (unsigned i = 1; i < 4; i++) {
		rig_expect(r, i, 0, "hello all\n");
		ck_assert_uint_eq(r->link[i][0].also, 0xe & ~(1u << i));
	}
	ck_assert_uint_eq(r->link[0][1].taken, 11);
	rig_free(r);
}
END_TEST

START_TEST(a_line_of_its_own_before_does_not_cost_a_copy)
{
	struct rig *r = rig_linked(4, 1);
	const struct bus_counts *c = bus_counts(r->bus[0]);
	struct rcbuf *own = rcbuf_new(SPAN("ACK 5\r\n"));
	struct rcbuf *same = rcbuf_new(SPAN("for all\r\n"));
	uint64_t before = c->bytes;

	bus_send(r->bus[0], rig_slot(r, 0, 2), own);
	for (unsigned k = 1; k < 4; k++)
		bus_send(r->bus[0], rig_slot(r, 0, k), same);
	rcbuf_unref(own);
	rcbuf_unref(same);
	rig_send(r, 0, 0, "");
	ck_assert_uint_eq(c->bytes - before, 7 + 9);
	rig_run(r, 10);
	rig_expect(r, 1, 0, "for all\n");
	rig_expect(r, 2, 0, "ACK 5\nfor all\n");
	ck_assert_uint_eq(r->link[2][0].also, 0xa);
	rig_free(r);
}
END_TEST

START_TEST(equal_lines_in_different_buffers_leave_once)
{
	struct rig *r = rig_linked(3, 1);
	const struct bus_counts *c = bus_counts(r->bus[0]);
	uint64_t before = c->bytes;

	for (unsigned k = 1; k < 3; k++) {
		struct rcbuf *buf = rcbuf_new(SPAN("DIGEST\r\n"));

		bus_send(r->bus[0], rig_slot(r, 0, k), buf);
		rcbuf_unref(buf);
	}
	rig_send(r, 0, 0, "");
	ck_assert_uint_eq(c->bytes - before, 8);
	rig_free(r);
}
END_TEST

/* Each server says a hundred lines to all, under a broker that loses, doubles
 * and delays. */
static void
talk(struct rig *r)
{
	char line[64], text[8192];
	size_t n;

	for (unsigned k = 0; k < 100; k++) {
		for (unsigned i = 0; i < r->n; i++) {
			snprintf(line, sizeof(line), "line %u of %u\r\n", k, i);
			rig_send(r, i, (1u << r->n) - 1, line);
		}
		rig_run(r, 20);
	}
	rig_run(r, 20000);
	for (unsigned i = 0; i < r->n; i++)
		for (unsigned other = 0; other < r->n; other++) {
			if (i == other)
				continue;
			for (unsigned k = n = 0; k < 100; k++)
				n +=
				    (size_t)snprintf(text + n, sizeof(text) - n,
					"line %u of %u\n", k, other);
			rig_expect(r, i, other, text);
			ck_assert_uint_eq(r->link[i][other].opened, 1);
		}
}

START_TEST(a_bad_broker_only_costs_time)
{
	struct rig *r = rig_new(4, (uint64_t)_i);

	r->drops = (unsigned)_i % 3 * 15;
	r->doubles = (unsigned)_i % 4 * 20;
	r->delays = 30;
	rig_dial_all(r);
	rig_run(r, 20000);
	talk(r);
	rig_free(r);
}
END_TEST

START_TEST(much_is_sent_in_small_datagrams)
{
	static char line[12001], text[80 * 12000];
	struct rig *r = rig_new(3, 7);

	r->datagram_max = BUS_DATAGRAM_MIN;
	for (unsigned i = 0; i < 3; i++)
		rig_start(r, i, 2);
	rig_dial_all(r);
	rig_run(r, 3000);
	r->drops = 5;
	memset(line, 'x', sizeof(line) - 1);
	memcpy(line + 11998, "\r\n", 2);
	for (unsigned k = 0; k < 50; k++)
		rig_send(r, 0, 6, line);
	rig_run(r, 30000);
	ck_assert_uint_eq(r->link[1][0].n, 50 * 11999);
	ck_assert_uint_eq(r->link[2][0].n, 50 * 11999);
	ck_assert_uint_eq(r->link[0][1].taken, 50 * 12000);
	(void)text;
	rig_free(r);
}
END_TEST

START_TEST(a_held_link_makes_the_other_side_wait)
{
	static char line[10001];
	struct rig *r = rig_linked(3, 3);

	memset(line, 'x', sizeof(line) - 1);
	memcpy(line + 9998, "\r\n", 2);
	bus_hold(r->bus[1], rig_slot(r, 1, 0), true);
	for (unsigned k = 0; k < 100; k++) {
		rig_send(r, 0, 6, line);
		rig_run(r, 10);
	}
	rig_run(r, 2000);
	ck_assert_uint_eq(r->link[1][0].n, 0);
	ck_assert_uint_eq(r->link[2][0].n, 100 * 9999);
	ck_assert_uint_le(r->link[0][1].taken, 262144);
	ck_assert_uint_eq(r->link[0][2].taken, 100 * 10000);
	bus_hold(r->bus[1], rig_slot(r, 1, 0), false);
	rig_send(r, 1, 0, "");
	rig_run(r, 2000);
	ck_assert_uint_eq(r->link[1][0].n, 100 * 9999);
	rig_free(r);
}
END_TEST

START_TEST(the_end_of_a_link_comes_behind_its_lines)
{
	struct rig *r = rig_linked(2, 4);

	r->drops = 40;
	rig_send(r, 0, 2, "ERROR stop :bye\r\n");
	bus_close(r->bus[0], rig_slot(r, 0, 1),
	    (struct mono){ r->ms * NS_PER_MS });
	r->link[0][1].open = false;
	rig_send(r, 0, 0, "");
	rig_run(r, 2900);
	rig_expect(r, 1, 0, "ERROR stop :bye\n");
	ck_assert(!r->link[1][0].open);
	ck_assert_uint_eq(r->link[0][1].closed, 0);
	r->drops = 0;
	rig_dial_all(r);
	rig_run(r, 1000);
	ck_assert(r->link[0][1].open && r->link[1][0].open);
	rig_send(r, 1, 1, "again\r\n");
	rig_run(r, 10);
	rig_expect(r, 0, 1, "again\n");
	rig_free(r);
}
END_TEST

START_TEST(a_new_run_ends_the_link_of_the_old_one)
{
	struct rig *r = rig_linked(3, 5);

	rig_start(r, 0, 2);
	rig_run(r, 2000);
	ck_assert(!r->link[1][0].open && !r->link[2][0].open);
	ck_assert_uint_eq(r->link[1][0].closed, 1);
	ck_assert(r->link[1][2].open);
	for (unsigned k = 1; k < 3; k++)
		ck_assert(bus_dial(r->bus[0], rig_slot(r, 0, k), 100 + k,
		    (struct mono){ r->ms * NS_PER_MS }));
	rig_run(r, 1000);
	ck_assert(r->link[1][0].open && r->link[2][0].open);
	rig_free(r);
}
END_TEST

START_TEST(a_lost_broker_only_delays)
{
	struct rig *r = rig_linked(3, 6);

	bus_broker(r->bus[0], false, (struct mono){ r->ms * NS_PER_MS });
	rig_send(r, 0, 6, "while it is lost\r\n");
	rig_run(r, 2000);
	ck_assert_uint_eq(r->link[1][0].n, 0);
	bus_broker(r->bus[0], true, (struct mono){ r->ms * NS_PER_MS });
	rig_run(r, 100);
	rig_expect(r, 1, 0, "while it is lost\n");
	rig_expect(r, 2, 0, "while it is lost\n");
	rig_free(r);
}
END_TEST

START_TEST(a_link_is_asked_for_until_the_peer_is_back)
{
	struct rig *r = rig_new(2, 9);

	rig_run(r, 3000);
	r->deaf = 3;
	rig_dial_all(r);
	rig_run(r, 40000);
	ck_assert(!r->link[0][1].open);
	r->deaf = 0;
	rig_run(r, 12000);
	ck_assert(r->link[0][1].open && r->link[1][0].open);
	rig_free(r);
}
END_TEST

START_TEST(keys_that_are_used_up_are_made_anew)
{
	struct rig *r = rig_linked(2, 8);

	/* half a minute without a word: the keys are forgotten, too */
	r->deaf = 3;
	rig_run(r, 40000);
	ck_assert(!bus_is_present(r->bus[0], rig_slot(r, 0, 1)));
	r->deaf = 0;
	rig_run(r, 12000);
	ck_assert(bus_is_present(r->bus[0], rig_slot(r, 0, 1)));
	ck_assert(bus_is_present(r->bus[1], rig_slot(r, 1, 0)));
	rig_send(r, 0, 2, "still\r\n");
	rig_run(r, 3000);
	rig_expect(r, 1, 0, "still\n");
	rig_free(r);
}
END_TEST

Suite *
stream_suite(void)
{
	Suite *s = suite_create("stream");
	TCase *t = unit_case("stream");

	tcase_add_test(t, members_link_and_are_sent_one_datagram);
	tcase_add_test(t, a_line_of_its_own_before_does_not_cost_a_copy);
	tcase_add_test(t, equal_lines_in_different_buffers_leave_once);
	tcase_add_loop_test(t, a_bad_broker_only_costs_time, 0, 12);
	tcase_add_test(t, much_is_sent_in_small_datagrams);
	tcase_add_test(t, a_held_link_makes_the_other_side_wait);
	tcase_add_test(t, the_end_of_a_link_comes_behind_its_lines);
	tcase_add_test(t, a_new_run_ends_the_link_of_the_old_one);
	tcase_add_test(t, a_lost_broker_only_delays);
	tcase_add_test(t, a_link_is_asked_for_until_the_peer_is_back);
	tcase_add_test(t, keys_that_are_used_up_are_made_anew);
	suite_add_tcase(s, t);
	return s;
}
