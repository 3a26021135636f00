/*
 * sid_collision.h - the network knows more of this server than it does itself
 * (doc/link-protocol.md, part 4).
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
 * Another server speaks as us, or knows of us what we do not: our sid with a
 * greater inc, or a number we have not made. Refused, and our operator told.
 */
bool sid_collision_in_origin(const struct link_net *, struct origin o,
    uint64_t n);
bool sid_collision_in_vector(const struct link_net *, const struct vector *);
bool sid_collision_in_lsa(const struct link_net *, const struct lsa *);
void sid_collision_refuse(const struct link_step *, struct link *);

#endif
