/*
 * timeout.h - how long a link is waited for: that it says anything, that it
 * opens, takes what is sent, and ends the snapshot it began.
 */
#ifndef LINK_TIMEOUT_H
#define LINK_TIMEOUT_H

#include "base/mtime.h"

struct link;
struct link_net;
struct link_step;

/* Begin to wait for the SYNC of a link whose HELLO was accepted. */
void timeout_begin(const struct link_step *, struct link *);

/* EV_TICK: refuse the links that kept this server waiting too long. */
void timeout_check(const struct link_step *);

/* Return when the next link will have, by the awake clock; never without links.
 * Call it after EV_CONF. */
struct mono timeout_deadline(const struct link_net *);

#endif
