/*
 * founding.h - the incarnations of a channel: how each founding is found, and
 * how many members stand in each incarnation (doc/link-protocol.md, 9.6).
 *
 * A linked server can send any number of +CHAN of one name. So nothing here
 * looks at all foundings of a channel, except a caller who goes from
 * founding_first on.
 */
#ifndef CORE_FOUNDING_H
#define CORE_FOUNDING_H

#include "core/facts/facts.h"

/* Return the founding of that cinc, or NULL. */
struct founding *founding_find(const struct chan *, struct cinc);

/* Return the founding with the least cinc, and the one after g; or NULL. */
struct founding *founding_first(const struct chan *);
struct founding *founding_next(const struct founding *g);

/* Return the founding with the least cinc among those that members of visible
 * users stand in and those that are permanent, or NULL. */
struct founding *founding_first_live(const struct chan *);
/* Return the founding after that one among them, or NULL. */
struct founding *founding_next_live(const struct founding *);

/*
 * Return the idle founding with the greatest cinc, or the idle one before g; or
 * NULL. A founding is idle if this server made it (the sid of the cinc is
 * facts->self), it is not permanent, and no member stands in it, not even one
 * of a hidden user.
 */
struct founding *founding_last_idle(const struct chan *);
struct founding *founding_prev_idle(const struct founding *g);

/*
 * A server needs one founding of its own of a name: the one that members stand
 * in, or if there is no such the last idle one. A channel that has others is
 * on facts->surplus, for core/chan_cleanup.c.
 */

/* Return the oldest invitation to that incarnation, or NULL. */
struct invite *founding_first_invite(const struct founding *);

/* Return how many members stand in that incarnation, founded or not. */
struct stood founding_stood(const struct chan *, struct cinc);

/* Return true if the member is of this run of this server, and a +MOVE that
 * this server makes now would count (doc/link-protocol.md, 9.9). */
bool founding_can_move(const struct member *);

/* Return how many such members of visible users stand in another incarnation
 * than chan->current. */
uint32_t founding_count_astray(const struct chan *);

/* ---- for facts_write.h and the show code alone ---- */

/* The founding, with its chan and cinc, is among the facts from now on, or is
 * not any more. */
void founding_add(struct facts *, struct founding *);
void founding_del(struct facts *, struct founding *);
/* The mode `permanent` of the founding is on from now on, or off. */
void founding_set_permanent(struct facts *, struct founding *, bool on);

/* Return the lists of the founding, and make them if it has none. */
struct founding_lists *founding_get_lists(struct founding *);

/*
 * Count the member where it stands, and count it no more. Code that changes
 * the cinc of a member, or whether its user is visible, calls founding_leave
 * before and founding_enter after.
 */
void founding_enter(struct facts *, const struct member *);
void founding_leave(struct facts *, const struct member *);

#endif
