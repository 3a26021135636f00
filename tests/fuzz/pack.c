/*
 * link/pack: an input is what a peer sends as a PACK. If its first byte is 'w',
 * the rest are the words. If it is 'f', two bytes for the number follow, then
 * the frame, which is put in base64 here. A text that is taken has as many
 * bytes as was said, and no more than the bound. The input packed as a text
 * comes out as it was. So do its lines, held compressed (base/lines.h) in
 * pieces of as many bytes as the first byte says.
 */
#undef NDEBUG
#include <assert.h>
#include <sodium.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/lines.h"
#include "base/mem.h"
#include "link/snapshots/pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
decode(struct unpacker *u, struct span words)
{
	struct span text, number = words;
	uint64_t n;

	if (pack_decode(u, words, &text) != NULL)
		return;
	assert(span_u64(span_word(&number), &n) && text.n == n);
	assert(n > 0 && n <= PACK_TEXT_MAX);
}

static void
decode_frame(struct unpacker *u, const uint8_t *p, size_t n)
{
	size_t most = 16 + sodium_base64_ENCODED_LEN(n, 1);
	char *words = mem_alloc(most);
	int head =
	    snprintf(words, most, "%u ", (unsigned)(p[0] << 8 | p[1]) + 1);

	sodium_bin2base64(words + head, most - (size_t)head, p + 2, n - 2, 1);
	decode(u, span_of(words));
	free(words);
}

static void
round_trip(struct packer *p, struct unpacker *u, struct span text)
{
	struct rcbuf *buf = pack_text(p, text);
	struct span rest, again;

	if (buf == NULL)
		return;
	assert(pack_is(rcbuf_span(buf), &rest));
	assert(buf->n < text.n && span_find(rest, '\r') == rest.n);
	assert(pack_decode(u, rest, &again) == NULL && span_eq(again, text));
	rcbuf_unref(buf);
}

/* Take the next line off the text. */
static struct span
next_line(struct span *text)
{
	size_t n = span_find(*text, '\n');
	struct span line;

	if (n > LINES_LINE_MAX)
		n = LINES_LINE_MAX;
	line = span_head(*text, n);
	*text = span_tail(*text, n < text->n ? n + 1 : n);
	return line;
}

static void
read_again(size_t piece, struct span text)
{
	struct lines *lines = lines_new(piece);
	struct lines_reader *r;
	struct span rest = text, line;

	while (rest.n > 0)
		lines_add(lines, next_line(&rest));
	r = lines_reader_new(lines);
	for (rest = text; lines_next(r, &line);)
		assert(span_eq(line, next_line(&rest)));
	assert(rest.n == 0);
	lines_reader_free(r);
	lines_free(lines);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct packer *p = packer_new();
	struct unpacker *u = unpacker_new();

	if (size > 0 && data[0] == 'w')
		decode(u, span_make(data + 1, size - 1));
	if (size > 3 && data[0] == 'f')
		decode_frame(u, data + 1, size - 1);
	if (size > 0 && size <= PACK_TEXT_MAX)
		round_trip(p, u, span_make(data, size));
	if (size > 0)
		read_again(data[0], span_make(data, size));
	packer_free(p);
	unpacker_free(u);
	return 0;
}
