/*
 * welcome.h - what a client is told when it is on the network: 001-005,
 * LUSERS, MOTD, own modes (modern-irc, "Connection Registration").
 */
#ifndef CORE_WELCOME_H
#define CORE_WELCOME_H

#include "core/state.h"

/* Send 001 to 005, LUSERS, the MOTD and the modes of the user. */
void reply_welcome(struct step *, struct session *);

/*
 * Answer LUSERS, MOTD and VERSION; the welcome has the first two as well. The
 * session is NULL if another server asked for its user.
 */
void reply_lusers(struct step *, struct session *);
void reply_motd(struct step *, struct session *);
void reply_version(struct step *, struct session *);

/* Drop the texts of all that, because the settings or the tables change. */
void welcome_drop(struct core *);

/* Send the modes of the session's user; the welcome has them as well. */
void reply_user_modes(struct step *, struct session *);

#endif
