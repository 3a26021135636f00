/*
 * limit.h - the limits that linked servers should have in common (limit.def).
 */
#ifndef LINK_LIMIT_H
#define LINK_LIMIT_H

#include "core/types/settings.h"

enum limit {
#define LIMIT(name) LIMIT_##name,
#include "link/peers/limit.def"
#undef LIMIT
	LIMIT_COUNT
};

/* Return the name, which is static. */
struct span limit_name(enum limit);
/* Return the value that the settings have for the limit. */
uint32_t limit_get(const struct settings *, enum limit);

/* Return LIMIT_COUNT if no row has the name. */
enum limit limit_find(struct span name);

#endif
