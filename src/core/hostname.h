/*
 * hostname.h - the host name of a client that connects: asked for when the
 * connection is there, and waited for before the client is registered.
 *
 *	address --REQUEST_NAME--> a name that leads back to it: the host
 *	                          anything else, or too late: the address
 *
 * The world outside checks that the name leads back (daemon/names.h). The time
 * that a client waits at most is a column of core/types/request.def.
 */
#ifndef CORE_HOSTNAME_H
#define CORE_HOSTNAME_H

#include "core/state.h"

/* Ask for the host name of a client that is not registered, if the settings
 * want that for its address. registration->host has the name later, or stays
 * NULL. Return false if the address is not looked up. */
bool hostname_ask(struct step *, struct session *);

#endif
