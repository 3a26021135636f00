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

/*
 * Return true if what a peer has said shows a greater inc of our sid than ours,
 * or an entry of ours with a number that we have not reached.
 */
bool sid_collision_in_origin(const struct link_net *, struct origin o,
    uint64_t n);
bool sid_collision_in_vector(const struct link_net *, const struct vector *);
bool sid_collision_in_lsa(const struct link_net *, const struct lsa *);
/*
 * The peer has refused us with `inc`, and knows that inc of ours. Ask for a new
 * run under a greater one, unless another link stands, or the inc is so great
 * that only a lie or a wrong clock explains it.
 */
void sid_collision_told(const struct link_step *, uint64_t inc);
/* Refuse the link with own-inc, and tell our operator. */
void sid_collision_refuse(const struct link_step *, struct link *);

#endif
