#include "base/rcbuf.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "unit/base/check_base.h"

START_TEST(new_copies)
{
	char text[] = "line";
	struct rcbuf *b = rcbuf_new(span_of(text));

	text[0] = 'x';
	ck_assert(span_eq(rcbuf_span(b), SPAN("line")));
	rcbuf_unref(b);
	b = rcbuf_new(SPAN_NONE);
	ck_assert_uint_eq(rcbuf_span(b).n, 0);
	rcbuf_unref(b);
}
END_TEST

START_TEST(alloc_is_filled_by_the_caller)
{
	struct rcbuf *b = rcbuf_alloc(3);

	memcpy(b->p, "abc", 3);
	ck_assert(span_eq(rcbuf_span(b), SPAN("abc")));
	rcbuf_unref(b);
}
END_TEST

START_TEST(lives_until_the_last_reference)
{
	struct rcbuf *b = rcbuf_new(SPAN("line"));

	ck_assert_ptr_eq(rcbuf_ref(b), b);
	rcbuf_ref(b);
	rcbuf_unref(b);
	rcbuf_unref(b);
	/*
	 * If a reference were missing, AddressSanitizer would report a use
	 * after free.
	 */
	ck_assert(span_eq(rcbuf_span(b), SPAN("line")));
	ck_assert_uint_eq(b->refs, 1);
	rcbuf_unref(b);
	rcbuf_unref(NULL);
}
END_TEST

START_TEST(append_grows)
{
	struct rcbuf *b = rcbuf_new(SPAN("a"));
	size_t cap = 0;

	for (unsigned i = 0; i < 100; i++)
		b = rcbuf_append(b, &cap, SPAN("bc"));
	ck_assert_uint_eq(b->n, 201);
	ck_assert_uint_ge(cap, 201);
	ck_assert(span_eq(span_head(rcbuf_span(b), 5), SPAN("abcbc")));
	ck_assert(span_eq(span_tail(rcbuf_span(b), 199), SPAN("bc")));
	b = rcbuf_append(b, &cap, SPAN_NONE);
	ck_assert_uint_eq(b->n, 201);
	rcbuf_unref(b);
}
END_TEST

START_TEST(unref_of_none_aborts)
{
	struct rcbuf b = { .refs = 0 };

	close(STDERR_FILENO);
	rcbuf_unref(&b);
}
END_TEST

Suite *
rcbuf_suite(void)
{
	Suite *s = suite_create("base/rcbuf");
	TCase *t = unit_case("rcbuf");

	tcase_add_test(t, new_copies);
	tcase_add_test(t, alloc_is_filled_by_the_caller);
	tcase_add_test(t, append_grows);
	tcase_add_test(t, lives_until_the_last_reference);
	tcase_add_test_raise_signal(t, unref_of_none_aborts, SIGABRT);
	suite_add_tcase(s, t);
	return s;
}
