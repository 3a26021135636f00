/*
 * reload.h - SIGHUP and `banyanctl reload`: reads the configuration again, and
 * the files it names. Either all of it holds from then on or, when anything is
 * wrong, nothing has changed.
 *
 * The worker reads; the loop goes on meanwhile. Who asks while it reads is
 * answered by another reading after it.
 */
#ifndef DAEMON_RELOAD_H
#define DAEMON_RELOAD_H

#include "daemon/server.h"

/* The number of the reading that will answer; 0: the server is stopping. */
uint64_t reload_ask(struct server *);

/* The worker has read. */
void reload_loaded(struct server *, struct loaded *);

#endif
