/*
 * welcome.h - what a client is told when it is on the network: 001-005,
 * LUSERS, MOTD, own modes (modern-irc, "Connection Registration").
 */
#ifndef CORE_WELCOME_H
#define CORE_WELCOME_H

#include "core/state.h"

void reply_welcome(struct step *, struct session *);

/*
 * Tell the session which ISUPPORT tokens a new configuration changed, and which
 * are no more ("SHOULD re-advertise the parameter"). before, the settings that
 * held until now, stays the caller's.
 */
void reply_isupport_changes(struct step *, struct session *,
    const struct settings *before, const struct class_settings *class);

/*
 * Pieces of the welcome that are also the answers of LUSERS, MOTD and VERSION.
 * MOTD and VERSION also answer the question of another server; the session is
 * NULL then.
 */
void reply_lusers(struct step *, struct session *);
void reply_motd(struct step *, struct session *);
void reply_version(struct step *, struct session *);

#endif
