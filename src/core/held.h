/*
 * held.h - users whose connection a restart has ended: who is held, who comes
 * back as such a user, and what others are told meanwhile
 * (doc/decisions/0064).
 *
 *	EV_CONN_HELD            NICK, USER of the same client
 *	-------------> held ----------------------------------> connected
 *	                |       \                          /
 *	      time over |        -> entry that gives away -
 *	                v           what is not proved
 *	               QUIT
 *
 * A held user is on the network as any other. The session has no connection,
 * and what is kept for it is in core/sessions/hold.h.
 */
#ifndef CORE_HELD_H
#define CORE_HELD_H

#include "core/sessions/hold.h"

/* Take EV_CONN_HELD: hold the user of the connection, or let the user quit if
 * users are not held, or if the connection has no user. */
void held_begin(struct step *, const struct event *);
/* Let users quit who did not come back. Leave the rest to the next tick when no
 * more than `reserve` of this turn's work is left. */
void held_tick(struct step *, int64_t reserve);

/* The part of a held user that a client may have who asks for the nick. */
enum held_way {
	HELD_NONE,  /* nobody is held with that nick */
	HELD_OTHER, /* nothing: the nick is in use */
	HELD_NICK,  /* the nick; the held user quits */
	HELD_PLAIN, /* the user, without what needs a proof */
	HELD_WHOLE  /* the user with all they had */
};

/* Return what the client may have. A client that has not sent USER yet may
 * still turn out to be somebody else. */
enum held_way held_way(struct step *, const struct session *, struct span nick);

/* Return true if the client, which may have that nick, has shown a certificate
 * for it. */
bool held_is_proved(const struct step *, struct span nick);

/* Return the held user with that nick. Invariant: there is one. */
const struct user *held_user(const struct step *, struct span nick);
/* Write the QUIT of that user, whose nick somebody else gets. */
void held_quit_part(const struct user *, struct part *);

/* Let the client, which is registering, be the held user whose nick it has
 * chosen: now, or when an entry is applied. The way is HELD_PLAIN or
 * HELD_WHOLE. Return false if the user has too much that needs a proof: then
 * the client gets the nick alone. */
bool held_return(struct step *, struct session *, enum held_way);
/* Go on: the own entries up to that number are applied. */
void held_applied(struct step *, uint64_t n);

/* Tell the author of a message to a held user what becomes of it. */
void held_answer(struct step *, const struct user *, const struct user *by,
    bool kept);
/* Return true if messages are kept for the user. */
bool held_keeps(const struct step *, const struct user *);

#endif
