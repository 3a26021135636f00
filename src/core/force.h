/*
 * force.h - what the home of a user does when an operator makes the user join
 * or leave a channel (link-protocol.md, 11.41). cmd/force.c has the commands.
 */
#ifndef CORE_FORCE_H
#define CORE_FORCE_H

#include "core/state.h"

/* Make the entry of the user's home, and tell the user; do nothing at another
 * server. The text of the part is the name of the channel, and for a PART also
 * a space and the reason. */
void force_join(struct step *, const struct part *, uint32_t index,
    const struct user *);
void force_part(struct step *, const struct part *, uint32_t index,
    const struct user *);

#endif
