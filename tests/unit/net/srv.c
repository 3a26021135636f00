/*
 * net/srv.h: the order of the servers of a service. The generator has a seed of
 * the test, so each count is always the same; the bounds say how far it may be
 * from what RFC 2782 wants.
 */
#include "net/srv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/net/check_net.h"

#define DRAWS 100000

static struct rng rng;
static struct dns_srv v[DNS_SRV_MAX];
static size_t n;

static void
up(void)
{
	rng_seed(&rng, 2782);
	n = 0;
}

static void
down(void)
{
}

/* Servers are told apart by their port. */
static void
add(unsigned priority, unsigned weight, unsigned port)
{
	v[n] = (struct dns_srv){ (uint16_t)priority, (uint16_t)weight,
		(uint16_t)port, "host.test" };
	snprintf(v[n].target, sizeof(v[n].target), "h%u.test", port);
	n++;
}

/* Order the servers anew, DRAWS times; count how often the server of each port
 * is the i-th. */
static void
draw(size_t i, unsigned count[10])
{
	struct dns_srv was[DNS_SRV_MAX];

	memset(count, 0, 10 * sizeof(*count));
	memcpy(was, v, sizeof(was));
	for (int k = 0; k < DRAWS; k++) {
		memcpy(v, was, sizeof(v));
		ck_assert_uint_eq(srv_order(v, n, &rng), n);
		ck_assert_uint_lt(v[i].port, 10);
		count[v[i].port]++;
	}
	memcpy(v, was, sizeof(v));
}

/* The count is the share of all draws, in thousandths, within 1 percent. */
static void
share_is(unsigned count, unsigned share)
{
	long want = (long)DRAWS * share / 1000;

	ck_assert_msg(labs((long)count - want) <= DRAWS / 100, "%u, not %ld",
	    count, want);
}

START_TEST(lesser_priorities_come_first)
{
	for (int i = 0; i < 100; i++) {
		n = 0;
		add(30, 65535, 3);
		add(10, 0, 1);
		add(20, 1, 2);
		add(65535, 65535, 4);
		ck_assert_uint_eq(srv_order(v, n, &rng), 4);
		for (unsigned k = 0; k < 4; k++) {
			ck_assert_uint_eq(v[k].port, k + 1);
			ck_assert_uint_eq(v[k].target[1], '1' + k);
		}
	}
}
END_TEST

START_TEST(weights_are_shares)
{
	unsigned count[10];

	add(10, 6000, 1);
	add(10, 3000, 2);
	add(10, 1000, 3);
	add(20, 60000, 4);
	draw(0, count);
	share_is(count[1], 600);
	share_is(count[2], 300);
	share_is(count[3], 100);
	ck_assert_uint_eq(count[4], 0);
	/* the second one is drawn among those that the first one has left */
	draw(1, count);
	share_is(count[1], 300 * 60 / 70 + 100 * 60 / 90);
	share_is(count[2], 600 * 30 / 40 + 100 * 30 / 90);
	share_is(count[3], 600 * 10 / 40 + 300 * 10 / 70);
	ck_assert_uint_eq(count[4], 0);
	draw(3, count);
	ck_assert_uint_eq(count[4], DRAWS);
}
END_TEST

START_TEST(a_server_without_weight_has_a_small_chance)
{
	unsigned count[10];

	add(10, 0, 1);
	add(10, 99, 2);
	draw(0, count);
	share_is(count[1], 10);
	ck_assert_uint_gt(count[1], 0);
	share_is(count[2], 990);
}
END_TEST

START_TEST(servers_without_weights_share)
{
	unsigned count[10];

	for (unsigned i = 1; i <= 4; i++)
		add(10, 0, i);
	for (unsigned place = 0; place < 4; place++) {
		draw(place, count);
		for (unsigned i = 1; i <= 4; i++)
			share_is(count[i], 250);
	}
}
END_TEST

START_TEST(great_weights_do_not_overflow)
{
	unsigned count[10];

	add(0, 60000, 1);
	add(0, 30000, 2);
	draw(0, count);
	share_is(count[1], 667);
	share_is(count[2], 333);
}
END_TEST

START_TEST(one_seed_gives_one_order)
{
	struct dns_srv first[DNS_SRV_MAX];

	for (int i = 0; i < 2; i++) {
		rng_seed(&rng, 7);
		n = 0;
		for (unsigned k = 1; k <= DNS_SRV_MAX; k++)
			add(k % 2, k, k);
		ck_assert_uint_eq(srv_order(v, n, &rng), n);
		if (i == 0)
			memcpy(first, v, sizeof(v));
	}
	ck_assert_mem_eq(first, v, sizeof(v));
}
END_TEST

START_TEST(servers_that_cannot_be_dialled)
{
	ck_assert_uint_eq(srv_order(v, 0, &rng), 0);
	add(0, 0, 0);
	strcpy(v[0].target, ".");
	ck_assert_uint_eq(srv_order(v, n, &rng), 0);
	/* "." beside others is a mistake, and so is a port of 0 */
	n = 0;
	add(1, 1, 1);
	add(0, 1, 2);
	strcpy(v[1].target, ".");
	add(0, 1, 0);
	add(2, 1, 3);
	ck_assert_uint_eq(srv_order(v, n, &rng), 2);
	ck_assert_uint_eq(v[0].port, 1);
	ck_assert_uint_eq(v[1].port, 3);
}
END_TEST

Suite *
srv_suite(void)
{
	Suite *s = suite_create("net/srv");
	TCase *t = unit_case("srv");

	tcase_add_checked_fixture(t, up, down);
	tcase_add_test(t, lesser_priorities_come_first);
	tcase_add_test(t, weights_are_shares);
	tcase_add_test(t, a_server_without_weight_has_a_small_chance);
	tcase_add_test(t, servers_without_weights_share);
	tcase_add_test(t, great_weights_do_not_overflow);
	tcase_add_test(t, one_seed_gives_one_order);
	tcase_add_test(t, servers_that_cannot_be_dialled);
	suite_add_tcase(s, t);
	return s;
}
