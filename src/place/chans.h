/*
 * chans.h - the channels as placement sees them: how many members each has at
 * each server, behind each gate, and how much is said on it. A server keeps
 * this table beside its facts, and tells it of each member who comes and goes
 * and of each message. Then the costs of a person need no walk over members
 * (cost.h).
 *
 * The table owns everything in it. Its memory grows with the channels that have
 * members, and with the servers and gates at which they are. A channel without
 * members is not in it, and its rate is forgotten.
 *
 * The rate is what this server has counted itself: lines of the last three
 * hours or so, the later ones more. Servers that started at different times may
 * differ; the classes make that seldom.
 */
#ifndef PLACE_CHANS_H
#define PLACE_CHANS_H

#include "base/siphash.h"
#include "place/cost.h"

/* Names of channels are compared up to this length, without regard to case. */
#define PLACE_NAME_MAX 256

struct place_chans;

/* Make an empty table. The seed is copied: strangers choose the names. The
 * caller frees the table with place_chans_free(), which allows NULL. */
struct place_chans *place_chans_new(const unsigned char seed[SIPHASH_KEY]);
void place_chans_free(struct place_chans *);

/* A member comes to the channel, or leaves it: at that server, behind that gate
 * (as in struct place_seat). Invariant: only members who came leave. */
void place_chans_join(struct place_chans *, struct span name, struct place_sid,
    uint32_t gate, struct mono now);
void place_chans_part(struct place_chans *, struct span name, struct place_sid,
    uint32_t gate, struct mono now);

/* A line was said on the channel; nothing is done if it has no members. */
void place_chans_said(struct place_chans *, struct span name, struct mono now);

/*
 * Look at up to `max` channels that were not looked at for an hour, so that one
 * where nothing is said any more gets a lower class. Return how many there
 * were.
 */
size_t place_chans_expire(struct place_chans *, struct mono now, size_t max);

/* Return the facts for place_cost(); they hold until the next call of another
 * function for the table. */
struct place_facts place_chans_facts(struct place_chans *, struct mono now);

/* Return how much the members at a server read, for place_net_load(). */
uint64_t place_chans_rate(const struct place_chans *, struct place_sid);

/* Return how many channels there are. */
size_t place_chans_count(const struct place_chans *);

#endif
