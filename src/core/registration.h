/*
 * registration.h - from a connection to a user on the network.
 *
 *	NICK, USER, no CAP open          READY, and a uid is there
 *	-----------------------> complete ------------------------> entry made
 *
 *	         applied                         told
 *	entry made -----> the session has a user -----> no registration any more
 *
 * Who finds the nick taken meanwhile is no longer complete: he chooses again.
 */
#ifndef CORE_REGISTRATION_H
#define CORE_REGISTRATION_H

#include "core/state.h"

/* Is all there to register? Then makes the entry, or waits. */
void registration_try(struct step *, struct session *);
/* All who wait for READY or for uids. */
void registration_retry(struct step *);

/* Own entry with USER of this session is applied: it is on the network. */
void registration_attach(struct step *);
/* And its clients are told so. */
void registration_welcome(struct step *);

/* Of one who is welcomed, or goes; nothing if there is none. */
void registration_free(struct core *, struct session *);

/* The session is one of the user's from now on; it was nobody's. */
void session_attach(struct session *, struct user *);

#endif
