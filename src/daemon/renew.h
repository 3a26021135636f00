/*
 * renew.h - a new run without a new process. A node asks for it by EFF_RENEW
 * if the network cannot take its present run (doc/decisions/0020). The ports,
 * the configuration and the state directory stay; the node, its facts and all
 * connections go.
 *
 *	EFF_RENEW --> the worker stores the new inc --> renew_stored()
 *
 * The old node goes on until the new inc is durable. So the loop never waits
 * for the disk, and no run begins whose inc could be used again.
 */
#ifndef DAEMON_RENEW_H
#define DAEMON_RENEW_H

#include "daemon/banyand.h"

/* Carry out EFF_RENEW. Do nothing if a new run was asked for already, or if the
 * server is stopping. */
void renew_ask(struct banyand *, uint32_t above, struct span reason);
/* Begin the new run: its inc and its mark are stored. Do not call this in a
 * step. */
void renew_stored(struct banyand *, uint64_t uid_upto);

#endif
