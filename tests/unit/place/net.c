#include "place/net.h"

#include "unit/place/check_place.h"

static struct place_net net;

static void
up(void)
{
	net_of(&net, 4);
	net.bound_rate = 110;
}

static void
down(void)
{
	place_net_fini(&net);
}

static bool
has_room(unsigned i, uint64_t rate)
{
	struct place_sum sum;

	place_sum_init(&sum, &net, rate);
	return place_has_room(&sum, &net.v[i]);
}

static void
load(unsigned i, uint32_t users, uint64_t rate)
{
	place_net_load(place_net_find(&net, sid_of(i)), users, rate, 0);
}

START_TEST(servers_stand_in_order)
{
	place_net_drop(&net, sid_of(1));
	place_net_drop(&net, sid_of(7));
	ck_assert_uint_eq(net.n, 3);
	ck_assert_ptr_null(place_net_find(&net, sid_of(1)));
	ck_assert_ptr_eq(place_net_find(&net, sid_of(2)), &net.v[1]);
	ck_assert(!place_net_get(&net, sid_of(1))->up);
	for (unsigned i = 0; i < 4; i++)
		ck_assert_uint_eq(number_of(net.v[i].sid), i);
}
END_TEST

START_TEST(there_are_not_too_many)
{
	for (unsigned i = 0; i < PLACE_SERVERS_MAX; i++)
		ck_assert_ptr_nonnull(place_net_get(&net, sid_of(i)));
	ck_assert_ptr_null(place_net_get(&net, sid_of(PLACE_SERVERS_MAX)));
	ck_assert_ptr_nonnull(place_net_get(&net, sid_of(0)));
	place_net_drop(&net, sid_of(0));
	ck_assert_ptr_nonnull(place_net_get(&net, sid_of(PLACE_SERVERS_MAX)));
}
END_TEST

START_TEST(a_tenth_more_than_its_share)
{
	for (unsigned i = 0; i < 4; i++)
		load(i, 1000, 0);
	load(0, 1099, 0); /* 4099 and one: a share of 1025, and 102 more */
	ck_assert(has_room(0, 0));
	load(0, 1126, 0);
	ck_assert(has_room(0, 0));
	load(0, 1200, 0); /* 4201: a bound of 1155 */
	ck_assert(!has_room(0, 0));
	ck_assert(has_room(1, 0));
}
END_TEST

START_TEST(one_more_in_a_small_network)
{
	ck_assert(has_room(0, 0));
	load(0, 1, 0); /* a share of less than one, and one */
	ck_assert(!has_room(0, 0));
	ck_assert(has_room(1, 0));
	load(1, 1, 0);
	load(2, 1, 0);
	ck_assert(has_room(0, 0)); /* four: each one, and one more */
}
END_TEST

START_TEST(lines_count_as_people_do)
{
	for (unsigned i = 0; i < 4; i++)
		load(i, 1000, 1000000);
	ck_assert(has_room(0, 50000));
	load(0, 1000, 1200000);
	ck_assert(!has_room(0, 2000));
	ck_assert(!has_room(0, PLACE_RATE_UNKNOWN));
	ck_assert(has_room(1, PLACE_RATE_UNKNOWN));
	/* a share, and three who read as much as the one who comes */
	ck_assert(has_room(1, 1000000));
	load(1, 1000, 1300000);
	ck_assert(has_room(1, 200000));
	ck_assert(!has_room(1, 50000));
}
END_TEST

/* The mean is 1000, and 2000 at the end. */
START_TEST(lines_keep_nobody_out_who_reads_little)
{
	for (unsigned i = 0; i < 4; i++)
		load(i, 1000, 1000000);
	load(0, 1000, 2000000);
	load(1, 1000, 0);
	ck_assert(has_room(0, 0));
	ck_assert(has_room(0, 990));
	ck_assert(!has_room(0, 1010));
	load(1, 1000, 4000000);
	ck_assert(has_room(0, 1990));
	load(0, 2000, 2000000); /* the bound of people is for all */
	ck_assert(!has_room(0, 0));
}
END_TEST

