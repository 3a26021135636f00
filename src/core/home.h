/*
 * home.h - what a server writes by itself for its own users and channels.
 *
 * After each step the home looks at what was decided about its users and
 * confirms it as facts: `+NICK uid uid` once per lost
 * claim, `+MOVE` of memberships in a younger incarnation, both counting
 * visible origins only. It writes when its own last entry is applied, never
 * before, so it cannot write twice.
 */
#ifndef CORE_HOME_H
#define CORE_HOME_H

#include "core/state.h"

/* At most one entry; the next step comes when that one is applied. */
void settle(struct step *);

#endif
