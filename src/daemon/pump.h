/*
 * pump.h - passes events to the node and carries out its effects.
 *
 * pump_event steps the node once and carries out the effects, in order. If an
 * effect causes an event at once (a closed connection), the node gets that
 * event after the step, never inside it.
 */
#ifndef DAEMON_PUMP_H
#define DAEMON_PUMP_H

#include "daemon/banyand.h"

/* Fill in the times of the event and step the node. Must not be called while an
 * effect is carried out. */
void pump_event(struct banyand *, struct event *);

/* Fill in the times of an event. */
void pump_time(const struct banyand *, struct event *);
/* Carry out the effects of a call of the node that was no step, and tell it
 * what they cause. */
void pump_carry(struct banyand *);

#endif
