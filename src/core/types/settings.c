#include "core/types/settings.h"

#include "base/invariant.h"
#include "wire/casemap.h"

const struct class_settings *
settings_class(const struct settings *s, const struct addr *a)
{
	invariant(s->nclass > 0);
	for (size_t i = 0; i + 1 < s->nclass; i++)
		if (addr_in(a, &s->class[i].net, s->class[i].prefix))
			return &s->class[i];
	return &s->class[s->nclass - 1];
}

const struct oper_settings *
settings_oper(const struct settings *s, struct span name)
{
	for (size_t i = 0; i < s->noper; i++)
		if (span_eq(s->oper[i].name, name))
			return &s->oper[i];
	return NULL;
}
