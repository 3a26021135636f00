/*
 * whox.h - the fields that a client asks for with WHO (ircv3 WHOX): 354 has
 * exactly these, in the place of 352.
 */
#ifndef CORE_WHOX_H
#define CORE_WHOX_H

#include "core/sessions/sight.h"
#include "core/state.h"

/* The fields that a client has asked for. */
struct whox;

/* Read what stands behind the `%`: letters, and perhaps a comma and a token.
 * Letters that are no field are passed over. The caller frees it. */
struct whox *whox_new(struct span asked);

/* A user as WHO tells of them. */
struct whox_user {
	const struct user *user;
	const struct member *member; /* of the channel that is named, or NULL */
	struct span flags;
};

/* Send 354. The sight notes if the asker is shown an address by privilege. */
void whox_reply(struct step *, struct session *, struct sight *,
    const struct whox *, const struct whox_user *);

/* Return how many links the server of the user is away. */
unsigned whox_hops(const struct step *, const struct user *);

#endif
