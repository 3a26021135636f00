#include "base/map.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/rng.h"
#include "unit/base/check_base.h"

struct item {
	char name[8];
	unsigned int order;
	bool in;
};

#define MANY 2000

static struct span
item_key(const void *item)
{
	/* A hole has no key to ask for. */
	ck_assert_ptr_nonnull(item);
	return span_of(((const struct item *)item)->name);
}

static const unsigned char seed[SIPHASH_KEY] = "0123456789abcde";

static void
name_all(struct item *items, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		memset(&items[i], 0, sizeof(items[i]));
		items[i].name[0] = (char)('a' + i / 1000 % 10);
		items[i].name[1] = (char)('0' + i / 100 % 10);
		items[i].name[2] = (char)('0' + i / 10 % 10);
		items[i].name[3] = (char)('0' + i % 10);
		items[i].name[4] = (char)('0' + i / 10000);
	}
}

/* Make a map of the first n items, in order. */
static void
fill(struct map *m, struct item *items, unsigned int n)
{
	name_all(items, n);
	map_init(m, item_key, seed);
	for (unsigned int i = 0; i < n; i++)
		map_put(m, &items[i]);
}

START_TEST(empty_allocates_nothing)
{
	struct map m;
	size_t i = 0;

	map_init(&m, item_key, seed);
	ck_assert_ptr_null(map_find(&m, SPAN("a")));
	ck_assert_ptr_null(map_del(&m, SPAN("a")));
	ck_assert_ptr_null(map_next(&m, &i));
	ck_assert_uint_eq(map_count(&m), 0);
	ck_assert_ptr_null(m.entry);
	map_fini(&m);
}
END_TEST

START_TEST(puts_are_found_in_order)
{
	static struct item items[MANY];
	struct map m;
	struct item *it;
	unsigned int n = 0;

	fill(&m, items, MANY);
	ck_assert_uint_eq(map_count(&m), MANY);
	for (int i = 0; i < MANY; i++)
		ck_assert_ptr_eq(map_find(&m, item_key(&items[i])), &items[i]);
	ck_assert_ptr_null(map_find(&m, SPAN("zzz")));
	ck_assert_ptr_null(map_find(&m, SPAN("")));
	for (size_t i = 0; (it = map_next(&m, &i)) != NULL; n++)
		ck_assert_ptr_eq(it, &items[n]);
	ck_assert_uint_eq(n, MANY);
	map_fini(&m);
}
END_TEST

START_TEST(put_of_the_same_key_aborts)
{
	struct item a = { .name = "a" }, b = { .name = "a" };
	struct map m;

	close(STDERR_FILENO);
	map_init(&m, item_key, seed);
	map_put(&m, &a);
	map_put(&m, &b);
}
END_TEST

START_TEST(put_after_del_goes_to_the_end)
{
	struct item items[3];
	struct map m;
	size_t i = 0;

	fill(&m, items, 3);
	ck_assert_ptr_eq(map_del(&m, item_key(&items[0])), &items[0]);
	ck_assert_ptr_null(map_find(&m, item_key(&items[0])));
	ck_assert_ptr_null(map_del(&m, item_key(&items[0])));
	map_put(&m, &items[0]);
	ck_assert_ptr_eq(map_next(&m, &i), &items[1]);
	ck_assert_ptr_eq(map_next(&m, &i), &items[2]);
	ck_assert_ptr_eq(map_next(&m, &i), &items[0]);
	ck_assert_ptr_null(map_next(&m, &i));
	map_fini(&m);
}
END_TEST

START_TEST(order_does_not_depend_on_the_seed)
{
	static struct item items[MANY];
	static const unsigned char other[SIPHASH_KEY] = "another seed!!!";
	struct map m, k;
	struct item *it;
	size_t i = 0, j = 0;

	fill(&m, items, MANY);
	map_init(&k, item_key, other);
	for (int n = 0; n < MANY; n++)
		map_put(&k, &items[n]);
	while ((it = map_next(&m, &i)) != NULL)
		ck_assert_ptr_eq(map_next(&k, &j), it);
	ck_assert_ptr_null(map_next(&k, &j));
	map_fini(&m);
	map_fini(&k);
}
END_TEST

