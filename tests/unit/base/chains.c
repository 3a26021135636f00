/* base/chains.h: items are found, and the table is as large as they need. */
#include "base/chains.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>

#include "base/rng.h"
#include "unit/base/check_base.h"

#define MANY 3000

struct item {
	uint32_t number; /* the key */
	bool in;
	void *next;
};

static struct item item[MANY];
static const unsigned char seed[SIPHASH_KEY] = "0123456789abcde";

static struct span
key_of(uint32_t i)
{
	return span_make(&item[i].number, sizeof(item[i].number));
}

static struct span
item_key(const void *p, char buf[CHAINS_KEY_MAX])
{
	const struct item *i = p;

	memcpy(buf, &i->number, sizeof(i->number));
	return span_make(buf, sizeof(i->number));
}

static bool
item_is(const void *p, struct span key)
{
	const struct item *i = p;

	return span_eq(key_of(i->number), key);
}

static const struct chains_type items = { item_key, item_is };

static void
begin(struct chains *c)
{
	chains_init(c, &items, offsetof(struct item, next), seed);
	for (uint32_t i = 0; i < MANY; i++)
		item[i] = (struct item){ .number = i };
}

static void
put(struct chains *c, uint32_t i)
{
	chains_put(c, &item[i]);
	item[i].in = true;
}

static void
del(struct chains *c, uint32_t i)
{
	ck_assert_ptr_eq(chains_del(c, key_of(i)), &item[i]);
	item[i].in = false;
}

static void
compare(const struct chains *c)
{
	size_t n = 0;

	for (uint32_t i = 0; i < MANY; i++) {
		n += item[i].in;
		ck_assert_ptr_eq(chains_find(c, key_of(i)),
		    item[i].in ? &item[i] : NULL);
	}
	ck_assert_uint_eq(chains_count(c), n);
}

START_TEST(empty_table_allocates_nothing)
{
	struct chains c;

	begin(&c);
	ck_assert_ptr_null(chains_find(&c, SPAN("a")));
	ck_assert_ptr_null(chains_del(&c, SPAN("a")));
	ck_assert_ptr_null(c.segment);
	chains_fini(&c);
}
END_TEST

START_TEST(puts_and_deletes_in_any_order)
{
	struct chains c;
	struct rng r;
	uint32_t i;

	begin(&c);
	rng_seed(&r, 7);
	for (unsigned k = 0; k < 20 * MANY; k++) {
		/* first more come than go, then more go */
		i = (uint32_t)rng_below(&r, k < 10 * MANY ? MANY : MANY / 20);
		if (item[i].in)
			del(&c, i);
		else
			put(&c, i);
		if (k % MANY == 0)
			compare(&c);
	}
	for (i = 0; i < MANY; i++)
		if (item[i].in)
			del(&c, i);
	compare(&c);
	chains_fini(&c);
}
END_TEST

/* The chains have three items each while items come, and one while they go. */
START_TEST(table_follows_the_number_of_items)
{
	struct chains c;

	begin(&c);
	for (uint32_t i = 0; i < MANY; i++) {
		put(&c, i);
		ck_assert_uint_le(c.nchain, c.n / 3 + 1);
		ck_assert_uint_ge(c.nchain + 1, c.n / 3);
		ck_assert_uint_le(c.nsegment, c.nchain / 64 + 1);
	}
	compare(&c);
	for (uint32_t i = 0; i < MANY; i++) {
		del(&c, i);
		ck_assert_uint_le(c.nchain, c.n + 1);
		ck_assert_uint_le(c.nsegment, c.nchain / 64 + 2);
	}
	compare(&c);
	chains_fini(&c);
}
END_TEST

START_TEST(same_key_twice_aborts)
{
	struct chains c;

	begin(&c);
	put(&c, 1);
	item[2].number = 1;
	put(&c, 2);
}
END_TEST

Suite *
chains_suite(void)
{
	Suite *s = suite_create("chains");
	TCase *t = unit_case("chains");

	tcase_add_test(t, empty_table_allocates_nothing);
	tcase_add_test(t, puts_and_deletes_in_any_order);
	tcase_add_test(t, table_follows_the_number_of_items);
	tcase_add_test_raise_signal(t, same_key_twice_aborts, SIGABRT);
	suite_add_tcase(s, t);
	return s;
}
