/*
 * timer.h - when each connection is to be looked at next.
 *
 * One time for each connection, the earliest that was set; which of the things
 * it waits for is due, who is woken finds out. Setting a later one does
 * nothing: it is set again when the connection was looked at.
 */
#ifndef CORE_TIMER_H
#define CORE_TIMER_H

#include "core/state.h"

/* Looked at no later than at. */
void timer_set(struct core *, struct conn *, struct mono at);

/* One whose time has come, borrowed, or NULL. Its time is then none. */
struct conn *timer_take(struct core *, struct mono now);

#endif
