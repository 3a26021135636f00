/*
 * state.h - the whole state of the links of one server; private to link/.
 */
#ifndef LINK_STATE_H
#define LINK_STATE_H

#include "base/rng.h"
#include "core/core.h"
#include "link/info.h"
#include "link/link.h"
#include "link/log.h"
#include "link/map/netmap.h"
#include "link/mutate.h"
#include "link/net.h"
#include "link/peers/peer.h"
#include "link/trust/early.h"
#include "link/trust/fork.h"

struct link_net {
	struct core *core;	    /* borrowed */
	const struct settings *set; /* borrowed; NULL before EV_CONF */
	struct origin self;
	struct rng rng;

	struct log log;
	struct netmap map;
	struct link **link; /* in the order of opening */
	size_t nlink, caplink;
	struct peer *peer;
	size_t npeer;
	uint64_t dials; /* numbers given to dials so far */
	bool again;	/* dial at once: the server has started again */

	uint64_t lseq;		/* of our link state */
	struct vector heads;	/* have when the youngest link came up */
	bool edges_changed;	/* make our link state anew */
	bool map_changed;	/* search the map */
	uint64_t lseq_searched; /* lseq when it was last searched */
	bool covered_changed;
	struct vector map_heads; /* the heads of all reachable servers */
	struct mono grace_at;	 /* awake: the first limbo ends; or never */
	bool shown_once;	 /* core_overlay() was called */
	bool shown_whole;	 /* as told by the last core_overlay() */
	size_t shown_origins;	 /* origins in have at that time */

	size_t ghosts_told;	   /* servers that ghost_tell() told of */
	uint64_t forgets;	   /* core_forget_count() at the last sweep */
	struct retiring *retiring; /* servers to be forgotten (retire.c) */
	size_t nretiring;
	uint64_t questions; /* that this server has asked by itself */
	struct mono copy_told, copy_heard; /* not again before (COPY) */
	bool outside;	       /* as clients were told (sid_collision.c) */
	int64_t outside_ms;    /* a link must be up for that long to end it */
	bool retire_look;      /* something changed: look again */
	struct mono retire_at; /* awake: look again at that time */

	struct mono digest_at, beat_at;
	struct mono alone_at; /* awake */
	struct mono ask_at;   /* awake: ask for no snapshot before */
	unsigned too_large;   /* snapshots refused since the last one taken */
	struct conn_id first; /* the first neighbour, or none */
	struct vector first_has; /* its SYNC */

	/* entries that must be processed before a snapshot is taken
	 * (snap_wait.h) */
	size_t takes_after;
	bool judges; /* a snapshot is checked, or its entries are accepted */
	struct snap_in *taking; /* with entries to accept; or NULL */
	/* the map has changed, and clients are told when entries below this
	 * place of the log, less 1, are processed (overlay.c); 0: not */
	uint64_t map_place;
	struct forks forks;    /* that this server knows of */
	struct stamp told_hlc; /* the hlc of our last link state */
	struct early early;    /* stamps of before the clock was set */
	struct snap_cut *cut;  /* the newest one; snap_out.c */
	struct trash *trash;   /* to be freed in pieces; trash.c */

	struct link_counts counts;
#ifdef BANYAN_MUTATE
	int mutation;
	struct vector lost; /* entries that were lost once */
#endif
};

/* One call of the interface in net.h, as all functions of link/ see it. */
struct link_step {
	struct link_net *net;
	const struct event *ev;
	struct effects *fx;
};

/* Refuse the link because unknown parts have used up their room
 * (link-protocol.md, 13.2), and tell our operator. */
void net_refuse_full(const struct link_step *, struct link *);

/* Return the stamp that this server would make now. */
struct stamp net_clock(const struct link_step *);
/* Return the hlc that this server tells its peers. No stamp is made for it:
 * clocks follow it (link-protocol.md, 1.4), so all would rise with each
 * link. */
struct stamp net_hlc(const struct link_step *);
/* Return true if the hlc of a peer is so far ahead that our clock must not
 * follow it. One that is not ahead of our own moves no clock. */
bool net_hlc_is_ahead(const struct link_step *, struct stamp hlc);

/* Return the number as decimal text in the step's arena, for log fields. */
struct span num_text(const struct link_step *, uint64_t);

/* Return true if any link stands (link_is_edge()). */
bool net_has_edge(const struct link_net *);

/* Return the link of that connection; or NULL if it has ended. */
struct link *net_link(const struct link_net *, struct conn_id);

/* Return the link to the next server on the way to that server; or NULL if the
 * server is not reachable, or no such link is up. */
struct link *net_link_to(const struct link_net *, struct sid);

/* Return false if the origin is a new one and the vectors are full. */
bool net_has_room(const struct link_net *, struct origin);

/* Accept an entry, which is the next of its origin (link-protocol.md, 6.8). The
 * reference moves to the log. */
void net_accept(const struct link_step *, struct entry *);

#endif
