/*
 * placing.h - what a server knows for the choice of a server: who is on which
 * channel, where, and who was on which channels last (src/place;
 * gate-protocol.md, part 12; doc/decisions/0067).
 *
 * It is a sink of changes (core/types/change.h), so it follows what is shown.
 * It begins with the core, if the settings have gates by then; a server that
 * gets its first gate by a reload answers that it knows nothing, until it is
 * started again.
 */
#ifndef TRUNK_PLACING_H
#define TRUNK_PLACING_H

#include "base/map.h"
#include "core/types/change.h"
#include "core/types/settings.h"
#include "place/chans.h"
#include "place/choose.h"
#include "place/memory.h"
#include "wire/name.h"

struct core;
struct trunk;
struct trunk_net;
struct trunk_step;

struct trunk_names { /* each has its number, from 1 */
	char (*v)[NAME_GATE_MAX + 1];
	size_t n, cap;
};

struct trunk_placing {
	struct place_chans *chans;   /* owned; NULL: it does not follow */
	struct place_memory *memory; /* owned; the same */
	struct map locals;	     /* struct local, by uid */
	struct trunk_names gates, regions;
	struct place_net net;
	struct place_sent admitted;
	uint64_t seen;	/* entrance_info_serial() of net */
	struct mono at; /* when the figures of the others were set */
	struct mono now;
	struct sink sink;
};

/* Add the sink to a new core, and free what it has. */
void trunk_placing_init(struct trunk_net *);
void trunk_placing_fini(struct trunk_placing *);
/* Follow the changes from now on, if the settings have gates and no user is
 * shown yet. */
void trunk_placing_begin(struct trunk_net *,
    const unsigned char key[PLACE_MEMORY_KEY]);

/* Forget a little of what is old. */
void trunk_placing_tick(const struct trunk_step *);

/* Return what people here read, for LOAD. */
uint64_t trunk_placing_rate(const struct trunk_net *);

/* Write the words of COST behind q for somebody whom a gate asks about. */
void trunk_placing_answer(const struct trunk_step *, const struct trunk *,
    const struct place_who *, struct writer *);

/* Return false if the server shall not take somebody who reads that much. over:
 * the gate has found no server with room. */
bool trunk_placing_admits(const struct trunk_step *, uint64_t rate, bool over);

#endif
