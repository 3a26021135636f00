/*
 * whois.h - what WHOIS tells about a user: the user's own server alone knows
 * idle time and transport; any other server answers from the facts.
 */
#ifndef CORE_WHOIS_H
#define CORE_WHOIS_H

#include "core/state.h"

/* Return true if the asker may know that this user is on that channel. */
bool whois_may_tell(const struct user *asker, const struct member *);

/* Write to *seconds how long the user has not spoken, in the session that spoke
 * last. Return false if the user has no session here: another server knows. */
bool whois_idle(const struct step *, const struct user *, uint64_t *seconds);

/* Send what is known of the user, and 318 with the list of nicks that was asked
 * for. It is a long answer if the user is on very many channels. */
void whois_reply(struct step *, struct session *, const struct user *,
    struct span list);

/* Send all but 318 as answers to st->question. */
void whois_answer(struct step *, const struct user *asker, const struct user *);

/* Log that an operator looks at a user, if WHOIS tells the operator what others
 * may not see. The operator's own server calls this, and the server that it
 * asks. */
void whois_record(struct step *, const struct user *asker, const struct user *);

#endif
