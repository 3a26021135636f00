/*
 * Small decoders: the time tag, compared with the calendar of the C library;
 * UTF-8; numbers; valid names. A text that is read is written again the same.
 * Cuts stay inside the text, and keep valid UTF-8 valid.
 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/ascii.h"
#include "wire/isotime.h"
#include "wire/addr.h"
#include "wire/duration.h"
#include "wire/msg.h"
#include "wire/name.h"
#include "wire/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Take a time from the first bytes, and make another of it that has a text. */
static void
isotime(struct span s)
{
	const int64_t first = INT64_C(-62167219200000);
	const int64_t past = INT64_C(253402300800000);
	char buf[ISOTIME_TEXT], want[ISOTIME_TEXT + 1];
	struct writer w;
	struct tm tm;
	int64_t ms, in;
	time_t sec;

	if (s.n < sizeof(ms))
		return;
	memcpy(&ms, s.p, sizeof(ms));
	writer_init(&w, buf, sizeof(buf));
	isotime_build(&w, (struct wall){ ms });
	assert(w.over == (ms < first || ms >= past));
	in = first + (int64_t)((uint64_t)ms % (uint64_t)(past - first));
	sec = (time_t)((in - first) / 1000 + first / 1000);
	/* glibc writes years below 1000 without leading zeros */
	assert(gmtime_r(&sec, &tm) != NULL);
	writer_init(&w, want, sizeof(want));
	writer_pad(&w, (uint64_t)tm.tm_year + 1900, 4);
	strftime(want + 4, sizeof(want) - 4, "-%m-%dT%H:%M:%S", &tm);
	w.n = 19;
	writer_char(&w, '.');
	writer_pad(&w, (uint64_t)((in - first) % 1000), 3);
	writer_char(&w, 'Z');
	s = writer_done(&w);
	writer_init(&w, buf, sizeof(buf));
	isotime_build(&w, (struct wall){ in });
	assert(!w.over && span_eq(writer_done(&w), s));
}

static void
utf8(struct span s)
{
	bool valid = utf8_valid(s);

	for (size_t max = 0; max <= s.n && max < 20; max++) {
		struct span cut = utf8_cut(s, max);

		assert(cut.p == s.p && cut.n <= max && cut.n + 3 >= max);
		assert(!valid || utf8_valid(cut));
		assert(utf8_cut(cut, cut.n).n == cut.n);
	}
}

static void
numbers(struct span s)
{
	char buf[32];
	struct writer w;
	uint64_t u;
	int64_t i;

	if (span_u64(s, &u)) {
		writer_init(&w, buf, sizeof(buf));
		writer_pad(&w, u, (unsigned int)(s.n <= 20 ? s.n : 20));
		assert(s.n > 20 || span_eq(writer_done(&w), s));
	}
	if (span_i64(s, &i)) {
		int64_t j;

		writer_init(&w, buf, sizeof(buf));
		writer_i64(&w, i);
		assert(span_i64(writer_done(&w), &j) && i == j);
	}
}

static void
names(struct span s)
{
	char out[16], again[16];
	struct span user = name_user_clean(s, out, sizeof(out));
	struct addr a;

	assert(span_eq(name_user_clean(user, again, sizeof(again)), user));
	for (size_t i = 0; i < user.n; i++)
		assert(user.p[i] > ' ' &&
		       strchr("!@*?~:,#", user.p[i]) == NULL);
	/* Each kind of name can be a word, and no name is of two kinds. */
	if (name_nick_valid(s, 30)) {
		assert(msg_is_word(s));
		assert(span_find(s, '*') == s.n && span_find(s, '?') == s.n);
		assert(!name_is_channel(s));
	}
	if (name_channel_valid(s, 64))
		assert(msg_is_word(s) && !name_nick_valid(s, 64));
	if (name_key_valid(s, 32))
		assert(msg_is_word(s));
	if (name_server_valid(s, 63))
		assert(msg_is_word(s) && !addr_parse(s, &a) &&
		       !name_nick_valid(s, 63));
}

static void
duration(struct span s)
{
	uint64_t seconds = 0, minutes;

	if (!duration_parse(s, &seconds))
		return;
	assert(seconds <= DURATION_MAX && ascii_is_digit(s.p[0]));
	if (span_u64(s, &minutes))
		assert(seconds == minutes * 60);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span s = span_make(data, size);

	isotime(s);
	utf8(s);
	numbers(s);
	names(s);
	duration(s);
	return 0;
}
