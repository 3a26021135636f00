/*
 * figures.h - letters of STATS whose answer the daemon knows, and the core does
 * not: ports, bytes, DNS (REQUEST_FIGURES of core/types/request.def).
 *
 *	EFF_ASK --> EV_ANSWERED: lines --> numerics, 219
 *
 * A line is the text of a 249. A line of P has a port, an address, how many
 * clients came that way, and a text, and becomes a 220.
 */
#ifndef CORE_FIGURES_H
#define CORE_FIGURES_H

#include "core/state.h"

/* Ask for the figures of a letter, and answer the session, with 219 at the end.
 * Its next line waits. */
void reply_figures(struct step *, struct session *, struct span letter);

/* Begin to answer the question of the step with them. Return true if its DONE
 * comes later, or false if they cannot be asked for now. */
bool figures_asked(struct step *, struct span letter);
/* Do the same with those of a client of this server: its class, what waits for
 * it, and the bytes that it takes (STATS L nick). */
bool figures_of_client(struct step *, struct span letter, const struct user *);

#endif
