/*
 * isupport.h - ISUPPORT: what clients are told of the limits, modes and
 * features of this server (modern-irc, "RPL_ISUPPORT Parameters"). To add a
 * token, add a row to isupport.def, and the token to the scenario
 * tests/scenario/registration/registration.txt, which shows all tokens.
 */
#ifndef CORE_ISUPPORT_H
#define CORE_ISUPPORT_H

#include "core/state.h"

enum {
#define ISUPPORT(NAME, value, is_told, scenario) ISUPPORT_##NAME,
#include "core/answers/isupport.def"
#undef ISUPPORT
	ISUPPORT_BUILTIN /* the number of built-in rows */
};

extern const struct isupport_row isupport_builtin[ISUPPORT_BUILTIN];

/* Send all tokens. The session is NULL if another server asked. */
void reply_isupport(struct step *, struct session *);

/*
 * Write the lines with the tokens that a new configuration has changed for
 * clients who are of the class `is` now, and `-TOKEN` for each token that does
 * not exist any more ("SHOULD re-advertise the parameter"). `was` has the
 * settings, the class and the tables that held until now. The lines are in the
 * step's arena; each has a LF behind it.
 */
struct span isupport_changes(struct step *, const struct isupport_from *was,
    const struct class_settings *is);

/* Send the lines that isupport_changes() has made. */
void reply_isupport_lines(struct step *, struct session *, struct span lines);

#endif
