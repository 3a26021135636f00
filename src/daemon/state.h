/*
 * state.h - what must survive a restart, in the state directory: the
 * incarnation of the last run and how many uids were ever handed out
 * (doc/decisions/0004). One small text file, replaced whole:
 *
 *	banyan-state 1
 *	inc 1764000000
 *	uids 65536
 *
 * Written to a temporary file, synced, renamed, and the directory synced,
 * before a value is used. No value ever goes back, so no uid and no
 * incarnation is used twice.
 */
#ifndef DAEMON_STATE_H
#define DAEMON_STATE_H

#include <stdbool.h>
#include <stdint.h>

#define STATE_WHY_LEN 4600 /* a path and some words */

struct state {
	char dir[4096];
	int lock; /* of the directory; -1 */
	uint32_t inc;
	uint64_t uid_upto;
};

/*
 * Locks the directory (another banyand running there is a failure), reads
 * the file or begins anew, takes inc = max(now_s, last + 1) and reserves the
 * first uids, durably. uid_from: the first uid that may be used.
 */
bool state_open(struct state *, const char *dir, int64_t now_s,
    uint64_t *uid_from, char why[STATE_WHY_LEN]);
void state_close(struct state *); /* gives up the lock */

/* Durable when it returns true; blocks on the disk: not for the loop. */
bool state_write(const char *dir, uint32_t inc, uint64_t uid_upto,
    char why[STATE_WHY_LEN]);

#endif
