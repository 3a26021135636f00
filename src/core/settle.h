/*
 * settle.h - the entries that this server makes by itself for its own users who
 * have lost a nick or a channel.
 *
 * After each step the home confirms as facts what was decided about its users
 * (link-protocol.md, 9.7 to 9.10): `+NICK uid uid` for each lost claim, `+MOVE`
 * for each membership in another incarnation than the one that is shown. Both
 * count visible origins only. It writes when its own last entry is applied,
 * never before, so it cannot write twice.
 */
#ifndef CORE_SETTLE_H
#define CORE_SETTLE_H

#include "core/state.h"

/* Set up core->settling. The facts must be set up. */
void settle_init(struct core *);

/* Make at most one entry. The step that applies it calls this again. */
void settle(struct step *);

#endif
