/*
 * state.h - all there is of the links of one server; private to link/.
 */
#ifndef LINK_STATE_H
#define LINK_STATE_H

#include "base/rng.h"
#include "core/core.h"
#include "link/info.h"
#include "link/link.h"
#include "link/log.h"
#include "link/mutate.h"
#include "link/net.h"
#include "link/netmap.h"
#include "link/peer.h"

struct link_net {
	struct core *core;	    /* borrowed */
	const struct settings *set; /* borrowed; NULL before EV_CONF */
	struct origin self;
	struct rng rng;

	struct log log;
	struct netmap map;
	struct link **link; /* in order of opening */
	size_t nlink, caplink;
	struct peer *peer;
	size_t npeer;
	uint64_t dials; /* numbers used */

	uint64_t lseq;	     /* of our link state */
	struct vector heads; /* have when the youngest link came */
	bool edges_changed;  /* our link state is to be made anew */
	bool map_changed;    /* search, and look who is visible */
	bool covered_changed;
	struct vector map_heads; /* greatest of all the map reaches */
	bool shown_once;	 /* core_overlay was called */
	bool shown_whole;
	size_t shown_origins;

	uint64_t forgets;	   /* core_forgets() as swept */
	struct retiring *retiring; /* who is to be forgotten (retire.c) */
	size_t nretiring;
	bool retire_look;
	struct mono retire_at; /* awake: look again */

	struct mono digest_at, beat_at;
	struct mono alone_at;	 /* awake */
	struct conn_id first;	 /* the first neighbour; none yet */
	struct vector first_has; /* its SYNC */

	struct link_counts counts;
#ifdef BANYAN_MUTATE
	int mutation;
	struct vector lost; /* lost once already */
#endif
};

/* One call from outside: what all functions of link/ work on. */
struct link_step {
	struct link_net *net;
	const struct event *ev;
	struct effects *fx;
};

/* Parts of a later version than ours have filled what there is for them. */
void net_refuse_full(const struct link_step *, struct link *);

/* A stamp as it would be made now. */
struct stamp net_clock(const struct link_step *);

/* Decimal, in the step's arena: for log fields. */
struct span num_text(const struct link_step *, uint64_t);

/* May an origin be the first entry of which we take? Vectors are bounded. */
bool net_has_room(const struct link_net *, struct origin);

/*
 * Accept an entry, the next of its origin (link-protocol.md, 6.8). Takes the
 * reference.
 */
void net_accept(const struct link_step *, struct entry *);

#endif
