/*
 * access.h - what a session may see of channels and their members, who is
 * invited, who is on a list, and what an operator may do.
 */
#ifndef CORE_ACCESS_H
#define CORE_ACCESS_H

#include "core/state.h"
#include "core/types/extban.h"
#include "core/types/privilege.h"

/* Return true if the session's user is shown on the channel. */
bool is_on_chan(const struct session *, const struct chan *);

/* Return true if the session may know that the channel exists. */
bool may_see_chan(const struct session *, const struct chan *);

/* Return true if a session whose user is on the channel (is_on), or is not, may
 * know that this member is on it. */
bool may_see_member(const struct session *, const struct member *, bool is_on);

/* Return the valid invitation of the user into that incarnation, or NULL. */
const struct invite *find_invite(struct step *, const struct user *,
    const struct founding *);

/* Return the privileges that a user of any server has, PRIVB(): none if the
 * user is no operator. */
uint32_t privileges_of(const struct facts *, const struct user *);
/* Return true if the asker of a question may do that (link-protocol.md, 10.2):
 * a user who has the privilege, or the operator at the control socket of the
 * server that asks. */
bool access_asker_may(const struct facts *, struct sid asker, struct uid from,
    enum privilege);
/* Return the name of the block by which the user is an operator, borrowed;
 * empty if the user is none. */
struct span oper_block(const struct facts *, const struct user *);

/* Return true if the verdict is on that list of the founding with that dot. */
bool verdict_is_on(const struct verdict *, struct dot, enum chan_mode list,
    bool of_facts);

/* Return true if verdicts decide whether the user of the command that runs is
 * on the list; then *match is set. */
bool verdict_of(const struct step *, const struct founding *,
    enum chan_mode list, bool of_facts, bool *match);

/* Return true if a mask of that list of the incarnation, by the facts, matches
 * the user for that use and has not expired. */
bool is_on_list(struct step *, const struct user *, const struct founding *,
    enum chan_mode list, enum mask_use);

#endif
