#include "core/cap.h"

static const struct cap_row caps[] = {
#define CAP(ID, name, values, changes, scenario) { name, values },
#include "core/cap.def"
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
