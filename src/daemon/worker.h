/*
 * worker.h - one thread for what takes long: argon2id, fsync, and reading the
 * configuration again.
 *
 * Jobs are done in order; answers come back in the loop. The queue is
 * bounded: a stranger who floods it with passwords is told so at once, and
 * nobody else waits longer than for a full queue.
 */
#ifndef DAEMON_WORKER_H
#define DAEMON_WORKER_H

#include "base/span.h"
#include "daemon/load.h"
#include "daemon/state.h"
#include "net/loop.h"

#define WORKER_QUEUE_MAX 64 /* passwords under way */

struct worker;

struct worker_ops {
	/* busy: not compared, the queue is full. */
	void (*hashed)(void *ctx, uint64_t token, bool match, bool busy);
	/* why: NULL, or what went wrong. */
	void (*stored)(void *ctx, uint64_t uid_upto, const char *why);
	/* Takes out of it what it keeps. */
	void (*loaded)(void *ctx, struct loaded *);
};

/* NULL when the system refuses, errno says why. */
struct worker *worker_new(struct loop *, const struct worker_ops *, void *ctx);
/* Waits for the job under way. */
void worker_free(struct worker *);

/* Password and verifier are copied; the copies are wiped when done. */
void worker_hash(struct worker *, uint64_t token, struct span password,
    struct span verifier);
/* state_write, of what the state is now and uid_upto; copied. */
void worker_store(struct worker *, const struct state *, uint64_t uid_upto);

/* load_again; one at a time. */
void worker_load(struct worker *, const char *path, struct span old_log);

#endif
