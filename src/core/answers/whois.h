/*
 * whois.h - what WHOIS tells of a user: by his own server, which alone knows
 * idle time and transport, or by any other from the facts.
 */
#ifndef CORE_WHOIS_H
#define CORE_WHOIS_H

#include "core/state.h"

/* May the asker know that this user is on that channel? */
bool whois_may_tell(const struct user *asker, const struct member *);

/* To a session, or (NULL) as answers to st->question. Without the 318. */
void whois_reply(struct step *, struct session *, const struct user *asker,
    const struct user *);

#endif
