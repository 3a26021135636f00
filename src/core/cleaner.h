/*
 * cleaner.h - which server removes facts that nobody needs any more.
 *
 * The server that made them does, and if it is forgotten, the visible server
 * with the least sid (link-protocol.md, 9.12 and 11.40).
 */
#ifndef CORE_CLEANER_H
#define CORE_CLEANER_H

#include "core/state.h"

/* Return true if this server removes what that server has made. */
bool cleaner_is_self(const struct step *, struct sid);

#endif
