/*
 * entrance_info.h - the servers of the network that take gates, as trunk/ tells
 * gates of them: those that this server sees, itself included
 * (doc/decisions/0068).
 */
#ifndef CORE_ENTRANCE_INFO_H
#define CORE_ENTRANCE_INFO_H

#include "core/core.h"
#include "core/part/entrance.h"

struct entrance_info {
	struct origin run;
	struct span name; /* of the server */
	struct entrance_text text;
};

struct entrance_walk { /* all zero at first */
	const void *last;
};

/* Get the next one, in any order; texts are borrowed until the facts change.
 * Return false after the last. */
bool entrance_info_next(const struct core *, struct entrance_walk *,
    struct entrance_info *);

/* Return a number that is another one whenever these may have changed. */
uint64_t entrance_info_serial(const struct core *);

#endif
