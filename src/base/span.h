/*
 * A span is a borrowed run of bytes: where it begins and how long it is. It
 * owns nothing, is passed by value, may hold any byte, and is never assumed to
 * end in a NUL. The empty span may have p == NULL.
 */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>

struct span {
	const char *p;
	size_t n;
};

/* A span over a string literal, without its NUL. */
#define SPAN(literal) ((struct span){ "" literal, sizeof(literal) - 1 })

/* A span over a C string, without its NUL; s may be NULL (empty span). */
struct span span_str(const char *s);

/* Whether a and b hold the same bytes. */
bool span_eq(struct span a, struct span b);

#endif
