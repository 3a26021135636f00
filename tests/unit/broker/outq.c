#include "broker/outq.h"

#include "unit/broker/check_broker.h"

static void
add(struct outq *q, const char *text)
{
	struct rcbuf *buf = rcbuf_new(span_of(text));

	outq_add(q, buf);
	rcbuf_unref(buf);
}

static void
expect(const struct outq *q, const char *text)
{
	const struct rcbuf *buf;

	ck_assert(span_eq(outq_waiting(q, 0, &buf), span_of(text)));
}

START_TEST(bytes_are_kept_until_they_are_got)
{
	const struct rcbuf *buf;
	struct outq q;

	outq_init(&q);
	q.limit = 100;
	add(&q, "abcd");
	add(&q, "efgh");
	expect(&q, "abcd");
	ck_assert_uint_eq(outq_waiting(&q, 1, &buf).n, 4);
	ck_assert_uint_eq(outq_waiting(&q, 2, &buf).n, 0);
	outq_published(&q, 3);
	expect(&q, "d");
	outq_published(&q, 1);
	expect(&q, "efgh");
	outq_published(&q, 2);
	ck_assert(span_eq(outq_at(&q, 1), SPAN("bcd")));
	ck_assert(span_eq(outq_at(&q, 4), SPAN("ef")));
	ck_assert(outq_acked(&q, 5, 0));
	ck_assert_uint_eq(q.n, 1);
	ck_assert_uint_eq(outq_at(&q, 4).n, 0);
	ck_assert(span_eq(outq_at(&q, 5), SPAN("f")));
	expect(&q, "gh");
	ck_assert(!outq_acked(&q, 7, 0)); /* more than was published */
	ck_assert(outq_acked(&q, 4, 0));  /* comes late */
	ck_assert_uint_eq(q.got, 5);
	outq_published(&q, 2);
	ck_assert(outq_acked(&q, 8, 0));
	ck_assert_uint_eq(q.n, 0);
	outq_fini(&q);
}
END_TEST

START_TEST(no_more_is_published_than_may_be)
{
	struct outq q;

	outq_init(&q);
	q.limit = 6;
	add(&q, "abcdefgh");
	ck_assert_uint_eq(outq_room(&q, 4), 4);
	ck_assert_uint_eq(outq_room(&q, 7), 6);
	outq_published(&q, 4);
	ck_assert_uint_eq(outq_room(&q, 4), 0);
	ck_assert(outq_acked(&q, 2, 6));
	ck_assert_uint_eq(outq_room(&q, 4), 2);
	ck_assert_uint_eq(outq_room(&q, 40), 4);
	outq_fini(&q);
}
END_TEST

Suite *
outq_suite(void)
{
	Suite *s = suite_create("outq");
	TCase *t = unit_case("outq");

	tcase_add_test(t, bytes_are_kept_until_they_are_got);
	tcase_add_test(t, no_more_is_published_than_may_be);
	suite_add_tcase(s, t);
	return s;
}