START_TEST(bounds_are_hundredths)
{
	for (unsigned i = 0; i < 4; i++)
		load(i, 1000, 1000000);
	load(0, 1250, 1000000);
	ck_assert(!has_room(0, 0));
	net.bound_users = 130;
	ck_assert(has_room(0, 0));
	load(0, 1000, 1300000);
	ck_assert(!has_room(0, 2000));
	net.bound_rate = 140;
	ck_assert(has_room(0, 2000));
}
END_TEST

START_TEST(a_greater_weight_has_more_room)
{
	for (unsigned i = 0; i < 4; i++)
		load(i, 1000, 0);
	net.v[0].weight = 2 * PLACE_WEIGHT;
	ck_assert(has_room(0, 0));
	load(0, 1800, 0);
	ck_assert(has_room(0, 0));
	ck_assert(has_room(1, 0));
	load(1, 1100, 0);
	ck_assert(!has_room(1, 0));
}
END_TEST

START_TEST(weights_are_within_limits)
{
	net.v[0].weight = 0;
	ck_assert_uint_eq(place_weight(&net.v[0]), 1);
	net.v[0].weight = UINT16_MAX;
	ck_assert_uint_eq(place_weight(&net.v[0]), PLACE_WEIGHT_MAX);
	for (unsigned i = 0; i < PLACE_SERVERS_MAX; i++) {
		struct place_server *s = place_net_get(&net, sid_of(i));

		s->up = true;
		s->weight = UINT16_MAX;
		place_net_load(s, UINT32_MAX, UINT64_MAX, 0);
	}
	ck_assert(has_room(3, UINT64_MAX - 1));
	ck_assert(has_room(3, 1));
	load(3, UINT32_MAX / 2, UINT64_MAX);
	ck_assert(has_room(3, 1));
	ck_assert(has_room(2, 1));
}
END_TEST

START_TEST(closed_servers_have_no_share)
{
	for (unsigned i = 0; i < 4; i++)
		load(i, 1000, 0);
	net.v[3].draining = true;
	net.v[2].full = true;
	place_net_down(&net.v[1]);
	for (unsigned i = 1; i < 4; i++)
		ck_assert(!place_is_open(&net.v[i]));
	ck_assert(place_is_open(&net.v[0]));
	load(0, 100000, 0);
	ck_assert(has_room(0, 0));
}
END_TEST

START_TEST(reservations_count)
{
	for (unsigned i = 0; i < 4; i++)
		load(i, 1000, 1000000);
	for (unsigned i = 0; i < 200; i++)
		place_sent_add(&net.v[0].sent, 10, at_ms(0));
	ck_assert(!has_room(0, 0));
	place_net_load(&net.v[0], 1000, 1000000, 190);
	ck_assert(has_room(0, 0));
	place_net_load(&net.v[0], 1200, 1000000, 200);
	ck_assert(!has_room(0, 0));
	for (unsigned i = 0; i < 100; i++)
		place_sent_add(&net.v[1].sent, 10000, at_ms(0));
	ck_assert(!has_room(1, 2000));
	place_net_down(&net.v[1]);
	net.v[1].up = true;
	ck_assert(has_room(1, 2000));
}
END_TEST

Suite *
net_suite(void)
{
	Suite *s = suite_create("net");
	TCase *tc = unit_case("net");

	tcase_add_checked_fixture(tc, up, down);
	tcase_add_test(tc, servers_stand_in_order);
	tcase_add_test(tc, there_are_not_too_many);
	tcase_add_test(tc, a_tenth_more_than_its_share);
	tcase_add_test(tc, one_more_in_a_small_network);
	tcase_add_test(tc, lines_count_as_people_do);
	tcase_add_test(tc, lines_keep_nobody_out_who_reads_little);
	tcase_add_test(tc, bounds_are_hundredths);
	tcase_add_test(tc, a_greater_weight_has_more_room);
	tcase_add_test(tc, weights_are_within_limits);
	tcase_add_test(tc, closed_servers_have_no_share);
	tcase_add_test(tc, reservations_count);
	suite_add_tcase(s, tc);
	return s;
}
