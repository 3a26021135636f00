/*
 * registration.h - from a connection to a user on the network.
 *
 *	NICK, USER, no CAP open          READY, a uid, all requests answered
 *	-----------------------> complete ------------------------> entry made
 *
 *	         applied                         told
 *	entry made -----> the session has a user -----> no registration any more
 *
 * A client whose nick was taken meanwhile is no longer complete, and chooses
 * another nick.
 */
#ifndef CORE_REGISTRATION_H
#define CORE_REGISTRATION_H

#include "core/state.h"

/* End a client that has not given the password of its class: "the server SHOULD
 * send ERR_PASSWDMISMATCH (464) and MAY then close the connection with ERROR"
 * (modern-irc, "PASS message"). */
void registration_refuse_password(struct step *, struct session *,
    struct span why);

/* Make the entry if the client has sent all that registration needs, or wait
 * for READY, uids and answers (core/sessions/request.h). */
void registration_try(struct step *, struct session *);
/* Try again for all clients that wait for READY or for uids. */
void registration_retry(struct step *);
/* Ask for the next uids again, if it is time. */
void registration_tick(struct step *);

/* The own entry with +USER of the session is applied: attach the session. */
void registration_attach(struct step *);
/* If another server has forged this entry of this server, which is applied now,
 * let the users that it added quit (link-protocol.md, 6.20): no client is
 * attached to them. */
void registration_orphans(struct step *, const struct part *, size_t n);
/* Send the welcome to the sessions that were attached. */
void registration_welcome(struct step *);
/* Let a client that was welcomed by this entry join the channels that modules
 * say, and go on. */
void registration_arrived(struct step *);

/* Free the registration of a session that is welcomed, or goes; do nothing if
 * it has none. */
void registration_free(struct core *, struct session *);

/* Let the user be away, as the client has said before it registered. */
void registration_away(struct step *, struct session *, struct span text);

/* Make the session, which has no user, one of the user's. */
void session_attach(struct session *, struct user *);

#endif
