/*
 * reload.h - reading the configuration again, all or nothing: files,
 * certificates and ports are tried first, and when one of them fails all stay
 * as they were.
 */
#ifndef DAEMON_RELOAD_H
#define DAEMON_RELOAD_H

#include "daemon/server.h"

/*
 * Everything that is wrong goes to the log. False: nothing has changed, and
 * why is the first of it, cut to whylen.
 */
bool reload(struct server *, char *why, size_t whylen);

#endif
