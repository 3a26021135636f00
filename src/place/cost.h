/*
 * cost.h - the half of the first choice that a server makes: what would it
 * cost the network if a person were on this server, or on that one? The gate
 * adds what the way to the client costs, and chooses (choose.h).
 *
 * The cost is the sum over the person's channels of
 *
 *	rate * 3^-n	for the server, where n members are already
 *	rate * 3^-n	for the gate at that server, where n members are
 *			already; four times that between two regions
 *	rate * 3^-n * 3	for the region of the server, where n members are
 *
 * and over the users that the person talks to, what they say if they are on
 * another server. A place where many members are costs nothing, since it needs
 * the lines of the channel anyway. So small channels pull, and large ones do
 * not.
 *
 * The caller has the facts, and tells them through struct place_facts. Nothing
 * is kept.
 */
#ifndef PLACE_COST_H
#define PLACE_COST_H

#include "place/net.h"
#include "place/rate.h"

/* As many channels and peers of one person count; more are left out. */
#define PLACE_CHANNELS_MAX 32
#define PLACE_PEERS_MAX 6

/* It is not known behind which gate members are. They then count as behind the
 * gate that asks, if their server is in its region, and otherwise not. */
#define PLACE_GATE_UNKNOWN UINT32_MAX

/* Members of a channel who are at one server, behind one gate. */
struct place_seat {
	struct place_sid sid;
	uint32_t gate; /* 0: no gate, for clients of the server itself */
	uint32_t members;
};

/* How the facts are read. Each function gets ctx. */
struct place_facts {
	/*
	 * Go to a channel, and get its class (place/rate.h). Return false if
	 * nobody is on it. The name is as place_person has it.
	 */
	bool (*chan)(void *ctx, struct span name, unsigned *class);
	/*
	 * Get the next seat of that channel, in any order; several may be of
	 * one server. Return false behind the last one.
	 */
	bool (*seat)(void *ctx, struct place_seat *);
	void *ctx;
};

/* The gate that asks. */
struct place_gate {
	uint32_t gate; /* as in struct place_seat */
	uint16_t region;
};

/* A user that the person talks to. */
struct place_peer {
	struct place_sid home;
	uint64_t rate;
};

/* All that is known of somebody who comes. */
struct place_person {
	/* where the person's account is online; "" if it is not */
	struct place_sid home;
	/* the connection becomes one more session of that user, so no user is
	 * added to the server */
	bool joins;
	struct span channels; /* names, separated by spaces */
	const struct place_peer *peer;
	size_t npeers;
};

struct place_cost {
	struct place_sid sid;
	int64_t cost;
};

/* All that a gate is told of somebody. */
struct place_answer {
	struct place_sid home; /* as in struct place_person */
	bool joins;
	uint64_t rate; /* what the person would read; 0: nothing is known */
	int64_t rest;  /* what a server costs that is not listed */
	struct place_cost cost[PLACE_SERVERS_MAX]; /* in order of the sids */
	size_t n;
};

/*
 * Compute what the person would cost on each server of the network that is up.
 * A channel that has nobody counts for nothing. Return how many things were
 * looked at, for the budget of the turn: for each channel its seats, and the
 * servers.
 */
size_t place_cost(const struct place_net *, const struct place_gate *,
    const struct place_person *, const struct place_facts *,
    struct place_answer *);

/* Return what the answer says of a server. */
int64_t place_answer_cost(const struct place_answer *, struct place_sid);

/* Return whether the answer says where the person should be. */
bool place_answer_knows(const struct place_answer *);

#endif
