/*
 * keeper.h - gives the store what the node wants to be kept (EFF_STORE), and
 * gives the node what the store has.
 *
 * Changes wait in memory (store/queue.h) while the worker writes a batch, so
 * the loop never waits for the disk. While a write fails, the changes stay in
 * memory, and the keeper tries again after a second, then after twice as long
 * each time, up to a minute. The log has one line when that begins and one
 * when it ends. A database that is damaged or has gone is replaced by a new
 * one, and the node tells everything again.
 */
#ifndef DAEMON_KEEPER_H
#define DAEMON_KEEPER_H

#include "daemon/banyand.h"

struct keeper;

/* Open the store of the state directory. Return NULL and fill in why if it
 * cannot be used. The caller frees the keeper after the worker has ended;
 * keeper_free() writes the changes that still wait. */
struct keeper *keeper_new(struct banyand *, char why[STATE_WHY_LEN]);
void keeper_free(struct keeper *);

/* Give a new node all that the store has. At the start this reads at once;
 * later the worker reads when all that waits is written. */
void keeper_load(struct keeper *);

/* Carry out EFF_STORE. */
void keeper_put(struct keeper *, const struct effect *);

/* Copy the database to a new file, for the request with that token of the
 * control socket. */
void keeper_backup(struct keeper *, uint64_t token, struct span path);

#endif
