/*
 * targets.h - how many users a client may write to whom it does not know: the
 * option `targets` of a class.
 *
 * A client knows the users that it has written to lately, and those that have
 * written to it lately. To write to another one costs a part of five minutes,
 * and a client may be five minutes ahead of the clock. With 20 targets it may
 * write to 20 strangers at once, then to one every 15 s. Spammers are held by
 * this; an answer never is.
 *
 * Only messages to users and invitations count. A session owns its lists, which
 * are made when they are first needed.
 */
#ifndef CORE_TARGETS_H
#define CORE_TARGETS_H

#include "core/state.h"

/* Return true if the client may write to the user now, and charge the client if
 * the user is a stranger. Otherwise log the refusal, at most once in five
 * minutes. */
bool targets_take(struct step *, struct session *, const struct user *);

/* Note for the clients of a user that another user has written to it. */
void targets_heard(struct step *, const struct user *, struct uid by);

void targets_free(struct session *);

#endif
