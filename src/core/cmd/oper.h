/*
 * oper.h - what a new configuration means for operators who are there.
 */
#ifndef CORE_CMD_OPER_H
#define CORE_CMD_OPER_H

#include "core/state.h"

/* If the session's user is an operator of this server, give the user the
 * privileges that their block has now. A user whose block is gone is no
 * operator any more. */
void oper_reloaded(struct step *, const struct session *);

#endif
