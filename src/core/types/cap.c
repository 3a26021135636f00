#include "core/types/cap.h"

#include "core/types/tables.h"

const struct cap_row caps_builtin[CAP_BUILTIN] = {
#define CAP(ID, name, values, changes, scenario) { name, values },
#include "core/types/cap.def"
#undef CAP
};

const struct cap_row *
cap_row(const struct tables *t, enum cap c)
{
	return t->cap[c];
}

bool
cap_is_gap(const struct cap_row *row)
{
	return row->name[0] == ' ';
}

enum cap
cap_find(const struct tables *t, struct span name)
{
	for (unsigned i = 0; i < t->ncap; i++)
		if (span_eq(name, span_of(t->cap[i]->name)) &&
		    (t->leaving.caps >> i & 1) == 0)
			return i;
	return CAP_NONE;
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
