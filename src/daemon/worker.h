/*
 * worker.h - one thread for work that takes long: argon2id, fsync, the store,
 * and reading the configuration again.
 *
 * The worker does its jobs in order, and the loop calls back with the answers.
 * Passwords come after all other jobs. Their kinds take turns (OPER, PASS,
 * WEBIRC), and so do the addresses that those of one kind come from: an
 * operator waits for one OPER of each address at which strangers guess, however
 * many each of these has sent, and for as many passwords of each other kind.
 * The number of waiting passwords is bounded. If there are too many, the kind
 * with the most of them gives way, and there the address with the most gets an
 * answer at once.
 */
#ifndef DAEMON_WORKER_H
#define DAEMON_WORKER_H

#include "base/span.h"
#include "core/types/request_kind.h"
#include "daemon/load.h"
#include "daemon/state.h"
#include "net/loop.h"
#include "wire/addr.h"

#define WORKER_QUEUE_MAX 256 /* passwords that may wait */
#define WORKER_STORES_MAX 4  /* marks that may wait */

struct worker;

struct worker_ops {
	/* A request is done, or was refused. */
	void (*answered)(void *ctx, uint64_t token, enum request_kind,
	    enum answer_status);
	/* A mark was stored for a request, or for the caller if token is 0. If
	 * it was not stored, why has the reason. */
	void (*stored)(void *ctx, uint64_t token, uint64_t uid_upto,
	    const char *why);
	/* A configuration was read; the callback takes out what it keeps. */
	void (*loaded)(void *ctx, struct loaded *);
	/* A configuration was checked by another program: it is good, or not;
	 * and what the program has said, in one line. */
	void (*checked)(void *ctx, bool ok, const char *said);
};

/* Start the worker; the caller frees it with worker_free. Return NULL and set
 * errno if the system refuses. */
struct worker *worker_new(struct loop *, const struct worker_ops *, void *ctx);
/* Wait for the current job, drop the others, and end the thread. */
void worker_free(struct worker *);

/* Compare the password from an address with the verifier that the bytes hold:
 * those of REQUEST_OPER, REQUEST_PASS or REQUEST_WEBIRC. They are copied; the
 * copy is wiped afterwards. */
void worker_password(struct worker *, uint64_t token, enum request_kind,
    const struct addr *from, struct span bytes);
/* Refuse a request that nobody here can answer. The callback comes from the
 * loop, as for every other job. */
void worker_refuse(struct worker *, uint64_t token, enum request_kind);
/* Call state_write with the current values of the state, which are copied, and
 * uid_upto. If WORKER_STORES_MAX marks wait already, the disk does not
 * answer, and the mark is not stored. */
void worker_store(struct worker *, const struct state *, uint64_t token,
    uint64_t uid_upto);

/* Let the worker call run(arg), then the loop done(arg). If the worker ends
 * before, it may call neither. arg stays the caller's, who leaves it alone
 * meanwhile. */
void worker_call(struct worker *, void (*run)(void *), void (*done)(void *),
    void *arg);

/* Call load_again. The caller asks for one reading at a time, and leaves the
 * set of modules alone until the reading is done. */
void worker_load(struct worker *, const char *path, struct span old_log,
    const struct module_set *old);

/* Let the program at exe check the configuration (`--check`). Its environment
 * has one more line, which belongs to the worker from now on. */
void worker_check(struct worker *, const char *exe, const char *path,
    char *line);

#endif
