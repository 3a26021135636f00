#include "base/zip.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "unit/base/check_base.h"

#define FRAME_MAX (ZIP_TEXT_MAX + 1024)

static struct zipper *zipper;
static struct unzipper *unzipper;

static void
begin(void)
{
	zipper = zipper_new();
	unzipper = unzipper_new();
}

static void
end(void)
{
	zipper_free(zipper);
	unzipper_free(unzipper);
}

/* Fill the buffer: with one letter, with lines that say nearly the same, or
 * with bytes of no order. */
static void
fill(char *p, size_t n, int how)
{
	struct rng rng;

	if (how == 2) {
		rng_seed(&rng, 1);
		rng_bytes(&rng, p, n);
		return;
	}
	for (size_t i = 0; i < n; i++)
		p[i] = how == 0 ? 'a' : (char)('a' + (i * i / 64) % 26);
}

static const size_t lengths[] = { 0, 1, 2, 100, 4095, ZIP_TEXT_MAX };

START_TEST(text_comes_out_as_it_was)
{
	char *text = mem_alloc(ZIP_TEXT_MAX);
	struct span frame, out;

	for (int how = 0; how < 3; how++) {
		fill(text, lengths[_i], how);
		frame = zip_text(zipper, span_make(text, lengths[_i]));
		ck_assert_uint_le(frame.n, FRAME_MAX);
		ck_assert(unzip_text(unzipper, frame, lengths[_i], &out));
		ck_assert(span_eq(out, span_make(text, lengths[_i])));
	}
	free(text);
}
END_TEST

START_TEST(what_repeats_gets_short)
{
	char *text = mem_alloc(ZIP_TEXT_MAX);

	fill(text, ZIP_TEXT_MAX, 0);
	ck_assert_uint_lt(zip_text(zipper, span_make(text, ZIP_TEXT_MAX)).n,
	    100);
	free(text);
}
END_TEST

/* A frame of a stranger: its text must be as long as was said. */
START_TEST(length_binds)
{
	char text[1000];
	struct span frame, out = SPAN_NONE;

	memset(text, 'a', sizeof(text));
	frame = zip_text(zipper, span_make(text, sizeof(text)));
	ck_assert(!unzip_text(unzipper, frame, sizeof(text) - 1, &out));
	ck_assert(!unzip_text(unzipper, frame, sizeof(text) + 1, &out));
	ck_assert(!unzip_text(unzipper, frame, 0, &out));
	ck_assert(!unzip_text(unzipper, frame, ZIP_TEXT_MAX, &out));
	ck_assert(!unzip_text(unzipper, frame, ZIP_TEXT_MAX + 1, &out));
	ck_assert(!unzip_text(unzipper, frame, SIZE_MAX, &out));
	ck_assert_ptr_null(out.p);
	ck_assert(unzip_text(unzipper, frame, sizeof(text), &out));
}
END_TEST

START_TEST(one_whole_frame_of_today)
{
	static const unsigned char former[] = { 0x27, 0xb5, 0x2f, 0xfd, 0x24,
		0x02, 0x11, 0x00, 0x00, 0x61, 0x62, 0xc0, 0x00, 0x00 };
	char text[1000], twice[2000];
	struct span frame, out;

	memset(text, 'a', sizeof(text));
	frame = zip_text(zipper, span_make(text, sizeof(text)));
	ck_assert_uint_le(2 * frame.n, sizeof(twice));
	memcpy(twice, frame.p, frame.n);
	memcpy(twice + frame.n, frame.p, frame.n);
	for (size_t n = 0; n <= 2 * frame.n; n++)
		ck_assert(unzip_text(unzipper, span_make(twice, n), 1000,
			      &out) == (n == frame.n));
	ck_assert(!unzip_text(unzipper, span_make(twice, 2 * frame.n), 2000,
	    &out));
	ck_assert(!unzip_text(unzipper,
	    span_make((const char *)former, sizeof(former)), 2, &out));
}
END_TEST

Suite *
zip_suite(void)
{
	Suite *s = suite_create("zip");
	TCase *t = unit_case("zip");

	tcase_add_checked_fixture(t, begin, end);
	tcase_add_loop_test(t, text_comes_out_as_it_was, 0,
	    sizeof(lengths) / sizeof(lengths[0]));
	tcase_add_test(t, what_repeats_gets_short);
	tcase_add_test(t, length_binds);
	tcase_add_test(t, one_whole_frame_of_today);
	suite_add_tcase(s, t);
	return s;
}
