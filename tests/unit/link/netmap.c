/*
 * link/map/netmap.h: which link state counts, and which servers are reachable.
 */
#include "link/map/netmap.h"

#include "unit/link/check_link.h"

struct says {
	const char *peer; /* NULL ends the list */
	uint64_t instance;
};

static bool
take(struct netmap *map, const char *o, uint64_t lseq, const struct says *edge)
{
	struct lsa lsa = { .o = origin_of(o), .lseq = lseq };
	bool taken;

	for (; edge->peer != NULL; edge++)
		lsa_edge(&lsa, (struct edge){ .peer = sid_of(edge->peer),
				   .instance = edge->instance });
	taken = netmap_take(map, &lsa);
	lsa_fini(&lsa);
	return taken;
}

#define EDGES(...)              \
	(const struct says[])   \
	{                       \
		__VA_ARGS__,    \
		{               \
			NULL, 0 \
		}               \
	}
#define NO_EDGES                \
	(const struct says[])   \
	{                       \
		{               \
			NULL, 0 \
		}               \
	}

static const struct map_server *
look(struct netmap *map, const char *sid)
{
	const struct map_server *s;

	netmap_search(map, sid_of("001"));
	s = netmap_find(map, sid_of(sid));
	ck_assert_ptr_nonnull(s);
	return s;
}

START_TEST(newest_wins_by_inc_then_lseq)
{
	struct netmap map;

	netmap_init(&map);
	ck_assert(take(&map, "002.5", 7, NO_EDGES));
	ck_assert(!take(&map, "002.5", 7, NO_EDGES));
	ck_assert(!take(&map, "002.5", 6, NO_EDGES));
	ck_assert(!take(&map, "002.4", 9, NO_EDGES));
	ck_assert(take(&map, "002.5", 8, NO_EDGES));
	ck_assert(take(&map, "002.6", 1, NO_EDGES));
	ck_assert_uint_eq(map.n, 1);
	ck_assert_uint_eq(map.v[0].lsa.o.inc, 6);
	netmap_fini(&map);
}
END_TEST

START_TEST(edge_needs_both_ends_and_one_instance)
{
	struct netmap map;

	netmap_init(&map);
	take(&map, "001.1", 1, EDGES({ "002", 10 }));
	take(&map, "002.1", 1, NO_EDGES);
	ck_assert(!look(&map, "002")->reachable);
	take(&map, "002.1", 2, EDGES({ "001", 11 }));
	ck_assert(!look(&map, "002")->reachable);
	take(&map, "002.1", 3, EDGES({ "001", 11 }, { "001", 10 }));
	ck_assert(look(&map, "002")->reachable);
	ck_assert_uint_eq(look(&map, "002")->hops, 1);
	netmap_fini(&map);
}
END_TEST

START_TEST(ways_through_a_line)
{
	struct netmap map;

	netmap_init(&map);
	take(&map, "004.1", 1, EDGES({ "003", 34 }));
	take(&map, "001.1", 1, EDGES({ "002", 12 }));
	take(&map, "003.1", 1, EDGES({ "002", 23 }, { "004", 34 }));
	take(&map, "002.1", 1, EDGES({ "001", 12 }, { "003", 23 }));
	ck_assert_uint_eq(look(&map, "001")->hops, 0);
	ck_assert_uint_eq(look(&map, "004")->hops, 3);
	ck_assert_str_eq(look(&map, "004")->uplink.s, "003");
	ck_assert_str_eq(look(&map, "004")->next.s, "002");
	ck_assert_str_eq(look(&map, "002")->uplink.s, "001");
	take(&map, "002.1", 2, EDGES({ "001", 12 }));
	ck_assert(look(&map, "002")->reachable);
	ck_assert(!look(&map, "003")->reachable);
	ck_assert(!look(&map, "004")->reachable);
	ck_assert_str_eq(look(&map, "004")->next.s, "");
	netmap_fini(&map);
}
END_TEST

