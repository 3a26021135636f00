/*
 * Builds text without stdio, into a buffer of fixed size or one that grows
 * in an arena. Overflow is sticky: it sets over, the call that did not fit
 * writes nothing, and all later ones are no-ops; so a chain of calls is
 * checked once, at its end.
 */
#ifndef BASE_WRITER_H
#define BASE_WRITER_H

#include "base/arena.h"
#include "base/span.h"

struct writer {
	char *p;
	size_t n; /* bytes written */
	size_t cap;
	size_t max; /* may grow up to this, if in an arena */
	struct arena *arena;
	bool over; /* something did not fit, or was refused */
};

/* Writes to the cap bytes at buf, which stay the caller's. */
void writer_init(struct writer *w, void *buf, size_t cap);

/* Writes to memory of the arena, at most max bytes. */
void writer_init_arena(struct writer *w, struct arena *a, size_t max);

void writer_char(struct writer *w, char c);

/* cstr: to its NUL; NULL is nothing. */
void writer_str(struct writer *w, const char *cstr);
void writer_span(struct writer *w, struct span s);
void writer_u64(struct writer *w, uint64_t v);
void writer_i64(struct writer *w, int64_t v);

/* Decimal with at least width digits, zeros in front; width <= 20. */
void writer_pad(struct writer *w, uint64_t v, unsigned int width);

/* Bytes as lower-case hex. */
void writer_hex(struct writer *w, struct span bytes);

/* Refuses from here on, as if the buffer were full. */
void writer_fail(struct writer *w);

/* What writer_room does when n is more than there is now. */
char *writer_more(struct writer *w, size_t n);

/*
 * n bytes to be filled by the caller at once, already counted as written;
 * NULL when they do not fit.
 */
static inline char *
writer_room(struct writer *w, size_t n)
{
	if (w->over || n > w->cap - w->n)
		return writer_more(w, n);
	w->n += n;
	return w->p + w->n - n;
}

/*
 * What was written before the first failure; see over. Borrowed from the
 * buffer: in an arena, it may have moved by the next write.
 */
static inline struct span
writer_done(const struct writer *w)
{
	return (struct span){ w->p, w->n };
}

#endif
