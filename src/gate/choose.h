/*
 * choose.h - which server a new client goes to. A strategy is a row of
 * choose.c.
 */
#ifndef GATE_CHOOSE_H
#define GATE_CHOOSE_H

#include "gate/gate.h"

/* Choose a trunk for the client. Return NULL if none is up that has room. */
struct trunk *choose_trunk(struct gate *, const struct client *);

#endif
