/*
 * welcome.h - what a client is told when it is on the network: 001-005,
 * LUSERS, MOTD (modern-irc, "Connection Registration").
 */
#ifndef CORE_WELCOME_H
#define CORE_WELCOME_H

#include "core/state.h"

void welcome(struct step *, struct session *);

/* Its pieces, also answers of VERSION, LUSERS, MOTD; all but LUSERS also to
 * the question of another server (session NULL). */
/* The tokens that a new configuration changed ("SHOULD re-advertise the
 * parameter"), and those that are no more. What was before is borrowed. */
void reply_isupport_changes(struct step *, struct session *,
    const struct settings *before, const struct class_settings *class);
void reply_lusers(struct step *, struct session *);
void reply_motd(struct step *, struct session *);
void reply_version(struct step *, struct session *);

#endif
