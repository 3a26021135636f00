#include "link/peers/limit.h"

#include <stddef.h>

struct limit_row {
	struct span name;
	size_t at; /* in struct settings */
};

static const struct limit_row rows[] = {
#define LIMIT(name) \
	[LIMIT_##name] = { SPAN_INIT(#name), offsetof(struct settings, name) },
#include "link/peers/limit.def"
#undef LIMIT
};

struct span
limit_name(enum limit limit)
{
	return rows[limit].name;
}

uint32_t
limit_get(const struct settings *set, enum limit limit)
{
	const char *p = (const char *)set + rows[limit].at;

	return *(const uint32_t *)(const void *)p;
}

enum limit
limit_find(struct span name)
{
	for (unsigned i = 0; i < LIMIT_COUNT; i++)
		if (span_eq(name, rows[i].name))
			return (enum limit)i;
	return LIMIT_COUNT;
}
