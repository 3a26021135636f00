/*
 * A span carries its length, so that parsing needs no copy, no NUL and no
 * second scan. memcmp and memchr are not called on empty spans: p may be NULL
 * there, which C17 7.24.1 forbids even for a length of 0.
 */
#include "base/span.h"

#include <string.h>

#include "base/ascii.h"
#include "base/mem.h"

bool
span_starts(struct span s, struct span prefix)
{
	return s.n >= prefix.n && span_eq(span_head(s, prefix.n), prefix);
}

int
span_cmp(struct span a, struct span b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n == 0 ? 0 : memcmp(a.p, b.p, n);

	if (c != 0)
		return c;
	return (a.n > b.n) - (a.n < b.n);
}

size_t
span_find(struct span s, char c)
{
	const char *at = s.n == 0 ? NULL : memchr(s.p, c, s.n);

	return at == NULL ? s.n : (size_t)(at - s.p);
}

/* Return true if U+2028 to U+202E or U+2066 to U+2069 ends with these bytes,
 * behind 0xe2. */
static bool
turns_or_breaks(unsigned char b, unsigned char c)
{
	return (b == 0x80 && c >= 0xa8 && c <= 0xae) ||
	       (b == 0x81 && c >= 0xa6 && c <= 0xa9);
}

size_t
span_obeyed(struct span s, size_t i)
{
	const unsigned char *p = (const unsigned char *)s.p + i;
	size_t n = s.n - i;

	if (ascii_is_control(s.p[i]))
		return 1;
	if (n >= 2 && p[0] == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0)
		return 2;
	if (n >= 3 && p[0] == 0xe2 && turns_or_breaks(p[1], p[2]))
		return 3;
	return 0;
}

struct span
span_cut(struct span *rest, char sep)
{
	size_t at = span_find(*rest, sep);
	struct span token = span_head(*rest, at);

	*rest = span_tail(*rest, at + 1);
	return token;
}

struct span
span_word(struct span *rest)
{
	struct span s = span_skip_spaces(*rest);
	struct span word = span_head(s, span_find(s, ' '));

	*rest = span_tail(s, word.n);
	return word;
}

bool
span_u64(struct span s, uint64_t *v)
{
	uint64_t sum = 0;

	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		uint64_t digit;

		if (!ascii_is_digit(s.p[i]))
			return false;
		digit = (uint64_t)(s.p[i] - '0');
		if (sum > (UINT64_MAX - digit) / 10)
			return false;
		sum = sum * 10 + digit;
	}
	*v = sum;
	return true;
}

bool
span_i64(struct span s, int64_t *v)
{
	bool minus = s.n > 0 && *s.p == '-';
	uint64_t u;

	if (!span_u64(minus ? span_tail(s, 1) : s, &u))
		return false;
	if (u > (uint64_t)INT64_MAX + (minus ? 1 : 0))
		return false;
	if (!minus)
		*v = (int64_t)u;
	else
		*v = u == 0 ? 0 : -(int64_t)(u - 1) - 1;
	return true;
}

bool
span_hex(struct span s, unsigned char *to, size_t n)
{
	int high, low;

	if (s.n != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		high = ascii_hex(s.p[2 * i]);
		low = ascii_hex(s.p[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		to[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

char *
span_dup(struct span s)
{
	char *copy = mem_alloc(s.n + 1);

	if (s.n > 0)
		memcpy(copy, s.p, s.n);
	copy[s.n] = '\0';
	return copy;
}
