/*
 * Formatting codes: what is left has no code and is
 * stripped already, its bytes stand in the text in this order, the bytes that
 * are gone are codes and ASCII parameters, and valid UTF-8 stays valid.
 */
#undef NDEBUG
#include <assert.h>
#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "wire/format.h"
#include "wire/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
may_go(char c)
{
	return strchr("\2\3\4\17\21\26\35\36\37,", c) != NULL ||
	       isxdigit((unsigned char)c);
}

/* Walk along both texts: each byte of the text is either the next one that is
 * left, or may be gone. */
static void
compare(struct span text, struct span left)
{
	size_t n = left.n;

	for (size_t i = text.n; i-- > 0;) {
		if (n > 0 && text.p[i] == left.p[n - 1])
			n--;
		else
			assert(text.p[i] != '\0' && may_go(text.p[i]));
	}
	assert(n == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(4096);
	struct span text = span_make((const char *)data, size);
	struct span left = format_strip(a, text);

	assert(!format_has(left));
	assert(left.n <= text.n);
	assert(format_has(text) ? left.n < text.n : left.p == text.p);
	assert(span_eq(format_strip(a, left), left));
	assert(!utf8_valid(text) || utf8_valid(left));
	compare(text, left);
	arena_free(a);
	return 0;
}
