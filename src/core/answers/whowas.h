/*
 * whowas.h - the nicks that users have had: who went by a nick that is not
 * shown any more, because its user has another one or has gone.
 *
 * Each server remembers what it has shown, so users of all servers are in it
 * from the moment that this server knows of them. It is no fact: it ends with
 * the process. A ring of limited length holds it (limits.whowas,
 * limits.whowas_mib): the oldest entries go first.
 */
#ifndef CORE_WHOWAS_H
#define CORE_WHOWAS_H

#include "core/state.h"

/* The things that are remembered of a nick. */
struct was_words {
	struct wall gone; /* when the nick was given up */
	bool shows_ip;	  /* the host is the address */
	struct span nick, username, host, ip, realname, server;
};

/* Prepare the memory of a new core, and add the sink that fills it. */
void whowas_init(struct core *);
/* Prepare the table, when the core has a key; free all at its end. */
void whowas_seed(struct core *);
void whowas_fini(struct core *);

/* Forget the oldest entries, until the limits of the settings hold. */
void whowas_trim(struct core *);

/* Remember that, which is copied. */
void whowas_put(struct core *, const struct was_words *);
/* Return the entries, the oldest first, borrowed; *at is NULL at first. Return
 * NULL after the last. */
const struct was_words *whowas_next(const struct core *, const struct was **at);

/* Send the entries of a nick, the newest first, at most max of them, and the
 * end. The answer is a listing (core/sessions/listing.h). */
void whowas_reply(struct step *, struct session *, struct span nick,
    uint64_t max);

#endif