START_TEST(loop_may_delete_what_it_sees)
{
	static struct item items[MANY];
	struct map m;
	struct item *it;
	unsigned int n = 0;

	fill(&m, items, MANY);
	for (size_t i = 0; (it = map_next(&m, &i)) != NULL; n++) {
		ck_assert_ptr_eq(it, &items[n]);
		map_del(&m, item_key(it));
	}
	ck_assert_uint_eq(n, MANY);
	ck_assert_uint_eq(map_count(&m), 0);
	map_fini(&m);
}
END_TEST

START_TEST(loop_does_not_see_what_it_deleted)
{
	struct item items[5], *it;
	struct map m;
	unsigned int n = 0;

	fill(&m, items, 5);
	for (size_t i = 0; (it = map_next(&m, &i)) != NULL; n++) {
		if (it == &items[1])
			map_del(&m, item_key(&items[3]));
		ck_assert_ptr_ne(it, &items[3]);
	}
	ck_assert_uint_eq(n, 4);
	map_fini(&m);
}
END_TEST

/* The table is rebuilt several times during the loop, and the entries move. */
START_TEST(loop_sees_what_it_puts_and_skips_none)
{
	static struct item items[MANY];
	struct map m;
	struct item *it;
	unsigned int n = 0, put = 10;

	fill(&m, items, 10);
	name_all(items, MANY);
	for (size_t i = 0; (it = map_next(&m, &i)) != NULL; n++) {
		ck_assert_ptr_eq(it, &items[n]);
		if (n % 3 == 0)
			map_del(&m, item_key(it));
		for (int k = 0; k < 2 && put < MANY; k++)
			map_put(&m, &items[put++]);
	}
	ck_assert_uint_eq(n, MANY);
	map_fini(&m);
}
END_TEST

START_TEST(churn_does_not_grow)
{
	struct item items[10];
	struct map m;
	uint32_t size;

	fill(&m, items, 10);
	size = m.size;
	for (int i = 0; i < 100000; i++) {
		struct item *it = &items[i % 10];

		ck_assert_ptr_eq(map_del(&m, item_key(it)), it);
		map_put(&m, it);
	}
	ck_assert_uint_le(m.size, 2 * size);
	ck_assert_uint_eq(map_count(&m), 10);
	map_fini(&m);
}
END_TEST

START_TEST(room_grows_by_little)
{
	static struct item items[MANY];
	struct map m;

	fill(&m, items, MANY);
	ck_assert_uint_ge(m.room, m.used);
	ck_assert_uint_le(m.room, m.used + m.used / 8 + 8);
	for (int i = 0; i < MANY; i++)
		ck_assert_ptr_eq(map_find(&m, item_key(&items[i])), &items[i]);
	map_fini(&m);
}
END_TEST

START_TEST(shrinks_when_it_is_filled_again)
{
	static struct item items[MANY];
	struct map m;
	uint32_t size;

	fill(&m, items, MANY);
	size = m.size;
	for (int i = 1; i < MANY; i++)
		map_del(&m, item_key(&items[i]));
	for (int i = 1; i < MANY; i++) {
		map_put(&m, &items[i]);
		map_del(&m, item_key(&items[i]));
	}
	ck_assert_uint_lt(m.size, size / 16);
	ck_assert_ptr_eq(map_find(&m, item_key(&items[0])), &items[0]);
	map_fini(&m);
}
END_TEST

START_TEST(serial_numbers_begin_again)
{
	struct item items[5], *it;
	struct map m;
	unsigned int n = 0;

	name_all(items, 5);
	map_init(&m, item_key, seed);
	m.next = UINT32_MAX - 2;
	for (int i = 0; i < 5; i++)
		map_put(&m, &items[i]);
	ck_assert_uint_eq(m.next, 5);
	for (size_t i = 0; (it = map_next(&m, &i)) != NULL; n++)
		ck_assert_ptr_eq(it, &items[n]);
	ck_assert_uint_eq(n, 5);
	map_fini(&m);
}
END_TEST

