/*
 * Build text without stdio, in a buffer of fixed size or one that grows in an
 * arena. Overflow is sticky: it sets over, the call that did not fit writes
 * nothing, and later calls do nothing. So a chain of calls is checked once, at
 * its end.
 */
#ifndef BASE_WRITER_H
#define BASE_WRITER_H

#include "base/arena.h"
#include "base/span.h"

struct writer {
	char *p;
	size_t n; /* bytes written */
	size_t cap;
	size_t max; /* the buffer may grow up to this, if in an arena */
	struct arena *arena;
	bool over; /* a write did not fit, or was refused */
};

/* Write to the cap bytes at buf, which still belong to the caller. */
void writer_init(struct writer *w, void *buf, size_t cap);

/* Write to memory of the arena, at most max bytes. */
void writer_init_arena(struct writer *w, struct arena *a, size_t max);

/* Do the same, with room for n bytes from the beginning; n is at most max. */
void writer_init_room(struct writer *w, struct arena *a, size_t n, size_t max);

/* Append a span or a number. */
void writer_span(struct writer *w, struct span s);
void writer_u64(struct writer *w, uint64_t v);
void writer_i64(struct writer *w, int64_t v);

/*
 * Append v in decimal with at least width digits, zeros in front; width <= 20.
 */
void writer_pad(struct writer *w, uint64_t v, unsigned int width);

/* Append the bytes as lower-case hex. */
void writer_hex(struct writer *w, struct span bytes);

/* Append s, which must be UTF-8, as a JSON string with its quotes (RFC 8259,
 * 7). Escape what a terminal may obey (span_obeyed). It takes at most
 * WRITER_JSON_BYTES(s.n) bytes. */
#define WRITER_JSON_BYTES(n) (6 * (n) + 2)
void writer_json(struct writer *w, struct span s);

/* Append \uXXXX for the n bytes at p: a character that span_obeyed() found, or
 * a byte. */
void writer_escape(struct writer *w, const char *p, size_t n);

/* Refuse all further writes, as if the buffer were full. */
void writer_fail(struct writer *w);

/* Make room for n more bytes; writer_room() calls it if they do not fit now. */
char *writer_more(struct writer *w, size_t n);

/*
 * Return n bytes for the caller to fill at once; they count as written. Return
 * NULL if they do not fit.
 */
static inline char *
writer_room(struct writer *w, size_t n)
{
	if (w->over || n > w->cap - w->n)
		return writer_more(w, n);
	w->n += n;
	return w->p + w->n - n;
}

/* Append a character. */
static inline void
writer_char(struct writer *w, char c)
{
	char *to = writer_room(w, 1);

	if (to != NULL)
		*to = c;
}

/* Append a string, which ends at its NUL; NULL appends nothing. */
static inline void
writer_str(struct writer *w, const char *cstr)
{
	writer_span(w, span_of(cstr));
}

/*
 * Return the text that was written before the first failure; see over. The span
 * is borrowed from the buffer: in an arena, the next write may move it.
 */
static inline struct span
writer_done(const struct writer *w)
{
	return (struct span){ w->p, w->n };
}

#endif
