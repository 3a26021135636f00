#include "lib/modules.h"

#define MODULE_ROW(id) extern const struct module module_##id;
#include "../modules/list.def"
#undef MODULE_ROW

static const struct module *const modules[] = {
#define MODULE_ROW(id) &module_##id,
#include "../modules/list.def"
#undef MODULE_ROW
};

const struct module *
modules_get(size_t i)
{
	return i < sizeof(modules) / sizeof(modules[0]) ? modules[i] : NULL;
}

const struct module *
modules_find(struct span name)
{
	const struct module *m;

	for (size_t i = 0; (m = modules_get(i)) != NULL; i++)
		if (span_eq(span_of(m->name), name))
			return m;
	return NULL;
}
