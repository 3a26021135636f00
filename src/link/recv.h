/*
 * recv.h - a line of a link on its way to the file of its verb.
 */
#ifndef LINK_RECV_H
#define LINK_RECV_H

#include "base/span.h"
#include "link/verb.h"

struct link;
struct link_step;

/* EV_LINK_LINE: handled by its file under msg/, or the link is refused. */
void recv_line(const struct link_step *, struct link *);

/*
 * A line of a vector of what the peer has: true when the last has come and
 * l->words is whole, and does not know more of us. False: *why is for recv to
 * return, NULL if more will come or the link was refused.
 */
bool recv_vector(const struct link_step *, struct link *, enum verb,
    struct span rest, const char **why);

#endif
