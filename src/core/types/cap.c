#include "core/types/cap.h"

static const struct cap_row caps[] = {
#define CAP(ID, name, values, changes, scenario) { name, values },
#include "core/types/cap.def"
#undef CAP
};

const struct cap_row *
cap_row(enum cap c)
{
	return &caps[c];
}

enum cap
cap_find(struct span name)
{
	enum cap c = 0;

	while (c < CAP_COUNT && !span_eq(name, span_of(caps[c].name)))
		c++;
	return c;
}

struct span
cap_line(struct span *rest, size_t max)
{
	struct span line = span_word(rest), left = *rest, word;

	while ((word = span_word(&left)).n > 0 &&
	       (size_t)(word.p - line.p) + word.n <= max) {
		line.n = (size_t)(word.p - line.p) + word.n;
		*rest = left;
	}
	if (word.n == 0)
		*rest = SPAN_NONE;
	return line;
}
