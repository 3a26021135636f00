/*
 * lines.h - a list of lines that is held compressed (zip.h): for very many
 * lines which say the same again and again, and which are read in their order.
 *
 * Add all lines first, then read them.
 */
#ifndef BASE_LINES_H
#define BASE_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"
#include "base/zip.h"

#define LINES_LINE_MAX ((size_t)16 * 1024) /* bytes of a line */

struct lines;
struct lines_reader;

/* Make an empty list that compresses its lines whenever there are `piece` bytes
 * of them; 0 means as many as a frame has room for. The caller frees it with
 * lines_free(), which allows NULL. */
struct lines *lines_new(size_t piece);
void lines_free(struct lines *);
/* Free some 32 KiB of the text. Return false if there is no text left. So a
 * long list can be freed in pieces. */
bool lines_free_piece(struct lines *);

/* Append a copy of the line. Invariants: it has at most LINES_LINE_MAX bytes,
 * and the list has no reader yet. */
void lines_add(struct lines *, struct span line);

/* Return how many bytes the lines have, and how much memory they take. */
size_t lines_bytes(const struct lines *);
size_t lines_held(const struct lines *);

/* Begin to read the lines. There may be several readers. The list stays as it
 * is until the last one is freed. lines_reader_free() allows NULL. */
struct lines_reader *lines_reader_new(struct lines *);
void lines_reader_free(struct lines_reader *);
/* Get the next line, valid until the next call. Return false if there is
 * none. */
bool lines_next(struct lines_reader *, struct span *line);

#endif
