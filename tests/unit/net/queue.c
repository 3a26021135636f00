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

/* A queue, and a flat copy of the bytes it should hold. */
START_TEST(is_the_bytes_put_in_minus_those_dropped)
{
	static char flat[64 * 1024];
	struct queue q = { 0 };
	char room[40];
	size_t from = 0, to = 0, n, max;
	struct span front;
	struct rcbuf *b;

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
		max = (size_t)i % sizeof(room) + 1;
		front = queue_front(&q, room, max);
		ck_assert_uint_eq(front.n,
		    max < to - from && q.n > 1 ? max : front.n);
		ck_assert_uint_le(front.n, max);
		ck_assert(front.n > 0 || from == to);
		ck_assert(span_eq(front, span_make(flat + from, front.n)));
	}
	queue_clear(&q);
	ck_assert_uint_eq(q.bytes, 0);
}
END_TEST

START_TEST(a_large_buffer_is_not_copied)
{
	struct rcbuf *b = rcbuf_new(SPAN("a large one"));
	struct queue q = { 0 };
	char room[8];

	queue_add(&q, b);
	queue_add(&q, b);
	ck_assert_ptr_eq(queue_front(&q, room, 8).p, b->p);
	queue_drop(&q, 6);
	ck_assert(span_eq(queue_front(&q, room, 8), SPAN("e onea l")));
	ck_assert(span_eq(queue_front(&q, room, 5), SPAN("e one")));
	queue_drop(&q, 5);
	ck_assert_ptr_eq(queue_front(&q, room, 8).p, b->p);
	queue_clear(&q);
	rcbuf_unref(b);
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
	ck_assert_uint_eq(q.cap, 0);
	queue_add(&q, b);
	ck_assert_uint_gt(q.cap, 0);
	queue_drop(&q, QUEUE_FEW + 1);
	ck_assert_uint_eq(q.cap, 0);
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
	TCase *t = unit_case("queue");

	tcase_add_test(t, is_the_bytes_put_in_minus_those_dropped);
	tcase_add_test(t, a_large_buffer_is_not_copied);
	tcase_add_test(t, holds_one_reference_for_each_add);
	tcase_add_test(t, holds_no_memory_for_a_few_or_when_empty);
	tcase_add_test(t, passes_over_an_empty_buffer);
	suite_add_tcase(s, t);
	return s;
}
