#include "core/types/ban_kind.h"

const struct ban_kind_row ban_kind_row[BAN_KINDS] = {
#define BANKIND(ID, name, label, form, what, scenario) \
	{ SPAN_INIT(name), label, BAN_##form, what },
#include "core/types/ban_kind.def"
#undef BANKIND
};

enum ban_kind
ban_kind_find(struct span name)
{
	unsigned i = 0;

	while (i < BAN_KINDS && !span_eq(ban_kind_row[i].name, name))
		i++;
	return (enum ban_kind)i;
}
