#include "core/types/privilege.h"

const struct privilege_row privilege_row[PRIV_COUNT] = {
#define PRIVILEGE(ID, name, what, scenario) { SPAN_INIT(name), what },
#include "core/types/privilege.def"
#undef PRIVILEGE
};

enum privilege
privilege_find(struct span name)
{
	unsigned i = 0;

	while (i < PRIV_COUNT && !span_eq(privilege_row[i].name, name))
		i++;
	return (enum privilege)i;
}

void
privileges_write(struct writer *w, uint32_t set)
{
	bool any = false;

	for (unsigned i = 0; i < PRIV_COUNT; i++) {
		if ((set >> i & 1) == 0)
			continue;
		writer_str(w, any ? " " : "");
		writer_span(w, privilege_row[i].name);
		any = true;
	}
}

uint32_t
privileges_read(struct span text)
{
	struct span word;
	enum privilege p;
	uint32_t set = 0;

	while ((word = span_word(&text)).n > 0)
		if ((p = privilege_find(word)) != PRIV_COUNT)
			set |= UINT32_C(1) << p;
	return set;
}
