/*
 * rehash.h - answers the requests of the node to read the configuration again,
 * which operators make by REHASH.
 */
#ifndef DAEMON_REHASH_H
#define DAEMON_REHASH_H

#include "conf/report.h"
#include "daemon/banyand.h"

/* Ask for a reading; the request of that token waits for its end. */
void rehash_ask(struct banyand *, uint64_t token);

/* Answer the requests that wait for this reading, or for one before. */
void rehash_reloaded(struct banyand *, uint64_t reading, bool ok,
    const struct conf_report *);

/* Free the requests that wait. */
void rehash_fini(struct banyand *);

#endif
