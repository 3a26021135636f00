/*
 * zip.h - text in compressed form: one frame of zstd (RFC 8878) for at most
 * ZIP_TEXT_MAX bytes. Each frame stands for itself.
 */
#ifndef BASE_ZIP_H
#define BASE_ZIP_H

#include <stdbool.h>

#include "base/span.h"

#define ZIP_TEXT_MAX ((size_t)48 * 1024) /* bytes of the text of a frame */

struct zipper;
struct unzipper;

/* Make what compressing needs, some 300 KiB, or what the opposite needs, some
 * 150 KiB. The caller frees it; both functions that free it allow NULL. */
struct zipper *zipper_new(void);
void zipper_free(struct zipper *);
struct unzipper *unzipper_new(void);
void unzipper_free(struct unzipper *);

/* Return the text as a frame, which is valid until the next call. Invariant:
 * the text has at most ZIP_TEXT_MAX bytes. The frame may be longer than the
 * text. */
struct span zip_text(struct zipper *, struct span text);

/*
 * Open a frame whose text has that many bytes. The frame may come from a
 * stranger. Return false if it is not one frame of today's format, or its text
 * has another length, or `bytes` is more than ZIP_TEXT_MAX. *text is valid
 * until the next call.
 */
bool unzip_text(struct unzipper *, struct span frame, size_t bytes,
    struct span *text);

#endif
