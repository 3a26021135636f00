#include <stdlib.h>

#include "store/queue.h"
#include "unit/store/check_store.h"

static const unsigned char key[16];

static void
put(struct store_queue *q, const char *k, const char *text)
{
	store_queue_put(q, span_of(k), span_of(text), 0);
}

static void
is(const struct store_batch *b, size_t i, const char *k, const char *text)
{
	ck_assert_uint_lt(i, b->n);
	ck_assert(span_eq(b->v[i]->key, span_of(k)));
	ck_assert(span_eq(b->v[i]->text, span_of(text)));
}

START_TEST(last_change_of_a_key)
{
	struct store_queue q;
	struct store_batch b;

	store_queue_init(&q, key);
	put(&q, "a", "1");
	put(&q, "b", "2");
	store_queue_put(&q, SPAN("a"), SPAN_NONE, 77);
	ck_assert_uint_eq(store_queue_count(&q), 2);
	b = store_queue_take(&q, 10);
	ck_assert_uint_eq(b.n, 2);
	is(&b, 0, "b", "2");
	is(&b, 1, "a", "");
	ck_assert_int_eq(b.v[1]->gone_ms, 77);
	ck_assert_uint_eq(store_queue_count(&q), 0);
	store_batch_done(&b);
	b = store_queue_take(&q, 10);
	ck_assert_uint_eq(b.n, 0);
	store_queue_fini(&q);
}
END_TEST

START_TEST(batch_comes_back)
{
	struct store_queue q;
	struct store_batch b;

	store_queue_init(&q, key);
	put(&q, "a", "old");
	put(&q, "b", "2");
	put(&q, "c", "3");
	b = store_queue_take(&q, 2);
	ck_assert_uint_eq(b.n, 2);
	put(&q, "a", "new");
	store_batch_back(&q, &b);
	ck_assert_uint_eq(b.n, 0);
	b = store_queue_take(&q, 10);
	ck_assert_uint_eq(b.n, 3);
	is(&b, 0, "c", "3");
	is(&b, 1, "a", "new");
	is(&b, 2, "b", "2");
	store_batch_back(&q, &b);
	store_queue_fini(&q);
}
END_TEST

Suite *
queue_suite(void)
{
	Suite *s = suite_create("queue");
	TCase *tc = unit_case("queue");

	tcase_add_test(tc, last_change_of_a_key);
	tcase_add_test(tc, batch_comes_back);
	suite_add_tcase(s, tc);
	return s;
}
