/*
 * recorder.h - a sink that rebuilds from changes alone which users are shown,
 * on which channels and with which modes, and compares that with the shown
 * state of the core (core/types/change.h).
 *
 *	recorder_init(&r);
 *	core_add_sink(core, &r.sink);
 *	... steps ...
 *	why = recorder_compare(&r, core);
 *
 * It also looks at each change when it comes: a change must be possible in the
 * picture so far.
 */
#ifndef LIB_RECORDER_H
#define LIB_RECORDER_H

#include "base/map.h"
#include "core/core.h"
#include "core/types/change.h"

struct recorder {
	struct sink sink;
	struct map users, chans;
	const struct tables *tables; /* of the core, once it has changed */
	uint64_t changes;	     /* taken so far */
	char why[256]; /* the first change that was not possible; or empty */
};

/* Make an empty recorder. It must not move after that. */
void recorder_init(struct recorder *);
void recorder_fini(struct recorder *);

/* Return NULL, or a text about the first difference, borrowed. */
const char *recorder_compare(struct recorder *, const struct core *);

#endif
