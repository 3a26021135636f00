/*
 * wire/mask: a pattern matches if the simplest matcher says so. A full mask is
 * its own full form, and matches like the mask that was typed.
 *
 * The input is: pattern LF nick LF user LF host LF address.
 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire/casemap.h"
#include "wire/mask.h"
#include "wire/msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
has(struct span s, char c)
{
	return span_find(s, c) < s.n;
}

/*
 * Match by dynamic programming, from the ends: row[k] is true if the rest of
 * the pattern matches the text from k on.
 */
static bool
reference(struct span pattern, struct span s)
{
	bool *row = calloc(s.n + 2, sizeof(*row));
	bool result;

	row[s.n] = true;
	for (size_t i = pattern.n; i-- > 0;) {
		char c = pattern.p[i];
		bool wild = c == '*' || c == '?';
		bool escaped = wild && i > 0 && pattern.p[i - 1] == '\\';

		/* the backslash itself is no part of the pattern */
		if (escaped)
			i--;
		if (c == '*' && !escaped) {
			for (size_t k = s.n; k-- > 0;)
				row[k] = row[k] || row[k + 1];
			continue;
		}
		for (size_t k = 0; k < s.n; k++)
			row[k] = row[k + 1] &&
				 ((wild && !escaped) ||
				     casemap_char(c) == casemap_char(s.p[k]));
		row[s.n] = false;
	}
	result = row[0];
	free(row);
	return result;
}

/* As many bytes as stand together without a star. */
static size_t
longest_part(struct span pattern)
{
	size_t n = 0, longest = 0;

	for (size_t i = 0; i < pattern.n; i++) {
		n = pattern.p[i] == '*' ? 0 : n + 1;
		longest = n > longest ? n : longest;
	}
	return longest;
}

static void
one(struct span pattern, struct span s)
{
	size_t steps = 0;

	assert(mask_glob(pattern, s, &steps) == reference(pattern, s));
	assert(steps > 0);
	if (longest_part(pattern) <= 64)
		assert(steps <= MASK_STEPS * (pattern.n + s.n + 1));
}

static void
normal(struct span mask, const struct mask_who *who)
{
	size_t cap = mask.n + 8;
	char *full = malloc(cap), *again = malloc(cap);
	struct writer w, v;

	writer_init(&w, full, cap);
	if (!mask_normalise(&w, mask)) {
		assert(!msg_is_word(mask) && w.n == 0);
	} else {
		struct span f = writer_done(&w);

		assert(msg_is_word(f));
		assert(span_find(f, '!') < f.n && span_find(f, '@') < f.n);
		writer_init(&v, again, cap);
		assert(mask_normalise(&v, f));
		assert(span_eq(writer_done(&v), f));
		/* A word alone is a nick if typed, a host if matched. */
		if (span_find(mask, '!') < mask.n ||
		    span_find(mask, '@') < mask.n)
			assert(mask_match(f, who, NULL) ==
			       mask_match(mask, who, NULL));
	}
	free(full);
	free(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_make(data, size), part[5];
	struct mask_who who = { 0 };
	struct writer w;
	char text[ADDR_TEXT];
	bool match;

	if (size > 2000)
		return 0;
	for (int i = 0; i < 5; i++)
		part[i] = span_cut(&in, '\n');
	for (int i = 1; i < 4; i++)
		one(part[0], part[i]);
	assert(mask_glob(SPAN("*"), part[0], NULL));
	if (!has(part[0], '*') && !has(part[0], '?') && !has(part[0], '\\'))
		assert(mask_glob(part[0], part[1], NULL) ==
		       casemap_eq(part[0], part[1]));
	who.nick = part[1];
	who.user = part[2];
	who.host = part[3];
	if (addr_parse(part[4], &who.addr)) {
		writer_init(&w, text, sizeof(text));
		addr_build(&w, &who.addr);
		who.ip = writer_done(&w);
	}
	match = mask_match(part[0], &who, NULL);
	who.addr = ADDR_NONE;
	who.ip = SPAN_NONE;
	/* With more known about a user, more masks match, never fewer. */
	assert(match || !mask_match(part[0], &who, NULL));
	normal(part[0], &who);
	return 0;
}
