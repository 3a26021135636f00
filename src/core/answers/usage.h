/*
 * usage.h - how often each command was used here, for STATS m. The counts are
 * no facts, and begin anew with each run. A command that a module no longer
 * gives keeps its count.
 */
#ifndef CORE_USAGE_H
#define CORE_USAGE_H

#include "core/state.h"

struct command_use {
	struct rcbuf *name;
	uint64_t n, bytes; /* bytes of lines without tags and CR LF */
};

void usage_init(struct core *);
void usage_fini(struct core *);

/* Count a line with the command of that name. */
void usage_count(struct core *, struct span name, size_t bytes);

/* Set the counts of a command. */
void usage_set(struct core *, struct span name, uint64_t n, uint64_t bytes);

/* Return the next command from place *i on, which becomes the one after it; or
 * NULL. *i is 0 at first. */
const struct command_use *usage_next(const struct core *, size_t *i);

#endif
