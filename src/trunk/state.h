/*
 * state.h - the whole state of the trunks of one server; private to trunk/.
 */
#ifndef TRUNK_STATE_H
#define TRUNK_STATE_H

#include "base/siphash.h"
#include "core/core.h"
#include "core/types/mutate.h"
#include "trunk/info.h"
#include "trunk/load.h"
#include "trunk/net.h"
#include "trunk/peer.h"
#include "trunk/placing.h"
#include "trunk/stream.h"
#include "trunk/trunk.h"

struct trunk_net {
	struct core *core;	    /* borrowed */
	const struct settings *set; /* borrowed; NULL before EV_CONF */
	unsigned char key[SIPHASH_KEY];
	uint64_t mix; /* odd: the key of list_hash() */
	unsigned char memory_key[PLACE_MEMORY_KEY];
	struct trunk **trunk; /* in the order of opening */
	size_t ntrunk, captrunk;
	size_t nwaits; /* in TRUNK_WAITS */
	size_t nends;  /* DEAD ones, with or without streams */
	struct trunk_streams streams;
	struct mono beat_at;
	struct trunk_peers peers;
	struct trunk_load load;
	struct trunk_placing placing;
	bool ended; /* this step has ended a stream of a DEAD trunk */
	bool fed;   /* it has given the core a line that waited */
	TAILQ_HEAD(, trunk) busy; /* they have streams that are ready */

	/* the receivers of the line before, while effects are read */
	const struct conn_id *to;
	size_t nto;
	struct trunk **shares; /* trunks that have some of them */
	size_t nshares, capshares;

	struct trunk_counts counts;
#ifdef BANYAN_MUTATE
	int mutation;
#endif
};

/* One call of the interface in net.h, as all functions of trunk/ see it. */
struct trunk_step {
	struct trunk_net *net;
	const struct event *ev;
	struct effects *fx;
};

/* Return the trunk of that connection, or NULL. */
struct trunk *trunk_find(const struct trunk_net *, struct conn_id);

/* Begin an event of the core, which concerns the stream. */
void trunk_event(const struct trunk_step *, enum event_kind,
    const struct trunk_stream *, struct event *core);
/* Return how many streams the gate has, on all its trunks. */
size_t trunk_streams_of(const struct trunk_net *, const struct gate_settings *);

/* ---- recv.c -------------------------------------------------------------- */

/* Take a line of the gate. Return true if *core is the event for the core. */
bool trunk_recv(const struct trunk_step *, struct trunk *, struct event *core);

/* Let trunks begin that wait for this server to be open for clients. */
void trunk_begin_all(const struct trunk_step *);

/* ---- send.c -------------------------------------------------------------- */

/* Turn the effects from number `from` up to `to` into lines. */
void trunk_send(const struct trunk_step *, size_t from, size_t to);
/* Return true if so little is unsent that lines of its clients may go on, and
 * READ to them. */
bool trunk_reads(const struct trunk_net *, const struct trunk *);
/* Send READ to streams that it was kept from, as far as the turn has room.
 * Return true if some are left that could go now. */
bool trunk_send_owed(const struct trunk_step *, struct trunk *);
/* Say the limits of a client. */
void trunk_send_queues(const struct trunk_step *, struct trunk_stream *,
    uint32_t sendq, uint32_t recvq);
void trunk_send_beat(const struct trunk_step *, struct trunk *);
/* Send the lines of this step, if there are any, with the position. */
void trunk_flush(const struct trunk_step *, struct trunk *,
    const struct trunk_position *);

#endif
