#include "base/arena.h"

#include <stdalign.h>
#include <string.h>

#include "base/poison.h"
#include "unit/base/check_base.h"

START_TEST(alloc_is_aligned_and_apart)
{
	struct arena *a = arena_new(256);
	unsigned char *p[100];

	for (size_t i = 0; i < 100; i++) {
		p[i] = arena_alloc(a, i);
		ck_assert_uint_eq((uintptr_t)p[i] % alignof(max_align_t), 0);
		memset(p[i], (int)i, i);
	}
	for (size_t i = 0; i < 100; i++)
		for (size_t k = 0; k < i; k++)
			ck_assert_uint_eq(p[i][k], i);
	arena_free(a);
}
END_TEST

START_TEST(larger_than_a_chunk_fits)
{
	struct arena *a = arena_new(64);
	char *p = arena_zalloc(a, 100000);

	ck_assert_int_eq(p[0], 0);
	ck_assert_int_eq(p[99999], 0);
	memset(p, 1, 100000);
	arena_free(a);
}
END_TEST

START_TEST(reset_reuses_the_largest_chunk)
{
	struct arena *a = arena_new(64);
	char *small = arena_alloc(a, 10);
	char *large = arena_alloc(a, 5000);

	small[0] = large[0] = 1;
	arena_alloc(a, 6);
	arena_reset(a);
	for (int i = 0; i < 4; i++)
		ck_assert_ptr_eq(arena_alloc(a, 1000), large + i * 1008);
	arena_reset(a);
	ck_assert_ptr_eq(arena_zalloc(a, 5000), large);
	arena_free(a);
}
END_TEST

START_TEST(reset_gives_a_huge_chunk_back)
{
	struct arena *a = arena_new(64);
	char *usual = arena_alloc(a, 5000);

	usual[0] = 1;
	arena_zalloc(a, ARENA_KEPT + 1);
	arena_reset(a);
	ck_assert_ptr_eq(arena_alloc(a, 5000), usual);
	arena_reset(a);
	ck_assert(arena_free_chunk(a));
	ck_assert(!arena_free_chunk(a));
	arena_zalloc(a, ARENA_KEPT + 1);
	arena_reset(a);
	ck_assert(!arena_free_chunk(a));
	arena_free(a);
}
END_TEST

START_TEST(reset_of_an_unused_one)
{
	struct arena *a = arena_new(64);

	arena_reset(a);
	ck_assert_ptr_nonnull(arena_alloc(a, 0));
	arena_free(a);
	arena_free(NULL);
}
END_TEST

START_TEST(taken_counts_until_the_reset)
{
	struct arena *a = arena_new(64);

	ck_assert_uint_eq(arena_taken(a), 0);
	arena_alloc(a, 16);
	arena_alloc(a, 5000);
	ck_assert_uint_ge(arena_taken(a), 5016);
	ck_assert_uint_le(arena_taken(a), 5016 + 16);
	arena_reset(a);
	ck_assert_uint_eq(arena_taken(a), 0);
	arena_zalloc(a, 32);
	ck_assert_uint_eq(arena_taken(a), 32);
	arena_free(a);
}
END_TEST

START_TEST(span_dup_copies_and_ends_in_nul)
{
	struct arena *a = arena_new(64);
	char text[] = "hello";
	struct span s = arena_span_dup(a, span_of(text));

	text[0] = 'j';
	ck_assert(span_eq(s, SPAN("hello")));
	ck_assert_int_eq(s.p[5], '\0');
	ck_assert_uint_eq(arena_span_dup(a, SPAN_NONE).n, 0);
	arena_free(a);
}
END_TEST

#ifdef POISON_ASAN
START_TEST(free_memory_is_poisoned)
{
	struct arena *a = arena_new(1024);
	char *p = arena_alloc(a, 13);

	ck_assert(!__asan_address_is_poisoned(p + 12));
	ck_assert(__asan_address_is_poisoned(p + 13));
	arena_reset(a);
	ck_assert(__asan_address_is_poisoned(p));
	arena_free(a);
}
END_TEST
#endif

START_TEST(grow_copies)
{
	struct arena *a = arena_new(64);
	size_t cap = 0;
	uint32_t *p = arena_grow(a, NULL, &cap, 2, sizeof(*p)), *q;

	p[0] = 5;
	p[1] = 6;
	q = arena_grow(a, p, &cap, 2, sizeof(*p));
	ck_assert_uint_eq(cap, 4);
	q[3] = 1;
	ck_assert_uint_eq(q[0] + q[1], 11);
	ck_assert_uint_eq(p[1], 6);
	arena_free(a);
}
END_TEST

Suite *
arena_suite(void)
{
	Suite *s = suite_create("base/arena");
	TCase *t = unit_case("arena");

	tcase_add_test(t, alloc_is_aligned_and_apart);
	tcase_add_test(t, larger_than_a_chunk_fits);
	tcase_add_test(t, reset_reuses_the_largest_chunk);
	tcase_add_test(t, reset_gives_a_huge_chunk_back);
	tcase_add_test(t, reset_of_an_unused_one);
	tcase_add_test(t, taken_counts_until_the_reset);
	tcase_add_test(t, span_dup_copies_and_ends_in_nul);
#ifdef POISON_ASAN
	tcase_add_test(t, free_memory_is_poisoned);
#endif
	tcase_add_test(t, grow_copies);
	suite_add_tcase(s, t);
	return s;
}
