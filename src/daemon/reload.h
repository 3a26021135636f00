/*
 * reload.h - SIGHUP and `banyanctl reload`: reads the configuration, and the
 * files that it names, again. Either all of the new configuration takes effect
 * or, if anything is wrong, nothing changes.
 *
 * The worker reads the files, and the loop goes on meanwhile. A request that
 * comes during a reading is answered by another reading that follows.
 */
#ifndef DAEMON_RELOAD_H
#define DAEMON_RELOAD_H

#include "daemon/banyand.h"

/* Ask for a reading. Return the number of the reading that will answer, or 0 if
 * the server is stopping. */
uint64_t reload_ask(struct banyand *);

/* Take over what the worker has read. */
void reload_loaded(struct banyand *, struct loaded *);

#endif
