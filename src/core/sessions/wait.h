/*
 * wait.h - what a client waits for before its next line is read: its own entry,
 * a password, the allowance of core/sessions/flood.h, room for a long answer,
 * the next turn when this one has cost enough (base/work.h).
 */
#ifndef CORE_WAIT_H
#define CORE_WAIT_H

#include "core/state.h"

/* The next line, if nothing is waited for; else when the allowance is there,
 * or by who ends the waiting. Nothing if it was granted already. */
void wait_grant(struct step *, struct conn *);

/* Return true if the client itself is the reason that its next line is not
 * read: its flood allowance, a password, too many long answers. False: the
 * server is behind with its work. */
bool wait_is_own(const struct step *, const struct conn *);

/* The command under way is done, unless it waits: its response leaves, the
 * next line may come. */
void wait_next(struct step *, struct session *);

/* Own entry n is being applied: its lines answer the command that made it. */
void wait_answering(struct step *, uint64_t n);
/* Charge an own entry that is applied, and its parts, to the session that waits
 * for it, and let that session go on. */
void wait_applied(struct step *, const struct entry *, const struct part *);

#endif
