/*
 * patience.h - how long a link is waited for: that it says anything, that it
 * opens, takes what is sent, and ends the snapshot it began.
 */
#ifndef LINK_PATIENCE_H
#define LINK_PATIENCE_H

#include "base/mtime.h"

struct link_net;
struct link_step;

/* EV_TICK: refuses the links that kept us waiting too long. */
void patience_check(const struct link_step *);

/* When the next of them will have; never without links. After EV_CONF. */
struct mono patience_deadline(const struct link_net *);

#endif
