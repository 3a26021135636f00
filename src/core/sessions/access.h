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

/* Return true if a session whose user is on the channel (is_on), or is not, may
 * know that this member is on it. */
bool may_see_member(const struct member *, bool is_on);

#endif
