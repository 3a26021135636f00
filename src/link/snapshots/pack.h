/*
 * pack.h - many lines as one line, compressed: PACK (link-protocol.md, 8.17).
 *
 *	PACK bytes data
 *
 * The text is whole lines with their CR LF. data is one frame of zstd, in
 * base64. Each PACK stands for itself, so a packed text can be sent to any
 * number of peers, and is opened in pieces of PACK_TEXT_MAX bytes.
 *
 * Nothing here knows what the lines say: snap_out.c packs them, msg/pack.c
 * takes them in.
 */
#ifndef LINK_PACK_H
#define LINK_PACK_H

#include "base/rcbuf.h"
#include "base/span.h"
#include "base/zip.h"

#define PACK_TEXT_MAX ZIP_TEXT_MAX /* bytes of the text of a PACK */

struct packer;
struct unpacker;

/* Make what packing or unpacking needs, some 300 KiB. The caller frees it; both
 * functions that free it allow NULL. */
struct packer *packer_new(void);
void packer_free(struct packer *);
struct unpacker *unpacker_new(void);
void unpacker_free(struct unpacker *);

/*
 * Return the text, of at most PACK_TEXT_MAX bytes, as a PACK with its CR LF.
 * The caller owns the reference. Return NULL if the line would be too long, or
 * not shorter than the text.
 */
struct rcbuf *pack_text(struct packer *, struct span text);

/*
 * Read the words of a PACK, what follows the verb. Return NULL, or what is
 * wrong with them. *text is valid until the next call.
 */
const char *pack_decode(struct unpacker *, struct span rest, struct span *text);

/* Return true if the bytes are a PACK that pack_text() has made, and set *rest
 * to its words. */
bool pack_is(struct span line, struct span *rest);

#endif
