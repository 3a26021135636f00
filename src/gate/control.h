/*
 * control.h - the control socket: answers the requests of banyanctl.
 */
#ifndef GATE_CONTROL_H
#define GATE_CONTROL_H

#include "gate/gate.h"

/* Listen on the configured path. The caller frees the result with
 * gate_control_free. Return NULL and fill in why on failure. */
struct gate_control *gate_control_new(struct gate *, char why[LISTEN_WHY_LEN]);
/* Close every connection without an answer. NULL is allowed. */
void gate_control_free(struct gate_control *);

/* Pass an event to the connections that asked for events (`tail`). NULL is
 * allowed. */
void gate_control_event(struct gate_control *, const struct log_event *);

#endif
