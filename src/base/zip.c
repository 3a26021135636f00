/*
 * The caller says how long the text is, and that is checked before anything is
 * decompressed: the text goes into a buffer of ZIP_TEXT_MAX bytes, and must
 * fill just as much of it as was said. So no frame makes this server hold or do
 * more than a text of that length. A frame that is decompressed into one buffer
 * needs no window besides, whatever its header asks for.
 *
 * libzstd of Debian also reads the formats of its early versions. Their
 * decoders are little used, so the frame must begin with the number of today's
 * format, and be the only one.
 */
#include "base/zip.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "base/invariant.h"
#include "base/mem.h"

#define LEVEL 1

struct zipper {
	ZSTD_CCtx *zstd;
	char frame[ZSTD_COMPRESSBOUND(ZIP_TEXT_MAX)];
};

struct unzipper {
	ZSTD_DCtx *zstd;
	char text[ZIP_TEXT_MAX];
};

struct zipper *
zipper_new(void)
{
	struct zipper *z = mem_zalloc(sizeof(*z));

	z->zstd = ZSTD_createCCtx();
	invariant(z->zstd != NULL);
	return z;
}

void
zipper_free(struct zipper *z)
{
	if (z == NULL)
		return;
	ZSTD_freeCCtx(z->zstd);
	free(z);
}

struct unzipper *
unzipper_new(void)
{
	struct unzipper *u = mem_zalloc(sizeof(*u));

	u->zstd = ZSTD_createDCtx();
	invariant(u->zstd != NULL);
	return u;
}

void
unzipper_free(struct unzipper *u)
{
	if (u == NULL)
		return;
	ZSTD_freeDCtx(u->zstd);
	free(u);
}

struct span
zip_text(struct zipper *z, struct span text)
{
	size_t n;

	invariant(text.n <= ZIP_TEXT_MAX);
	n = ZSTD_compressCCtx(z->zstd, z->frame, sizeof(z->frame), text.p,
	    text.n, LEVEL);
	invariant(!ZSTD_isError(n));
	return span_make(z->frame, n);
}

/* Return true if the bytes are one frame of today's format and nothing else. */
static bool
is_frame(struct span s)
{
	static const unsigned char magic[] = { 0x28, 0xb5, 0x2f, 0xfd };

	return s.n > sizeof(magic) && memcmp(s.p, magic, sizeof(magic)) == 0 &&
	       ZSTD_findFrameCompressedSize(s.p, s.n) == s.n;
}

bool
unzip_text(struct unzipper *u, struct span frame, size_t bytes,
    struct span *text)
{
	if (bytes > ZIP_TEXT_MAX || !is_frame(frame) ||
	    ZSTD_decompressDCtx(u->zstd, u->text, bytes, frame.p, frame.n) !=
		bytes)
		return false;
	*text = span_make(u->text, bytes);
	return true;
}
