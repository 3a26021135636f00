/*
 * force.h - what the home of a user does when an operator makes the user join
 * or leave a channel or take a nick (link-protocol.md, 11.41), or gives the
 * user another host (11.42), and when an operator of a channel removes the user
 * from it. cmd/force.c, cmd/kick.c and cmd/chghost.c have the commands.
 */
#ifndef CORE_FORCE_H
#define CORE_FORCE_H

#include "core/state.h"

/* Make the entry of the user's home, and tell the user; do nothing at another
 * server. In the first two the text of the part is the name of the channel, and
 * for a PART also a space and the reason. */
void force_join(struct step *, const struct part *, uint32_t index,
    const struct user *);
void force_part(struct step *, const struct part *, uint32_t index,
    const struct user *);
/* As force_part, for REMOVE: the user is not told in other words. */
void force_remove(struct step *, const struct part *, uint32_t index,
    const struct user *);
void force_nick(struct step *, const struct part *, uint32_t index,
    const struct user *);
void force_host(struct step *, const struct part *, uint32_t index,
    const struct user *);
void force_username(struct step *, const struct part *, uint32_t index,
    const struct user *);

#endif
