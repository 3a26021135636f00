#include "net/queue.h"

#include <stdlib.h>
#include <string.h>

#include "unit/net/check_net.h"

static struct rcbuf *
number(int i)
{
	char text[8] = "1234567";

	text[6] = (char)('a' + i % 26);
	return rcbuf_new(span_make(text, (size_t)(i % 7) + 1));
}

/* A queue beside a flat copy of what it should hold. */
START_TEST(is_the_bytes_put_in_minus_those_dropped)
{
	static char flat[64 * 1024];
	struct queue q = { 0 };
	struct iovec iov[16];
	size_t from = 0, to = 0, n, seen;
	struct rcbuf *b;
	int niov;

	srand(3);
	for (int i = 0; i < 4000; i++) {
		if (rand() % 100 < (i / 500 % 2 ? 40 : 60)) {
			b = number(i);
			memcpy(flat + to, b->p, b->n);
			to += b->n;
			queue_add(&q, b);
			rcbuf_unref(b);
		} else if (to > from) {
			n = (size_t)rand() % (to - from) % 20 + 1;
			if (n > to - from)
				n = to - from;
			queue_drop(&q, n);
			from += n;
		}
		ck_assert_uint_eq(q.bytes, to - from);
		niov = queue_iov(&q, iov, 16);
		seen = from;
		for (int k = 0; k < niov; k++) {
			ck_assert_uint_gt(iov[k].iov_len, 0);
			ck_assert(memcmp(flat + seen, iov[k].iov_base,
				      iov[k].iov_len) == 0);
			seen += iov[k].iov_len;
		}
		ck_assert(niov == 16 || seen == to);
	}
	queue_clear(&q);
	ck_assert_uint_eq(q.bytes, 0);
}
END_TEST

START_TEST(holds_one_reference_for_each_add)
{
	struct rcbuf *b = rcbuf_new(SPAN("line\r\n"));
	struct queue q = { 0 };

	for (int i = 0; i < 100; i++)
		queue_add(&q, b);
	ck_assert_uint_eq(b->refs, 101);
	queue_drop(&q, 6 * 40 + 3);
	ck_assert_uint_eq(b->refs, 61);
	queue_clear(&q);
	ck_assert_uint_eq(b->refs, 1);
	rcbuf_unref(b);
}
END_TEST

START_TEST(holds_no_memory_for_a_few_or_when_empty)
{
	struct rcbuf *b = rcbuf_new(SPAN("x"));
	struct queue q = { 0 };

	for (int i = 0; i < QUEUE_FEW; i++)
		queue_add(&q, b);
	ck_assert_ptr_null(q.ring);
	queue_add(&q, b);
	ck_assert_ptr_nonnull(q.ring);
	queue_drop(&q, QUEUE_FEW + 1);
	ck_assert_ptr_null(q.ring);
	rcbuf_unref(b);
}
END_TEST

START_TEST(passes_over_an_empty_buffer)
{
	struct rcbuf *b = rcbuf_new(SPAN(""));
	struct queue q = { 0 };

	queue_add(&q, b);
	ck_assert_uint_eq(q.n, 0);
	ck_assert_uint_eq(b->refs, 1);
	rcbuf_unref(b);
}
END_TEST

Suite *
queue_suite(void)
{
	Suite *s = suite_create("net/queue");
	TCase *t = tcase_create("queue");

	tcase_add_test(t, is_the_bytes_put_in_minus_those_dropped);
	tcase_add_test(t, holds_one_reference_for_each_add);
	tcase_add_test(t, holds_no_memory_for_a_few_or_when_empty);
	tcase_add_test(t, passes_over_an_empty_buffer);
	suite_add_tcase(s, t);
	return s;
}
