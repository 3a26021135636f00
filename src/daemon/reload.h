/*
 * reload.h - SIGHUP and `banyanctl reload`: reads the configuration, and the
 * files that it names, again. Either all of the new configuration takes effect
 * or, if anything is wrong, nothing changes.
 *
 * The worker reads the files, and the loop goes on meanwhile. A request that
 * comes during a reading, or while clients are still shown that rows of old
 * modules go, is answered by another reading that follows.
 */
#ifndef DAEMON_RELOAD_H
#define DAEMON_RELOAD_H

#include "daemon/banyand.h"

/* Ask for a reading. Return the number of the reading that will answer, or 0 if
 * the server is stopping. */
uint64_t reload_ask(struct banyand *);

/* Unload the modules before the last reload if the node does not read their
 * rows any more, and begin the reading that waits for this. Call it after each
 * step. */
void reload_settle(struct banyand *);

/* Take over what the worker has read. */
void reload_loaded(struct banyand *, struct loaded *);

#endif
