/*
 * isupport.h - ISUPPORT: what clients are told of the limits, modes and
 * features of this server (modern-irc, "RPL_ISUPPORT Parameters"). To add a
 * token, add a line to collect() in isupport.c, and to the scenario
 * tests/scenario/registration/registration.txt, which shows all tokens.
 */
#ifndef CORE_ISUPPORT_H
#define CORE_ISUPPORT_H

#include "core/state.h"

/* Send all tokens. The session is NULL if another server asked. */
void reply_isupport(struct step *, struct session *);

/* Forget the text of the tokens, because the settings or the tables change. */
void isupport_forget(struct core *);

/*
 * Send the tokens that a new configuration has changed, and `-TOKEN` for each
 * token that does not exist any more ("SHOULD re-advertise the parameter").
 * `before` has the settings that held until now; the caller keeps it.
 */
void reply_isupport_changes(struct step *, struct session *,
    const struct settings *before, const struct class_settings *class);

#endif
