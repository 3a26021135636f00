/*
 * The size of the text is written before the data, and checked before anything
 * is decompressed (base/zip.c). So no PACK makes this server hold or do more
 * than a text of that length.
 *
 * doc/decisions/0028 says why zstd, base64, and pieces of this size.
 */
#include "link/snapshots/pack.h"

#include <sodium/utils.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/writer.h"
#include "link/link.h"
#include "link/words.h"

#define VERB_TEXT "PACK "
#define HEAD_MAX 16 /* bytes of the verb and the number with their spaces */
/* the data of the longest line, in base64 and as bytes */
#define DATA_MAX ((LINK_LINE_MAX - HEAD_MAX) / 4 * 4)
#define FRAME_MAX (DATA_MAX / 4 * 3)
#define BASE64 sodium_base64_VARIANT_ORIGINAL

struct packer {
	struct zipper *zipper;
	char line[LINK_LINE_MAX + 1]; /* sodium writes a NUL behind base64 */
};

struct unpacker {
	struct unzipper *unzipper;
	unsigned char frame[FRAME_MAX];
};

struct packer *
packer_new(void)
{
	struct packer *p = mem_zalloc(sizeof(*p));

	p->zipper = zipper_new();
	return p;
}

void
packer_free(struct packer *p)
{
	if (p == NULL)
		return;
	zipper_free(p->zipper);
	free(p);
}

struct unpacker *
unpacker_new(void)
{
	struct unpacker *u = mem_zalloc(sizeof(*u));

	u->unzipper = unzipper_new();
	return u;
}

void
unpacker_free(struct unpacker *u)
{
	if (u == NULL)
		return;
	unzipper_free(u->unzipper);
	free(u);
}

struct rcbuf *
pack_text(struct packer *p, struct span text)
{
	struct span frame = zip_text(p->zipper, text);
	struct writer w;
	size_t n;

	if (frame.n > FRAME_MAX)
		return NULL;
	writer_init(&w, p->line, HEAD_MAX);
	writer_str(&w, VERB_TEXT);
	writer_u64(&w, text.n);
	writer_char(&w, ' ');
	sodium_bin2base64(p->line + w.n, sizeof(p->line) - w.n,
	    (const unsigned char *)frame.p, frame.n, BASE64);
	n = w.n + (frame.n + 2) / 3 * 4;
	if (n + 2 >= text.n)
		return NULL;
	memcpy(p->line + n, "\r\n", 2);
	return rcbuf_new(span_make(p->line, n + 2));
}

const char *
pack_decode(struct unpacker *u, struct span rest, struct span *text)
{
	struct span data;
	uint64_t bytes;
	size_t n;

	if (!word_num(&rest, &bytes) || bytes == 0 || bytes > PACK_TEXT_MAX)
		return "expected the number of bytes of the text";
	if (!word_next(&rest, &data) || !word_none(rest) ||
	    sodium_base642bin(u->frame, sizeof(u->frame), data.p, data.n, NULL,
		&n, NULL, BASE64) != 0)
		return "expected data in base64";
	if (!unzip_text(u->unzipper, span_make((const char *)u->frame, n),
		bytes, text))
		return "expected a frame of zstd with as many bytes";
	return NULL;
}

bool
pack_is(struct span line, struct span *rest)
{
	if (!span_starts(line, SPAN(VERB_TEXT)))
		return false;
	*rest = span_tail(line, sizeof(VERB_TEXT) - 1);
	if (rest->n >= 2)
		rest->n -= 2;
	return true;
}
