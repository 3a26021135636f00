/*
 * The small decoders: base64, the time tag, UTF-8, numbers, and what may be a
 * name. Each is read, written again, and the same; cuts stay inside and keep
 * valid text valid.
 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/base64.h"
#include "wire/isotime.h"
#include "wire/mask.h"
#include "wire/msg.h"
#include "wire/name.h"
#include "wire/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
base64(struct span s)
{
	char *text = malloc(base64_len(s.n) + 1), *back = malloc(s.n + 1);
	size_t n;

	base64_encode(s, text);
	assert(base64_decode(span_make(text, base64_len(s.n)), back, s.n, &n));
	assert(span_eq(span_make(back, n), s));
	if (base64_decode(s, back, s.n, &n)) {
		base64_encode(span_make(back, n), text);
		assert(span_eq(span_make(text, base64_len(n)), s));
	}
	free(text);
	free(back);
}

static void
isotime(struct span s)
{
	char buf[ISOTIME_TEXT];
	struct writer w;
	struct wall t;

	if (!isotime_parse(s, &t))
		return;
	writer_init(&w, buf, sizeof(buf));
	isotime_build(&w, t);
	/* the leap second of 9999 is out of range */
	assert(span_eq(writer_done(&w), s) || s.p[17] == '6');
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
	char out[16];
	struct span user = name_user_clean(s, out, sizeof(out));
	struct addr a;

	assert(user.n == 0 || name_user_valid(user, sizeof(out)));
	/* each of them can be a word, and none is another */
	if (name_nick_valid(s, 30)) {
		assert(msg_is_word(s) && !mask_is_wild(s));
		assert(!name_is_channel(s));
	}
	if (name_channel_valid(s, 64))
		assert(msg_is_word(s) && !name_nick_valid(s, 64));
	if (name_key_valid(s, 32))
		assert(msg_is_word(s));
	if (name_host_valid(s, 63))
		assert(msg_is_word(s) && !addr_parse(s, &a));
	if (name_server_valid(s, 63))
		assert(name_host_valid(s, 63) && !name_nick_valid(s, 63));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span s = span_make(data, size);

	base64(s);
	isotime(s);
	utf8(s);
	numbers(s);
	names(s);
	return 0;
}
