/*
 * A span: bytes that belong to somebody else. It owns nothing, is passed by
 * value, may hold any byte, and need not end in NUL. An empty span may have p
 * == NULL. All text inside Banyan is spans; no code calls strlen twice.
 */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
	const char *p;
	size_t n;
};

/* Make a span of a string literal. SPAN_INIT is the form for static tables. */
#define SPAN_INIT(lit)                  \
	{                               \
		"" lit, sizeof(lit) - 1 \
	}
#define SPAN(lit) ((struct span)SPAN_INIT(lit))
#define SPAN_NONE ((struct span){ NULL, 0 })

/*
 * The arguments for "%.*s" of a printf-like call (tests and the daemon only).
 */
#define SPAN_ARG(s) (int)(s).n, (s).n > 0 ? (s).p : ""

/* Return the bytes of a C string, without its NUL. NULL gives an empty span. */
static inline struct span
span_of(const char *cstr)
{
	return (struct span){ cstr, cstr == NULL ? 0 : strlen(cstr) };
}

/* Return the n bytes at p. */
static inline struct span
span_make(const void *p, size_t n)
{
	return (struct span){ p, n };
}

/* Return the first k bytes of s, or all of s if it is shorter. */
static inline struct span
span_head(struct span s, size_t k)
{
	return (struct span){ s.p, k < s.n ? k : s.n };
}

/* Return s without its first k bytes, or an empty span if it is shorter. */
static inline struct span
span_tail(struct span s, size_t k)
{
	if (k >= s.n)
		return (struct span){ NULL, 0 };
	return (struct span){ s.p + k, s.n - k };
}

/* Return s without the spaces (0x20 only) at its start. */
static inline struct span
span_skip_spaces(struct span s)
{
	while (s.n > 0 && *s.p == ' ')
		s = span_tail(s, 1);
	return s;
}

static inline bool
span_eq(struct span a, struct span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Return true if s begins with prefix, which may be empty. */
bool span_starts(struct span s, struct span prefix);

/* Compare by bytes as unsigned, a prefix before a longer span: <0, 0, >0. */
int span_cmp(struct span a, struct span b);

/* Return the place of the first c in s, or s.n if there is none. */
size_t span_find(struct span s, char c);

/*
 * Return the length of the character at place i of s, which is UTF-8, if a
 * terminal may obey it, or 0: a control character (U+0000 to U+001F, U+007F to
 * U+009F), or one that breaks lines or turns the direction of writing (U+2028
 * to U+202E, U+2066 to U+2069).
 */
size_t span_obeyed(struct span s, size_t i);

/*
 * Return the token before the first sep of *rest. Set *rest to the bytes after
 * that sep, or to an empty span if there was none. Two separators in a row, or
 * one at the start, give an empty token. In a loop `while (rest.n > 0)` a
 * separator at the very end gives no token: "a,,b," is "a", "", "b".
 */
struct span span_cut(struct span *rest, char sep);

/*
 * Return the next word: skip spaces (0x20 only), take the bytes up to the next
 * space, and leave *rest there. Return an empty span if no word is left.
 */
struct span span_word(struct span *rest);

/*
 * Read the whole of s as a decimal number: at least one digit, and nothing else
 * but a '-' before the digits for span_i64. Leading zeros are allowed. On
 * anything else, or if the value does not fit, return false and leave *v
 * unchanged.
 */
bool span_u64(struct span s, uint64_t *v);
bool span_i64(struct span s, int64_t *v);

/* Read n bytes of two hexadecimal digits each, in either case. On anything else
 * return false; what *to has is of no use then. */
bool span_hex(struct span s, unsigned char *to, size_t n);

/*
 * Return a copy from malloc with a NUL behind it, never NULL. The caller frees
 * it. As a C string it ends at the first NUL of s.
 */
char *span_dup(struct span s);

#endif
