/*
 * hosts.h - the host under which others see a user who registers here.
 *
 * Modules may give a user another host than that of the connection (struct
 * host_row of core/types/hook.h). The host of the connection stays with the
 * session. Masks of channels, bans and operators match it, too, as the server
 * of the user alone compares them. No other server knows it.
 */
#ifndef CORE_HOSTS_H
#define CORE_HOSTS_H

#include "core/part/part.h"
#include "core/state.h"

/* Put the host that modules give to the user into the words of the user. */
void hosts_choose(struct step *, struct session *, struct part_user *);

#endif
