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

/* Prepare the memory of a new core, and add the sink that fills it. */
void whowas_init(struct core *);
/* Prepare the table, when the core has a key; free all at its end. */
void whowas_seed(struct core *);
void whowas_fini(struct core *);

/* Forget the oldest entries, until the limits of the settings hold. */
void whowas_trim(struct core *);

/* Send the entries of a nick, the newest first, at most max of them, and the
 * end. The answer is a listing (core/sessions/listing.h). */
void whowas_reply(struct step *, struct session *, struct span nick,
    uint64_t max);

#endif
