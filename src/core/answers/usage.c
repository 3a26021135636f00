/*
 * Names are copied, since those of rows go with their modules. There are no
 * more than a core may have commands; others are not counted.
 */
#include "core/answers/usage.h"

#include <stdlib.h>

#include "base/mem.h"

static struct span
key_of(const void *p)
{
	const struct command_use *u = p;

	return rcbuf_span(u->name);
}

void
usage_init(struct core *c)
{
	map_init(&c->usage, key_of, c->key);
}

void
usage_fini(struct core *c)
{
	struct command_use *u;

	for (size_t i = 0; (u = map_next(&c->usage, &i)) != NULL;) {
		rcbuf_unref(u->name);
		free(u);
	}
	map_fini(&c->usage);
}

void
usage_count(struct core *c, struct span name, size_t bytes)
{
	struct command_use *u = map_find(&c->usage, name);

	if (u == NULL) {
		if (map_count(&c->usage) == COMMANDS_MAX)
			return;
		u = mem_zalloc(sizeof(*u));
		u->name = rcbuf_new(name);
		map_put(&c->usage, u);
	}
	u->n++;
	u->bytes += bytes;
}

void
usage_set(struct core *c, struct span name, uint64_t n, uint64_t bytes)
{
	struct command_use *u;

	usage_count(c, name, 0);
	u = map_find(&c->usage, name);
	if (u == NULL)
		return;
	u->n = n;
	u->bytes = bytes;
}

const struct command_use *
usage_next(const struct core *c, size_t *i)
{
	return map_next(&c->usage, i);
}
