/*
 * sid_collision.h - the network knows more of this server than this server has
 * done (link-protocol.md, 4.6).
 */
#ifndef LINK_SID_COLLISION_H
#define LINK_SID_COLLISION_H

#include "core/types/ids.h"
#include "core/types/vector.h"

struct link;
struct link_net;
struct link_step;
struct lsa;
struct question;

/* A peer may show this many entries of this run that this server has not made.
 * They are forged, and this server makes them its own (forged.h). */
#define SID_COLLISION_AHEAD 4096

/*
 * Return true if what a peer has said shows a greater inc of our sid than ours,
 * or a number of ours that is further ahead than SID_COLLISION_AHEAD.
 */
bool sid_collision_in_origin(const struct link_net *, struct origin o,
    uint64_t n);
bool sid_collision_in_vector(const struct link_net *, const struct vector *);
bool sid_collision_in_lsa(const struct link_net *, const struct lsa *);
/*
 * Tell clients that this server is kept off the network, because a peer has
 * refused it with `copy` (link-protocol.md, 12.3). Do nothing if another link
 * stands.
 */
void sid_collision_outside(const struct link_step *);
/* Tell clients that this server is on the network again, if a link has been up
 * for long enough. This must be called every second. */
void sid_collision_inside(const struct link_step *);
/*
 * Ask the newer run of the sid the question COPY, which tells it the address of
 * the older run, whose link is refused with `copy` (link-protocol.md, 10.9).
 */
void sid_collision_tell(const struct link_step *, const struct link *refused,
    struct sid);
/* If the question is COPY, tell our operator of the older run, answer the
 * question and return true. */
bool sid_collision_asked(const struct link_step *, const struct question *);
/*
 * Ask for a new run under an inc that is greater than the one of ours which the
 * peer knows, and for which it has refused us with `inc`. Do nothing if another
 * link stands. If only a lie or a wrong clock explains so great an inc, tell
 * our operator instead.
 */
void sid_collision_told(const struct link_step *, uint64_t inc);
/* Refuse the link with own-inc, and tell our operator. */
void sid_collision_refuse(const struct link_step *, struct link *);

#endif
