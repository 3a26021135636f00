/*
 * New lines are gathered in `text`, each behind its length. When there are
 * enough, the text is compressed and kept as a piece. The lines in `text` are
 * not compressed, so a short list never is. A piece that would not become
 * shorter is kept as it is.
 *
 * A reader opens one piece after the other, and then `text`. From the first
 * reader on nothing is added, so pieces and `text` stay where they are.
 *
 * Pieces are made here from lines that the caller has checked. So a piece that
 * cannot be opened is our fault, and stops the process.
 */
#include "base/lines.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/mem.h"

#define PIECE_MAX (ZIP_TEXT_MAX - LINES_LINE_MAX - sizeof(uint16_t))

struct piece {
	struct piece *next;
	size_t text; /* bytes of its text */
	size_t held; /* bytes of data; as many as the text: not compressed */
	char data[];
};

struct lines {
	struct piece *first, **last;
	size_t piece; /* bytes of a text that is compressed, at least */
	char *text;
	size_t n, cap;
	struct zipper *zipper; /* NULL before the first piece, and when read */
	bool read;
	size_t bytes, held;
};

struct lines_reader {
	const struct lines *lines;
	const struct piece *piece; /* to be opened next */
	bool ends;		   /* the text behind the pieces is open */
	struct unzipper *unzipper; /* NULL before the first piece */
	struct span rest;	   /* of what is open */
};

struct lines *
lines_new(size_t piece)
{
	struct lines *l = mem_zalloc(sizeof(*l));

	l->piece = piece == 0 || piece > PIECE_MAX ? PIECE_MAX : piece;
	l->last = &l->first;
	return l;
}

bool
lines_free_piece(struct lines *l)
{
	struct piece *p = l->first;

	if (p != NULL) {
		l->first = p->next;
		free(p);
		return true;
	}
	free(l->text);
	l->text = NULL;
	l->n = 0;
	return false;
}

void
lines_free(struct lines *l)
{
	if (l == NULL)
		return;
	while (lines_free_piece(l))
		;
	zipper_free(l->zipper);
	free(l);
}

/* Keep the text as a piece. */
static void
add_piece(struct lines *l)
{
	struct span text = span_make(l->text, l->n), held;
	struct piece *p;

	if (l->zipper == NULL)
		l->zipper = zipper_new();
	held = zip_text(l->zipper, text);
	if (held.n >= text.n)
		held = text;
	p = mem_alloc(sizeof(*p) + held.n);
	*p = (struct piece){ .text = text.n, .held = held.n };
	memcpy(p->data, held.p, held.n);
	*l->last = p;
	l->last = &p->next;
	l->held += sizeof(*p) + held.n;
	l->n = 0;
}

static void
append(struct lines *l, const void *p, size_t n)
{
	while (l->cap - l->n < n)
		l->text = mem_grow(l->text, &l->cap, 1024, 1);
	if (n > 0)
		memcpy(l->text + l->n, p, n);
	l->n += n;
}

void
lines_add(struct lines *l, struct span line)
{
	uint16_t n = (uint16_t)line.n;

	invariant(line.n <= LINES_LINE_MAX && !l->read);
	if (l->n >= l->piece)
		add_piece(l);
	append(l, &n, sizeof(n));
	append(l, line.p, line.n);
	l->bytes += line.n;
}

size_t
lines_bytes(const struct lines *l)
{
	return l->bytes;
}

size_t
lines_held(const struct lines *l)
{
	return l->held + l->cap;
}

/* ---- reading ------------------------------------------------------------- */

struct lines_reader *
lines_reader_new(struct lines *l)
{
	struct lines_reader *r = mem_zalloc(sizeof(*r));

	r->lines = l;
	r->piece = l->first;
	l->read = true;
	zipper_free(l->zipper);
	l->zipper = NULL;
	return r;
}

void
lines_reader_free(struct lines_reader *r)
{
	if (r == NULL)
		return;
	unzipper_free(r->unzipper);
	free(r);
}

/* Open the next piece. */
static void
open_piece(struct lines_reader *r)
{
	const struct piece *p = r->piece;
	bool opened = true;

	r->rest = span_make(p->data, p->held);
	if (r->unzipper == NULL)
		r->unzipper = unzipper_new();
	if (p->held < p->text)
		opened = unzip_text(r->unzipper, r->rest, p->text, &r->rest);
	invariant(opened);
	r->piece = p->next;
}

/* Open what comes next. Return false if nothing does. */
static bool
open_next(struct lines_reader *r)
{
	if (r->piece != NULL) {
		open_piece(r);
		return true;
	}
	if (r->ends)
		return false;
	r->ends = true;
	r->rest = span_make(r->lines->text, r->lines->n);
	return true;
}

bool
lines_next(struct lines_reader *r, struct span *line)
{
	uint16_t n;

	while (r->rest.n == 0)
		if (!open_next(r))
			return false;
	memcpy(&n, r->rest.p, sizeof(n));
	*line = span_head(span_tail(r->rest, sizeof(n)), n);
	r->rest = span_tail(r->rest, sizeof(n) + n);
	return true;
}