START_TEST(shortest_way_and_least_sid)
{
	struct netmap map;

	netmap_init(&map);
	take(&map, "001.1", 1, EDGES({ "002", 12 }, { "003", 13 }));
	take(&map, "002.1", 1, EDGES({ "001", 12 }, { "004", 24 }));
	take(&map, "003.1", 1, EDGES({ "001", 13 }, { "004", 34 }));
	take(&map, "004.1", 1, EDGES({ "002", 24 }, { "003", 34 }));
	ck_assert_uint_eq(look(&map, "004")->hops, 2);
	ck_assert_str_eq(look(&map, "004")->next.s, "002");
	take(&map, "002.1", 2, EDGES({ "001", 12 }));
	ck_assert_str_eq(look(&map, "004")->next.s, "003");
	netmap_fini(&map);
}
END_TEST

/* 001 - 002 = 003, and 002 - 004 - 005, 004 - 006 - 005 - 004: a chain with two
 * rings; 007 is not reachable. */
static void
make_rings(struct netmap *map)
{
	netmap_init(map);
	take(map, "001.1", 1, EDGES({ "002", 1 }));
	take(map, "002.1", 1,
	    EDGES({ "001", 1 }, { "003", 2 }, { "003", 3 }, { "004", 4 }));
	take(map, "003.1", 1, EDGES({ "002", 2 }, { "002", 3 }));
	take(map, "004.1", 1, EDGES({ "006", 7 }, { "002", 4 }, { "005", 5 }));
	take(map, "005.1", 1, EDGES({ "004", 5 }, { "006", 6 }));
	take(map, "006.1", 1, EDGES({ "005", 6 }, { "004", 7 }));
	take(map, "007.1", 1, EDGES({ "006", 8 }));
}

/* Count the servers that are reached from 001 and not hidden. */
static size_t
count_without(const struct netmap *map, const bool *gone, const bool *hidden)
{
	bool reached[7];
	size_t n = 0;

	ck_assert_uint_eq(map->n, 7);
	netmap_reach_without(map, sid_of("001"), gone, reached);
	for (unsigned i = 0; i < 7; i++)
		n += reached[i] && !hidden[i];
	return n;
}

START_TEST(only_way_counts_what_a_search_without_it_loses)
{
	static const unsigned want[] = { 0, 4, 0, 2, 0, 0, 0 };
	bool gone[7] = { false }, hidden[7] = { false };
	struct sid self = sid_of("001");
	struct netmap map;

	make_rings(&map);
	netmap_search(&map, self);
	netmap_find_only_ways(&map, self);
	ck_assert_uint_eq(count_without(&map, gone, hidden), 6);
	for (unsigned i = 0; i < 7; i++) {
		ck_assert_msg(map.v[i].only_way == want[i], "%u: %u", i,
		    map.v[i].only_way);
		if (i == 0 || i == 6)
			continue;
		gone[i] = true;
		ck_assert_uint_eq(count_without(&map, gone, hidden),
		    6 - 1 - want[i]);
		gone[i] = false;
	}
	hidden[1] = hidden[2] = gone[4] = gone[5] = true;
	ck_assert_uint_eq(count_without(&map, gone, hidden), 2);
	netmap_fini(&map);
}
END_TEST

START_TEST(unknown_ends_are_passed_over)
{
	struct netmap map;

	netmap_init(&map);
	take(&map, "001.1", 1, EDGES({ "009", 1 }, { "001", 2 }));
	ck_assert(look(&map, "001")->reachable);
	ck_assert_ptr_null(netmap_find(&map, sid_of("009")));
	netmap_fini(&map);
}
END_TEST

Suite *
netmap_suite(void)
{
	Suite *s = suite_create("netmap");
	TCase *t = unit_case("netmap");

	tcase_add_test(t, newest_wins_by_inc_then_lseq);
	tcase_add_test(t, edge_needs_both_ends_and_one_instance);
	tcase_add_test(t, ways_through_a_line);
	tcase_add_test(t, shortest_way_and_least_sid);
	tcase_add_test(t, only_way_counts_what_a_search_without_it_loses);
	tcase_add_test(t, unknown_ends_are_passed_over);
	suite_add_tcase(s, t);
	return s;
}
