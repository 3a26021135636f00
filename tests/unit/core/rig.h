/*
 * A core on its own: entries it makes are applied at once, as a node without
 * links does, and what clients are sent is collected as text.
 */
#ifndef UNIT_CORE_RIG_H
#define UNIT_CORE_RIG_H

#include "core/core.h"
#include "core/state.h"

#define RIG_CLIENTS 40

struct rig {
	struct core *core;
	struct effects fx;
	struct event ev; /* the clock is kept in it */
	struct settings settings;
	struct class_settings class;
	struct arena *arena;
	char *out[RIG_CLIENTS];
	size_t nout[RIG_CLIENTS];
	bool closed[RIG_CLIENTS];
	unsigned granted[RIG_CLIENTS];
	bool drain[RIG_CLIENTS]; /* EV_DRAINED was asked for */
	struct mono deadline;	 /* of the next EV_TICK */
	bool no_ticks;		 /* only those of rig_tick and rig_advance */
	uint64_t hash_token;
};

void rig_init(struct rig *);
void rig_fini(struct rig *);
void rig_open(struct rig *, unsigned client);
void rig_close(struct rig *, unsigned client);
/* Fails the test if the client may not send a line now. */
void rig_say(struct rig *, unsigned client, const char *line);
void rig_register(struct rig *, unsigned client, const char *nick);
/* What the client was sent since the last call; for the rig's life. */
const char *rig_heard(struct rig *, unsigned client);
/* The client has read all; only if the core asked to be told. */
void rig_read(struct rig *, unsigned client);
void rig_advance(struct rig *, int64_t ms);
/* One turn, if the core asked for one at once; false: it did not. Without
 * no_ticks each step is followed by as many as it takes. */
bool rig_tick(struct rig *);
/* The mark of uids is on disk. */
void rig_stored(struct rig *, uint64_t upto);
/* Carries out effects and applies own entries until there are none. */
void rig_drain(struct rig *);
struct session *rig_session(struct rig *, unsigned client);

#endif
