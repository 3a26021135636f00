/*
 * load.h - how much this server has, as LOAD tells it to gates
 * (gate-protocol.md, 11.4).
 *
 *	users	those whose home is here, and connections that have not
 *		registered: so a stream counts from its NEW
 *	rate	what their channels make them read
 *
 * The figures are looked at when they have changed, at most five times a
 * second, and each gate is told those that differ enough from what it was told
 * last.
 */
#ifndef TRUNK_LOAD_H
#define TRUNK_LOAD_H

#include "base/mtime.h"

struct trunk;
struct trunk_net;
struct trunk_step;

struct trunk_figures {
	uint64_t users, rate;
	uint32_t weight;
	bool draining;
	bool full; /* of a trunk: its gate has all its streams */
};

struct trunk_load {
	struct trunk_figures seen; /* at the last look */
	struct mono look;	   /* the next one may be then */
	struct mono again;	   /* a gate must be told then at the latest */
};

void trunk_load_init(struct trunk_load *);

/* Tell a gate behind SERVER, if it reads LOAD. */
void trunk_load_begin(const struct trunk_step *, struct trunk *);

/* Tell gates what has changed. Return when to be called again. */
struct mono trunk_load_send(const struct trunk_step *);

#endif
