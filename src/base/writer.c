/*
 * Everything goes through writer_room(), which alone decides if a write fits.
 * In an arena the buffer doubles, and the old buffer is left to the reset.
 */
#include "base/writer.h"

#include <string.h>

#include "base/invariant.h"

#define WRITER_FIRST 256 /* bytes of the first buffer in an arena */
#define U64_DIGITS 20

void
writer_init(struct writer *w, void *buf, size_t cap)
{
	*w = (struct writer){ .p = buf, .cap = cap, .max = cap };
}

void
writer_init_arena(struct writer *w, struct arena *a, size_t max)
{
	*w = (struct writer){ .max = max, .arena = a };
}

void
writer_init_room(struct writer *w, struct arena *a, size_t n, size_t max)
{
	*w = (struct writer){
		.p = arena_alloc(a, n), .cap = n, .max = max, .arena = a
	};
}

void
writer_fail(struct writer *w)
{
	w->over = true;
}

static void
grow(struct writer *w, size_t n)
{
	size_t cap = w->cap == 0 ? WRITER_FIRST : w->cap;
	char *p;

	while (cap - w->n < n && cap < w->max)
		cap = cap > w->max / 2 ? w->max : cap * 2;
	if (cap > w->max)
		cap = w->max;
	p = arena_alloc(w->arena, cap);
	if (w->n > 0)
		memcpy(p, w->p, w->n);
	w->p = p;
	w->cap = cap;
}

char *
writer_more(struct writer *w, size_t n)
{
	if (w->over || n > w->max - w->n) {
		w->over = true;
		return NULL;
	}
	grow(w, n);
	return writer_room(w, n);
}

void
writer_span(struct writer *w, struct span s)
{
	char *to;

	if (s.n == 0)
		return;
	to = writer_room(w, s.n);
	if (to != NULL)
		memcpy(to, s.p, s.n);
}

void
writer_pad(struct writer *w, uint64_t v, unsigned int width)
{
	unsigned int n = 1;
	char *to;

	invariant(width <= U64_DIGITS);
	for (uint64_t limit = 10; n < U64_DIGITS && v >= limit; limit *= 10)
		n++;
	if (n < width)
		n = width;
	to = writer_room(w, n);
	while (to != NULL && n > 0) {
		to[--n] = (char)('0' + v % 10);
		v /= 10;
	}
}

void
writer_u64(struct writer *w, uint64_t v)
{
	writer_pad(w, v, 1);
}

void
writer_i64(struct writer *w, int64_t v)
{
	size_t n = w->n;

	if (v >= 0) {
		writer_u64(w, (uint64_t)v);
		return;
	}
	writer_char(w, '-');
	writer_u64(w, 0 - (uint64_t)v);
	if (w->over)
		w->n = n;
}

void
writer_escape(struct writer *w, const char *p, size_t n)
{
	unsigned int c = (unsigned char)p[n - 1];
	char hex[2];

	/* the first of two is 0xc2, so that the second is the character */
	if (n == 3)
		c = 0x2000 | ((unsigned char)p[1] & 0x3fU) << 6 | (c & 0x3f);
	hex[0] = (char)(c >> 8);
	hex[1] = (char)(c & 0xff);
	writer_str(w, "\\u");
	writer_hex(w, span_make(hex, 2));
}

void
writer_json(struct writer *w, struct span s)
{
	size_t i = 0, n;

	writer_char(w, '"');
	for (; i < s.n; i += n) {
		n = span_obeyed(s, i);
		if (n > 0) {
			writer_escape(w, &s.p[i], n);
			continue;
		}
		if (s.p[i] == '"' || s.p[i] == '\\')
			writer_char(w, '\\');
		writer_char(w, s.p[i]);
		n = 1;
	}
	writer_char(w, '"');
}

void
writer_hex(struct writer *w, struct span bytes)
{
	static const char hex[] = "0123456789abcdef";
	char *to;

	if (bytes.n > SIZE_MAX / 2) {
		writer_fail(w);
		return;
	}
	to = writer_room(w, bytes.n * 2);
	if (to == NULL)
		return;
	for (size_t i = 0; i < bytes.n; i++) {
		unsigned char c = (unsigned char)bytes.p[i];

		to[2 * i] = hex[c >> 4];
		to[2 * i + 1] = hex[c & 15];
	}
}
