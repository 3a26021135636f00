/*
 * A made-up world: channels with members at servers, and a slow, exact model of
 * what they cost.
 *
 * The model knows nothing of the code. It adds up the potential of the world,
 * place by place and member by member, as the definition has it: the n-th
 * member of a channel at a place adds rate * 3^-(n-1) there. A person costs as
 * much as the potential grows by when the person is there.
 */
#ifndef UNIT_PLACE_WORLD_H
#define UNIT_PLACE_WORLD_H

#include "base/rng.h"
#include "place/cost.h"

#define WORLD_CHANNELS 20
#define WORLD_MEMBERS 500

struct member {
	unsigned chan, server;
	uint32_t gate;
};

struct world {
	struct place_net net;
	unsigned nchan;
	unsigned class[WORLD_CHANNELS];
	struct member member[WORLD_MEMBERS];
	unsigned n;
	/* the walk of the facts */
	unsigned chan, next;
	bool whole; /* seats have all members of their place */
};

/* Make a world of some servers, regions, gates and members. */
void world_init(struct world *, struct rng *);
void world_fini(struct world *);

/* Put the members in another order. */
void world_shuffle(struct world *, struct rng *);

/* The facts of the world; the names of channels are #0, #1 … */
struct place_facts world_facts(struct world *);

/* Write the names of some channels to buf, and return them. */
struct span world_channels(const struct world *, struct rng *, char *buf,
    size_t size);

/* Return the potential of the world for a gate in a region: what the model says
 * about servers, seats behind that gate, and regions. */
__int128 world_potential(const struct world *, const struct place_gate *);

/* Add the person to these channels, at a server, behind a gate. To take the
 * person away, set n to what it was. */
void world_enter(struct world *, struct span channels, unsigned server,
    uint32_t gate);

#endif
