/*
 * The rules are those of libconfig's scanner. The longest token wins, so
 * "10m" is the number 10 and the name m, with nothing between them.
 *
 * Differs from libconfig: a text ends on its line. libconfig lets a text run
 * over lines and even to the end of the file, and drops the rest of a file
 * behind a quote or a comment that is never closed. No option accepts a text of
 * several lines.
 */
#include "conf/scan.h"

#include <string.h>

#include "base/ascii.h"

static bool
is_name(char c, bool first)
{
	return ascii_is_letter(c) || c == '*' ||
	       (!first && (ascii_is_digit(c) || c == '-' || c == '_'));
}

/* The character i bytes into the rest of the text; NUL behind its end. */
static char
peek(struct span s, size_t i)
{
	return i < s.n ? s.p[i] : '\0';
}

static size_t
digits(struct span s, size_t i)
{
	size_t from = i;

	while (ascii_is_digit(peek(s, i)))
		i++;
	return i - from;
}

/* ---- numbers --------------------------------------------------------- */

/* Return the length of e+10 at i, or 0. */
static size_t
exponent(struct span s, size_t i)
{
	size_t from = i, n;

	if (peek(s, i) != 'e' && peek(s, i) != 'E')
		return 0;
	i++;
	if (peek(s, i) == '+' || peek(s, i) == '-')
		i++;
	n = digits(s, i);
	return n > 0 ? i + n - from : 0;
}

static size_t
suffix(struct span s, size_t i)
{
	if (peek(s, i) != 'L')
		return 0;
	return peek(s, i + 1) == 'L' ? 2 : 1;
}

static size_t
hex(struct span s)
{
	size_t i = 2;

	if (peek(s, 0) != '0' || (peek(s, 1) != 'x' && peek(s, 1) != 'X'))
		return 0;
	while (ascii_hex(peek(s, i)) >= 0)
		i++;
	return i > 2 ? i + suffix(s, i) : 0;
}

/* Return the length of the number at the start of s, or 0 if there is none. */
static size_t
number(struct span s, enum token_kind *kind)
{
	size_t i = hex(s), n;

	*kind = TOKEN_INTEGER;
	if (i > 0)
		return i;
	if (peek(s, 0) == '+' || peek(s, 0) == '-')
		i = 1;
	n = digits(s, i);
	i += n;
	if (peek(s, i) == '.') {
		*kind = TOKEN_FLOAT;
		i += 1 + digits(s, i + 1);
		return i + exponent(s, i);
	}
	if (n == 0)
		return 0;
	if (exponent(s, i) > 0) {
		*kind = TOKEN_FLOAT;
		return i + exponent(s, i);
	}
	return i + suffix(s, i);
}

/* ---- blanks and comments --------------------------------------------- */

static struct span
rest_of(const struct scan *s)
{
	return span_tail(s->text, s->at);
}

static void
advance(struct scan *s, size_t n)
{
	for (; n > 0; n--)
		if (s->text.p[s->at++] == '\n') {
			s->line++;
			s->line_at = s->at;
		}
}

/* Return the length of a comment that runs to the end of its line, or 0. */
static size_t
line_comment(struct span s)
{
	if (peek(s, 0) != '#' && (peek(s, 0) != '/' || peek(s, 1) != '/'))
		return 0;
	return span_find(s, '\n');
}

/* Return the length of a comment in the form of C, or 0; s.n + 1 if it has no
 * end. */
static size_t
block_comment(struct span s)
{
	if (peek(s, 0) != '/' || peek(s, 1) != '*')
		return 0;
	for (size_t i = 2; i + 1 < s.n; i++)
		if (s.p[i] == '*' && s.p[i + 1] == '/')
			return i + 2;
	return s.n + 1;
}

/* Skip blanks and comments. Return false at a comment that has no end. */
static bool
skip(struct scan *s)
{
	struct span rest;
	size_t n;

	while ((rest = rest_of(s)).n > 0) {
		if (memchr(" \t\n\r\f", rest.p[0], 5) != NULL)
			n = 1;
		else if ((n = line_comment(rest)) == 0)
			n = block_comment(rest);
		if (n == 0)
			return true;
		if (n > rest.n)
			return false;
		advance(s, n);
	}
	return true;
}

/* ---- tokens ---------------------------------------------------------- */

/* Return the length of a text with its quotes, or 0 if its line does not end
 * it. s begins with a quote. */
static size_t
quoted(struct span s)
{
	for (size_t i = 1; i < s.n && s.p[i] != '\n'; i++) {
		if (s.p[i] == '"')
			return i + 1;
		if (s.p[i] == '\\' && peek(s, i + 1) != '\n')
			i++;
	}
	return 0;
}

