/*
 * net.h - the servers of the network, with what somebody knows of them: their
 * figures, whether they take people, and how much room they have.
 *
 * A gate has a struct place_net, and each server has one: the gate from what
 * servers tell it, a server from what the others tell it and from itself.
 * Nothing here is a fact; two of them may differ.
 *
 * The *bound* of a server is how many people, and how many lines, it may have:
 * somewhat more than its share of what all open servers have together. The
 * shares go by weight. The bound holds for each strategy (choose.h).
 *
 * The lines of a server are what its people are expected to read: the sum of
 * the rates of their channels. The lines of the last minutes are a bad measure:
 * they differ by more than the bound does, and people who have just come are
 * not in them.
 */
#ifndef PLACE_NET_H
#define PLACE_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/span.h"
#include "place/sent.h"

#define PLACE_SERVERS_MAX 128
#define PLACE_WEIGHT 100 /* that of a server which says nothing else */
#define PLACE_WEIGHT_MAX 1000
#define PLACE_LOAD_MAX (UINT64_C(1) << 40) /* as much of a rate counts */

#define PLACE_SID_LEN 3

struct place_sid {
	char s[PLACE_SID_LEN + 1]; /* NUL-terminated; "" is none */
};

static inline bool
place_sid_eq(const struct place_sid *a, const struct place_sid *b)
{
	return memcmp(a->s, b->s, PLACE_SID_LEN) == 0;
}

struct place_server {
	struct place_sid sid;
	/* servers and gates with equal numbers are near each other */
	uint16_t region;
	uint16_t weight; /* 1 to PLACE_WEIGHT_MAX: how much it can carry */
	bool up;	 /* it can be reached, and is well */
	bool draining;	 /* its people are to go elsewhere */
	bool full;	 /* it says that it takes nobody */
	/* its own figures; set them with place_net_load() */
	uint32_t users;
	uint64_t rate; /* lines that its people read (place/rate.h) */
	/* at a gate only */
	uint32_t rtt_us; /* the round trip from the gate */
	struct place_sent sent;
	int64_t turn; /* of the strategy round-robin */
};

/* Hundredths of its share that a server may have; those of lines are more,
 * since channels are far more unequal than people (doc/decisions/0067). */
#define PLACE_BOUND_USERS 110
#define PLACE_BOUND_RATE 130

struct place_net {
	struct place_server *v; /* in order of their sids */
	size_t n;
	uint16_t bound_users, bound_rate; /* hundredths; from 100 to 1000 */
	uint64_t over; /* people who were sent over a bound */
};

/* Prepare an empty one with the usual bounds; the caller frees it with
 * place_net_fini(). */
void place_net_init(struct place_net *);
void place_net_fini(struct place_net *);

/*
 * Find a server, or add it. It is borrowed until the next call of
 * place_net_get() or place_net_drop(). A new one is not up and has
 * PLACE_WEIGHT. Return NULL if there are PLACE_SERVERS_MAX others.
 */
struct place_server *place_net_get(struct place_net *, struct place_sid);
/* Find a server, borrowed in the same way, or NULL. */
struct place_server *place_net_find(const struct place_net *, struct place_sid);
/* Forget a server, if it is known. */
void place_net_drop(struct place_net *, struct place_sid);

/*
 * The server has told its figures, which hold those who were sent up to that
 * number (0 where nobody is sent).
 */
void place_net_load(struct place_server *, uint32_t users, uint64_t rate,
    uint64_t seen);
/* The server cannot be reached any more. Those who were sent are not there, and
 * the numbers begin again. */
void place_net_down(struct place_server *);

/* All that the open servers would have together, with somebody who comes. */
struct place_sum {
	uint64_t users, rate;
	uint64_t weight;
	uint64_t coming; /* what that person reads */
	uint16_t bound_users, bound_rate;
};

/* Return the weight of a server, within 1 and PLACE_WEIGHT_MAX. */
uint16_t place_weight(const struct place_server *);

/* Return whether the server takes people at all. */
bool place_is_open(const struct place_server *);

/*
 * Add up what the open servers have, with the reservations, and one more person
 * who reads that much. Pass PLACE_RATE_UNKNOWN for somebody who reads as much
 * as others do.
 */
#define PLACE_RATE_UNKNOWN UINT64_MAX
void place_sum_init(struct place_sum *, const struct place_net *,
    uint64_t rate);

/*
 * Add what the other open servers may have got since they told their figures:
 * as many people, for their weights, as a server has admitted itself within
 * PLACE_LATE_MS.
 */
void place_sum_late(struct place_sum *, const struct place_server *self,
    const struct place_sent *admitted);

/* Return whether that person would leave an open server within its bound. The
 * bound of lines is for those who read as much as the mean, or more. */
bool place_has_room(const struct place_sum *, const struct place_server *);

/* Return whether it would leave that server within its bound of people. */
bool place_has_seat(const struct place_sum *, const struct place_server *);

/* Return how full an open server would be with that person, in thousandths of
 * its bound of people or of lines, whichever is fuller. */
uint64_t place_fill(const struct place_sum *, const struct place_server *);
/* The same for people alone. */
uint64_t place_fill_users(const struct place_sum *,
    const struct place_server *);

/* Compare two servers by how many people they have for their weight, and then
 * by their sids. Return <0 or >0. */
int place_server_cmp(const struct place_server *, const struct place_server *);

#endif