/* The model has for each item a flag and the order of its last put. */
START_TEST(random_walk_matches_a_model)
{
	static struct item items[300];
	const unsigned int n = sizeof(items) / sizeof(items[0]);
	unsigned int clock = 0, count = 0;
	struct map m;
	struct rng rng;

	name_all(items, n);
	map_init(&m, item_key, seed);
	rng_seed(&rng, 5);
	for (int step = 0; step < 50000; step++) {
		/*
		 * The limit lets the map go back and forth between few and many
		 * items.
		 */
		unsigned int limit = step / 5000 % 2 ? n : 20;
		struct item *it = &items[rng_below(&rng, limit)];

		ck_assert_ptr_eq(map_find(&m, item_key(it)),
		    it->in ? it : NULL);
		if (it->in) {
			ck_assert_ptr_eq(map_del(&m, item_key(it)), it);
			count--;
		} else {
			map_put(&m, it);
			it->order = clock++;
			count++;
		}
		it->in = !it->in;
		ck_assert_uint_eq(map_count(&m), count);
		if (step % 100 == 0) {
			struct item *last = NULL;
			unsigned int seen = 0;

			for (size_t i = 0; (it = map_next(&m, &i)) != NULL;
			     seen++) {
				ck_assert(it->in);
				ck_assert(last == NULL ||
					  last->order < it->order);
				last = it;
			}
			ck_assert_uint_eq(seen, count);
		}
	}
	map_fini(&m);
}
END_TEST

/* Check that the map has the items that are in, oldest first, and no others. */
static void
check_all(const struct map *m, struct item *items, unsigned int n)
{
	struct item *it, *last = NULL;
	unsigned int seen = 0, in = 0;

	for (unsigned int i = 0; i < n; i++) {
		in += items[i].in;
		ck_assert_ptr_eq(map_find(m, item_key(&items[i])),
		    items[i].in ? &items[i] : NULL);
	}
	for (size_t i = 0; (it = map_next(m, &i)) != NULL; seen++) {
		ck_assert(it->in);
		ck_assert(last == NULL || last->order < it->order);
		last = it;
	}
	ck_assert_uint_eq(seen, in);
	ck_assert_uint_eq(map_count(m), in);
}

#define LARGE 50000

static void
put_next(struct map *m, struct item *items, unsigned int *n)
{
	ck_assert_uint_lt(*n, LARGE);
	map_put(m, &items[*n]);
	items[*n].in = true;
	items[*n].order = *n;
	++*n;
}

/* Delete one item out of 64, from the first one on. */
static void
del_some(struct map *m, struct item *items, unsigned int n, unsigned int first)
{
	for (unsigned int i = first; i < n; i += 64) {
		ck_assert_ptr_eq(map_del(m, item_key(&items[i])), &items[i]);
		items[i].in = false;
	}
}

START_TEST(a_large_table_grows_bit_by_bit)
{
	static struct item items[LARGE];
	unsigned int n = 0, turns = 0, began;
	struct item *it;
	struct map m;

	name_all(items, LARGE);
	map_init(&m, item_key, seed);
	while (m.growth == NULL)
		put_next(&m, items, &n);
	began = n;
	check_all(&m, items, n);
	del_some(&m, items, n, 1);
	check_all(&m, items, n);
	/* a loop that deletes, and puts while entries move */
	for (size_t i = 0; (it = map_next(&m, &i)) != NULL && it->order < began;
	     turns++) {
		ck_assert(it->in);
		if (turns % 100 == 0)
			put_next(&m, items, &n);
		if (turns % 70 == 0) {
			ck_assert_ptr_eq(map_del(&m, item_key(it)), it);
			it->in = false;
		}
	}
	ck_assert_uint_eq(turns, began - (began + 62) / 64);
	ck_assert_ptr_nonnull(m.growth);
	check_all(&m, items, n);
	while (m.growth != NULL)
		put_next(&m, items, &n);
	/* no more than every eighth insertion was needed, and each of them
	 * moved few */
	ck_assert_uint_le(n - began, began / 8 + 1);
	ck_assert_uint_ge(n - began, began / 16);
	check_all(&m, items, n);
	/* the map ends while it grows */
	while (m.growth == NULL)
		put_next(&m, items, &n);
	map_fini(&m);
	ck_assert_ptr_null(map_find(&m, item_key(&items[0])));
	map_put(&m, &items[0]);
	map_fini(&m);
}
END_TEST