/* Only blanks stand between the start of the line and the scan's place. */
static bool
begins_line(const struct scan *s)
{
	for (size_t i = s->line_at; i < s->at; i++)
		if (s->text.p[i] != ' ' && s->text.p[i] != '\t')
			return false;
	return true;
}

static size_t
include(const struct scan *s, struct span rest)
{
	size_t i = strlen("@include"), n;

	if (!span_starts(rest, SPAN("@include")) || !begins_line(s))
		return 0;
	while (peek(rest, i) == ' ' || peek(rest, i) == '\t')
		i++;
	if (i == strlen("@include") || peek(rest, i) != '"')
		return 0;
	n = quoted(span_tail(rest, i));
	return n > 0 ? i + n : 0;
}

static bool
is_bool(struct span s)
{
	const char *word = s.n == 4 ? "true" : "false";

	if (s.n != strlen(word))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if ((s.p[i] | 0x20) != word[i])
			return false;
	return true;
}

static size_t
name(struct span s)
{
	size_t i = 0;

	while (i < s.n && is_name(s.p[i], i == 0))
		i++;
	return i;
}

/* Return the length of a character, whole if it is of several bytes. */
static size_t
character(struct span s)
{
	size_t n = 1;

	if ((unsigned char)s.p[0] >= 0xc0)
		while (n < 4 && ((unsigned char)peek(s, n) & 0xc0) == 0x80)
			n++;
	return n;
}

/* Return the length of the token at the start of rest, and its kind. */
static size_t
measure(const struct scan *s, struct span rest, enum token_kind *kind)
{
	size_t n = name(rest);

	if (n > 0) {
		*kind = is_bool(span_head(rest, n)) ? TOKEN_BOOL : TOKEN_NAME;
		return n;
	}
	if ((n = number(rest, kind)) > 0)
		return n;
	if (rest.p[0] == '"') {
		n = quoted(rest);
		*kind = n > 0 ? TOKEN_TEXT : TOKEN_OPEN_TEXT;
		return n > 0 ? n : span_find(rest, '\n');
	}
	*kind = TOKEN_SIGN;
	if (rest.p[0] != '\0' && strchr("=:;,{}()[]", rest.p[0]) != NULL)
		return 1;
	*kind = TOKEN_INCLUDE;
	if ((n = include(s, rest)) > 0)
		return n;
	*kind = TOKEN_BAD;
	return character(rest);
}

static unsigned int
column(const struct scan *s)
{
	unsigned int n = 1;

	for (size_t i = s->line_at; i < s->at; i++)
		n += ((unsigned char)s->text.p[i] & 0xc0) != 0x80;
	return n;
}

void
scan_init(struct scan *s, struct span text)
{
	*s = (struct scan){ .text = text, .line = 1 };
}

struct token
scan_next(struct scan *s)
{
	size_t before = s->at, n;
	bool closed = skip(s);
	struct token t = { .line = s->line,
		.column = column(s),
		.glued = before > 0 && s->at == before };
	struct span rest = rest_of(s);

	if (!closed) {
		t.kind = TOKEN_OPEN_COMMENT;
		n = rest.n;
	} else if (rest.n == 0) {
		t.kind = TOKEN_END;
		n = 0;
	} else {
		n = measure(s, rest, &t.kind);
	}
	t.text = span_head(rest, n);
	advance(s, n);
	return t;
}

struct span
token_quoted(const struct token *t)
{
	size_t from = span_find(t->text, '"') + 1;

	return span_make(t->text.p + from, t->text.n - from - 1);
}

static uint64_t
magnitude(struct span s, unsigned int base)
{
	uint64_t v = 0;

	for (size_t i = 0; i < s.n; i++) {
		unsigned int d = (unsigned int)ascii_hex(s.p[i]);

		if (v > (UINT64_MAX - d) / base)
			return UINT64_MAX;
		v = v * base + d;
	}
	return v;
}

int64_t
token_integer(const struct token *t, bool *is_long)
{
	bool negative = t->text.p[0] == '-';
	struct span s = t->text;
	uint64_t v;

	while (s.p[s.n - 1] == 'L')
		s.n--;
	*is_long = s.n < t->text.n;
	if (s.p[0] == '-' || s.p[0] == '+')
		s = span_tail(s, 1);
	v = hex(s) > 0 ? magnitude(span_tail(s, 2), 16) : magnitude(s, 10);
	if (negative)
		return v > INT64_MAX ? INT64_MIN : -(int64_t)v;
	return v > INT64_MAX ? INT64_MAX : (int64_t)v;
}
