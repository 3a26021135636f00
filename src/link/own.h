/*
 * own.h - this server among the others: its link state, and what it means if
 * the network knows more of it than it does itself (doc/link-protocol.md, parts
 * 4 and 5).
 */
#ifndef LINK_OWN_H
#define LINK_OWN_H

#include "link/netmap.h"

struct link;
struct link_net;
struct link_step;

/* Our link state anew, with the edges there are and `with`, whose HELLO was
 * just accepted (NULL: none); sent to all edges but that one, which gets all
 * there is behind its HELLO. */
void own_link_state(const struct link_step *, const struct link *with);

/*
 * Another server speaks as us, or knows of us what we do not: our sid with a
 * greater inc, or a number we have not made. Refused, and our operator told.
 */
bool own_knows_more(const struct link_net *, struct origin o, uint64_t n);
bool own_vector_knows_more(const struct link_net *, const struct vector *);
bool own_lsa_knows_more(const struct link_net *, const struct lsa *);
void own_refuse_knows_more(const struct link_step *, struct link *);

/*
 * A line of a vector of what the peer has: true when the last has come and
 * l->words is whole, and does not know more of us. False: *why is for recv to
 * return, NULL if more will come or the link was refused.
 */
bool own_read_vector(const struct link_step *, struct link *, const char *verb,
    struct span rest, const char **why);

#endif
