/*
 * mask_who.h - the names, hosts and addresses of a user that masks of channels,
 * bans and operators are compared with. The first host and user name of the
 * user are among them and, for a user of this server, the other hosts of the
 * session (core/hosts.h).
 */
#ifndef CORE_MASK_WHO_H
#define CORE_MASK_WHO_H

#include "core/facts/facts.h"
#include "core/sessions/session.h"
#include "wire/mask.h"

/* Return the other hosts of a client as words. They are borrowed, until its
 * host is chosen again. */
struct span session_hosts(const struct session *);

/* The spans are borrowed from the user. */
struct mask_who user_mask_who(const struct user *);
/* Return those that anybody can see: an address only if it is shown as the
 * host. */
struct mask_who user_mask_seen(const struct user *);

#endif
