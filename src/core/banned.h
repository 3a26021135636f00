/*
 * banned.h - applies bans of the network to the clients of this server
 * (doc/decisions/0043).
 *
 * A client is compared with all bans when its connection opens (by address),
 * when it registers, and again after bans have changed: then a sweep looks at
 * all clients in slices. No other server acts on users of this one.
 */
#ifndef CORE_BANNED_H
#define CORE_BANNED_H

#include "core/facts/bans.h"
#include "core/state.h"

/* Return the ban that refuses connections from an address, or NULL. */
const struct ban *banned_address(const struct core *, const struct addr *,
    struct wall now);

/* End the client if a ban hits its address. Return true if it was ended. */
bool banned_open(struct step *, struct session *);
/* End a client that registers as such a user if a ban hits. Return true if it
 * was ended. */
bool banned_registers(struct step *, struct session *,
    const struct part_user *);
/* Return true if an exception protects such a user, who registers, from bans of
 * addresses. */
bool banned_is_excepted(struct step *, const struct session *,
    const struct part_user *);
/* Return true if a ban would hit the user with that real name. */
bool banned_renames(struct step *, const struct user *, struct span realname);
/* Return true if the user of the session is shunned, and the command is one of
 * those that are ignored then. */
bool banned_ignores(struct step *, struct session *, struct span verb);

/* Set up core->sweep. */
void banned_init(struct core *);
/* Begin a sweep if bans have changed, at the end of each step. */
void banned_sweep(struct step *);
/* Do what has its time: bans of this server that are over go, those of the
 * network that are over for a while are removed, and exceptions end. */
void banned_tick(struct step *);

/* Add a ban of this server alone, and drop all of that kind and mask; return
 * how many there were. The store is told. */
void banned_add_own(struct step *, const struct ban_text *);
/* Tell the store, which has lost it, of a ban of this server alone. */
void banned_keep_own(struct step *, const struct ban *);
/* Take a ban of this server alone from the store, with its line and what stands
 * behind the word of its key. Drop it if it is over. Return false if this
 * server cannot read it. */
bool banned_restore_own(struct step *, struct span key, struct span line);
size_t banned_drop_own(struct step *, enum ban_kind, struct span mask);

#endif