/* Few items are left of many: they move to a small table in time. */
START_TEST(a_large_table_shrinks_bit_by_bit)
{
	static struct item items[LARGE];
	unsigned int n = 0, first;
	struct map m;

	name_all(items, LARGE);
	map_init(&m, item_key, seed);
	while (m.growth == NULL || n < 20000)
		put_next(&m, items, &n);
	for (first = 0; first < n - 10; first++) {
		(void)map_del(&m, item_key(&items[first]));
		items[first].in = false;
	}
	while (m.size > 64 && n < LARGE) {
		put_next(&m, items, &n);
		(void)map_del(&m, item_key(&items[first]));
		items[first++].in = false;
	}
	check_all(&m, items, n);
	for (unsigned int k = 0; k < 200; k++)
		put_next(&m, items, &n);
	check_all(&m, items, n);
	map_fini(&m);
}
END_TEST

/* Deletions alone give the memory of a large table back. A loop that deletes
 * sees all others meanwhile, and no deletion moves many. */
START_TEST(a_large_table_shrinks_without_insertions)
{
	static struct item items[LARGE];
	unsigned int n = 0, seen = 0, moves = 0;
	struct item *it;
	struct map m;

	name_all(items, LARGE);
	map_init(&m, item_key, seed);
	while (m.growth != NULL || n < 20000)
		put_next(&m, items, &n);
	for (size_t i = 0; (it = map_next(&m, &i)) != NULL; seen++) {
		ck_assert(it->in);
		if (it->order % 1000 == 0)
			continue;
		(void)map_del(&m, item_key(it));
		it->in = false;
		moves += m.growth != NULL;
	}
	ck_assert_uint_eq(seen, n);
	ck_assert_uint_gt(moves, n / 64);
	check_all(&m, items, n);
	ck_assert_ptr_null(m.growth);
	ck_assert_uint_le(m.size, 8192);
	ck_assert_uint_le(m.room, 4 * 4096);
	map_fini(&m);
}
END_TEST

Suite *
map_suite(void)
{
	Suite *s = suite_create("base/map");
	TCase *t = unit_case("map");

	tcase_add_test(t, empty_allocates_nothing);
	tcase_add_test(t, puts_are_found_in_order);
	tcase_add_test_raise_signal(t, put_of_the_same_key_aborts, SIGABRT);
	tcase_add_test(t, put_after_del_goes_to_the_end);
	tcase_add_test(t, order_does_not_depend_on_the_seed);
	tcase_add_test(t, loop_may_delete_what_it_sees);
	tcase_add_test(t, loop_does_not_see_what_it_deleted);
	tcase_add_test(t, loop_sees_what_it_puts_and_skips_none);
	tcase_add_test(t, churn_does_not_grow);
	tcase_add_test(t, room_grows_by_little);
	tcase_add_test(t, shrinks_when_it_is_filled_again);
	tcase_add_test(t, serial_numbers_begin_again);
	tcase_add_test(t, random_walk_matches_a_model);
	tcase_add_test(t, a_large_table_grows_bit_by_bit);
	tcase_add_test(t, a_large_table_shrinks_bit_by_bit);
	tcase_add_test(t, a_large_table_shrinks_without_insertions);
	suite_add_tcase(s, t);
	return s;
}
