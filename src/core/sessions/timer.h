/*
 * timer.h - when each connection is to be looked at next.
 *
 * A connection has one time, the earliest that was set; whoever looks at it
 * finds out which of the things it waits for is due. Setting a later time does
 * nothing: it is set again when the connection was looked at.
 */
#ifndef CORE_TIMER_H
#define CORE_TIMER_H

#include "core/state.h"

/* Look at it no later than at. */
void timer_set(struct core *, struct conn *, struct mono at);
/* Forget its time; call this before it is freed. */
void timer_clear(struct core *, struct conn *);

/* Return a connection whose time has come, the earliest first, and forget its
 * time; borrowed, or NULL. */
struct conn *timer_take(struct core *, struct mono now);
/* Return the earliest time, or MONO_NEVER. */
struct mono timer_next(const struct core *);

#endif
