/*
 * readers.h - clients of a core alone that read all they were sent in each
 * turn, or nothing. A client is closed if more waits for it than its sendq
 * holds, as by banyand.
 */
#ifndef UNIT_CORE_READERS_H
#define UNIT_CORE_READERS_H

#include "unit/core/rig.h"

#define READERS 3 /* clients 1 to READERS of the rig, which the test opens */

struct readers {
	struct rig *rig;
	/* takes what a client has read; the text is that of rig_heard() */
	void (*take)(void *ctx, unsigned client, const char *text);
	void *ctx;
	/* these two are for the test to set, too */
	bool deaf[READERS + 1]; /* reads nothing */
	bool closed[READERS + 1];
	/* a test sets these to 0 */
	size_t most;	      /* bytes that waited for a client that reads */
	uint64_t most_visits; /* things that one step looked at */
	unsigned turns;
	uint64_t visits; /* of all steps so far */
};

/* Let a client read what waits for it. */
void readers_take(struct readers *, unsigned client);
/* Let each client read what waits for it, unless the client is deaf. */
void readers_read(struct readers *);
/* Do that, and run turns as long as the core wants one at once. */
void readers_run(struct readers *);
/* Let ms pass, then do readers_run(). */
void readers_pass(struct readers *, int64_t ms);

#endif
