/*
 * timeout.h - how long this server waits for a peer: to say anything, to send
 * SYNC, to take what is sent, and to end a snapshot (link-protocol.md, part
 * 13).
 */
#ifndef LINK_TIMEOUT_H
#define LINK_TIMEOUT_H

#include "base/mtime.h"

struct link;
struct link_net;
struct link_step;

/* Begin to wait for the SYNC of a link whose HELLO was accepted. */
void timeout_begin(const struct link_step *, struct link *);

/* Refuse each link that kept this server waiting for too long. */
void timeout_check(const struct link_step *);

/* Return when the next of these times is over, by the awake clock, or
 * MONO_NEVER. Call this only after EV_CONF. */
struct mono timeout_deadline(const struct link_net *);

#endif
