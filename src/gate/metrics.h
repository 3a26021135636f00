/*
 * metrics.h - what the pages for programs that watch the gate say
 * (host/pages.h).
 *
 * The number of series is bounded: the servers are those that the gate knows,
 * and no client or address of one is a label.
 */
#ifndef GATE_METRICS_H
#define GATE_METRICS_H

#include "gate/gate.h"

/* Prepare the pages, when there are streams. */
void metrics_init(struct gate *);

#endif
