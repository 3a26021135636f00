/*
 * The size of the text is written before the data, and checked before anything
 * is decompressed: the text goes into a buffer of PACK_TEXT_MAX bytes, and must
 * fill just as much of it as was said. So no PACK makes this server hold or do
 * more than a line of that length. A frame that is decompressed into one buffer
 * needs no window besides, whatever its header asks for.
 *
 * libzstd of Debian also reads the formats of its early versions. No PACK is in
 * them, and their decoders are little used, so the frame must begin with the
 * number of today's format, and be the only one.
 *
 * doc/decisions/0028 says why zstd, base64, and pieces of this size.
 */
#include "link/snapshots/pack.h"

#include <sodium/utils.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "base/invariant.h"
#include "base/mem.h"
#include "base/writer.h"
#include "link/link.h"
#include "link/words.h"

#define LEVEL 1
#define VERB_TEXT "PACK "
#define HEAD_MAX 16 /* bytes of the verb and the number with their spaces */
/* the data of the longest line, in base64 and as bytes */
#define DATA_MAX ((LINK_LINE_MAX - HEAD_MAX) / 4 * 4)
#define FRAME_MAX (DATA_MAX / 4 * 3)
#define BASE64 sodium_base64_VARIANT_ORIGINAL

struct packer {
	ZSTD_CCtx *zstd;
	unsigned char frame[ZSTD_COMPRESSBOUND(PACK_TEXT_MAX)];
	char line[LINK_LINE_MAX + 1]; /* sodium writes a NUL behind base64 */
};

struct unpacker {
	ZSTD_DCtx *zstd;
	unsigned char frame[FRAME_MAX];
	char text[PACK_TEXT_MAX];
};

struct packer *
packer_new(void)
{
	struct packer *p = mem_zalloc(sizeof(*p));

	p->zstd = ZSTD_createCCtx();
	invariant(p->zstd != NULL);
	return p;
}

void
packer_free(struct packer *p)
{
	if (p == NULL)
		return;
	ZSTD_freeCCtx(p->zstd);
	free(p);
}

struct unpacker *
unpacker_new(void)
{
	struct unpacker *u = mem_zalloc(sizeof(*u));

	u->zstd = ZSTD_createDCtx();
	invariant(u->zstd != NULL);
	return u;
}

void
unpacker_free(struct unpacker *u)
{
	if (u == NULL)
		return;
	ZSTD_freeDCtx(u->zstd);
	free(u);
}

struct rcbuf *
pack_text(struct packer *p, struct span text)
{
	struct writer w;
	size_t n;

	invariant(text.n <= PACK_TEXT_MAX);
	n = ZSTD_compressCCtx(p->zstd, p->frame, sizeof(p->frame), text.p,
	    text.n, LEVEL);
	invariant(!ZSTD_isError(n));
	if (n > FRAME_MAX)
		return NULL;
	writer_init(&w, p->line, HEAD_MAX);
	writer_str(&w, VERB_TEXT);
	writer_u64(&w, text.n);
	writer_char(&w, ' ');
	sodium_bin2base64(p->line + w.n, sizeof(p->line) - w.n, p->frame, n,
	    BASE64);
	n = w.n + (n + 2) / 3 * 4;
	if (n + 2 >= text.n)
		return NULL;
	memcpy(p->line + n, "\r\n", 2);
	return rcbuf_new(span_make(p->line, n + 2));
}

/* Return true if the bytes are one frame of today's format and nothing else. */
static bool
is_frame(const unsigned char *p, size_t n)
{
	static const unsigned char magic[] = { 0x28, 0xb5, 0x2f, 0xfd };

	return n > sizeof(magic) && memcmp(p, magic, sizeof(magic)) == 0 &&
	       ZSTD_findFrameCompressedSize(p, n) == n;
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
	if (!is_frame(u->frame, n) ||
	    ZSTD_decompressDCtx(u->zstd, u->text, bytes, u->frame, n) != bytes)
		return "expected a frame of zstd with as many bytes";
	*text = span_make(u->text, bytes);
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
