/*
 * hosts.h - the host under which others see a user who registers here.
 *
 * Modules may give a user another host than that of the connection (struct
 * host_row of core/types/hook.h). The host of the connection stays with the
 * session. If the module allows it, the user shows that host by taking a mode
 * off. Masks of channels, bans and operators match it, too, as the server of
 * the user alone compares them. No other server knows it.
 */
#ifndef CORE_HOSTS_H
#define CORE_HOSTS_H

#include "core/part/part.h"
#include "core/state.h"
#include "core/types/hook.h"

/* Forget the other hosts of the session. */
void hosts_free(struct session *);

/* Put the host that modules give to the user into the words of the user. Return
 * the mode that the user has then, or NULL. */
const struct user_mode_row *hosts_choose(struct step *, struct session *,
    struct part_user *);

/* Return the row of the modules whose mode that is, or NULL. */
const struct host_row *hosts_row(const struct tables *, enum user_mode);

/* Return the host that the user of the session has without modules; borrowed,
 * or in the arena. */
struct span hosts_real(struct step *, const struct session *);

/* Let modules give the user of the session a host again, in the arena. Return
 * false if they give none; the user keeps the host then. */
bool hosts_hide(struct step *, struct session *, struct span *host);

#endif
