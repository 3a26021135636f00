/*
 * access.h - what a session may see of channels and their members.
 */
#ifndef CORE_ACCESS_H
#define CORE_ACCESS_H

#include "core/state.h"

/* Return true if the session's user is shown on the channel. */
bool is_on_chan(const struct session *, const struct chan *);

/* Return true if the session may know that the channel exists. */
bool may_see_chan(const struct session *, const struct chan *);

/* Return true if the session may know that this user is on the channel. */
bool may_see_member(const struct session *, const struct member *);

#endif
