/*
 * A span: a piece of bytes somewhere else. It owns nothing, is passed by
 * value, may hold any byte, and need not end in NUL. An empty span may have
 * p == NULL. All text inside Banyan is spans; nothing calls strlen twice.
 */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct span {
	const char *p;
	size_t n;
};

/* The bytes of a string literal; SPAN_INIT is the form for static tables. */
#define SPAN_INIT(lit)                  \
	{                               \
		"" lit, sizeof(lit) - 1 \
	}
#define SPAN(lit) ((struct span)SPAN_INIT(lit))
#define SPAN_NONE ((struct span){ NULL, 0 })

/* For a printf-like call that takes "%.*s" (tests and the daemon only). */
#define SPAN_ARG(s) (int)(s).n, (s).n > 0 ? (s).p : ""

/* The bytes of a C string, without its NUL; NULL gives an empty span. */
struct span span_of(const char *cstr);

/* The n bytes at p. */
static inline struct span
span_make(const void *p, size_t n)
{
	return (struct span){ p, n };
}

/* The first k bytes of s, or all of it. */
static inline struct span
span_head(struct span s, size_t k)
{
	return (struct span){ s.p, k < s.n ? k : s.n };
}

/* What follows the first k bytes of s; empty when there is nothing. */
static inline struct span
span_tail(struct span s, size_t k)
{
	if (k >= s.n)
		return (struct span){ NULL, 0 };
	return (struct span){ s.p + k, s.n - k };
}

bool span_eq(struct span a, struct span b);
bool span_starts(struct span s, struct span prefix);

/* Order by bytes as unsigned, a prefix before what it begins: <0, 0, >0. */
int span_cmp(struct span a, struct span b);

/* Place of the first c in s, or s.n when there is none. */
size_t span_find(struct span s, char c);

/*
 * The token before the first sep of *rest; *rest becomes what follows that
 * sep, or empty when there was none. Two separators in a row, or one at the
 * start, give an empty token. In a loop `while (rest.n > 0)` a separator at
 * the very end therefore gives none: "a,,b," is "a", "", "b".
 */
struct span span_cut(struct span *rest, char sep);

/*
 * The next word: skips spaces (0x20 only), takes the bytes up to the next
 * one and leaves *rest there. Empty when no word is left.
 */
struct span span_word(struct span *rest);

/*
 * The whole of s as a decimal number: digits only (a '-' before them for
 * span_i64), at least one. False, and *v unchanged, on anything else or when
 * the value does not fit. Leading zeros are allowed.
 */
bool span_u64(struct span s, uint64_t *v);
bool span_i64(struct span s, int64_t *v);

/*
 * A copy with a NUL behind it, from malloc; the caller frees it. Never NULL. As
 * a C string it ends at the first NUL of s.
 */
char *span_dup(struct span s);

#endif
