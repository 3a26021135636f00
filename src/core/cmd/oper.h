/*
 * oper.h - operators who are there: what a new configuration means for them,
 * and how they cease to be operators.
 */
#ifndef CORE_CMD_OPER_H
#define CORE_CMD_OPER_H

#include "core/state.h"

#define OPER_PARTS 3

/* Write the parts by which an operator ceases to be one, at most
 * OPER_PARTS + 1. Return how many they are. */
size_t oper_parts_off(struct step *, const struct user *, struct part *);

/* If the session's user is an operator of this server, give the user the
 * privileges that their block has now. A user whose block is gone is no
 * operator any more. */
void oper_reloaded(struct step *, const struct session *);

#endif
