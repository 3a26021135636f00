/*
 * pump.h - events in, effects out.
 *
 * pump_event steps the node once and carries out the effects, in order. What
 * an effect causes at once (a closed connection) becomes an event after the
 * step, never inside it.
 */
#ifndef DAEMON_PUMP_H
#define DAEMON_PUMP_H

#include "daemon/server.h"

/* The header (times) is filled in here. Not to be called from an effect. */
void pump_event(struct server *, struct event *);

#endif
