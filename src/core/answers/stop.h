/*
 * stop.h - what a server does whom an operator asks to stop or to start again
 * (DIE, RESTART; link-protocol.md, 10.11).
 */
#ifndef CORE_STOP_H
#define CORE_STOP_H

#include "core/state.h"

/* Answer the question of the step, and stop if the operator may ask for it. The
 * reason is the operator's, and may be empty. */
void stop_asked(struct step *, struct uid from, struct span reason,
    bool restart);

#endif
