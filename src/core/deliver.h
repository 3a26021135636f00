/*
 * deliver.h - delivering messages (+SAY, +NOTE) to sessions of this server.
 *
 * The state of this moment decides who receives a message. The sender's home
 * has checked that the sender may speak; this is not checked again.
 */
#ifndef CORE_DELIVER_H
#define CORE_DELIVER_H

#include "core/state.h"

enum {
	SAID_BUILTIN = 0 /* the number of built-in rows */
#define SAID(ID, verb, text, to_chan, to_user, to_all, cap, is_asked, \
    scenario)                                                         \
	+1
#include "core/deliver.def"
#undef SAID
};

extern const struct said_row said_builtin[SAID_BUILTIN];

/*
 * Deliver the message that the first of n parts begins, or tell the members of
 * a channel of an invitation; do nothing for another fact. Return how many of
 * the parts the message has (link-protocol.md, 11.44). index is that of the
 * first one in its entry, for the msgid.
 */
size_t deliver(struct step *, const struct part *, size_t n, uint32_t index);

/* Deliver a message of an entry that is not for this server: KILL and the acts
 * of core/force.h are carried out for a user whose home this server has become
 * meanwhile (link-protocol.md, 6.11). */
void deliver_to_home(struct step *, const struct part *, uint32_t index);

/* Return true if a message to that status or a higher one of the channel must
 * reach the server, as it has such members; with ST_NONE, if it has any
 * member. */
bool deliver_reaches(const struct step *, const struct chan *,
    const struct chan_server *, enum status min);

/* Return the mask of a target `$$mask` or `$mask`: that of names of servers. */
struct span deliver_mask(struct span target);

#endif
