/*
 * ban_lines.h - a ban as numerics show it, to operators: with both reasons, who
 * set it, how long it is in force, and how often it has hit here.
 */
#ifndef CORE_BAN_LINES_H
#define CORE_BAN_LINES_H

#include "core/facts/bans.h"
#include "core/state.h"

/* Return the letter of the ban in STATS and TESTLINE: that of its kind, as a
 * capital if it is permanent. */
char ban_letter(const struct ban *);

/* Send the numeric of STATS for the ban. If the reader may not see addresses,
 * the nick that was given stands in the place of a hidden one. */
void reply_ban(struct step *, struct session *, const struct ban *, bool sees);

/* Return the text of these numerics behind the mask; it lives to the end of the
 * step. */
struct span ban_words(struct step *, const struct ban *);

#endif
