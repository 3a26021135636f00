/*
 * state.h - keeps in the state directory what must survive a restart: the
 * incarnation of the last run and the number of uids ever handed out
 * (doc/decisions/0004). It is one small text file, which is always replaced as
 * a whole:
 *
 *	banyan-state 1
 *	inc 1764000000
 *	uids 65536
 *
 * A new version is written to a temporary file, synced and renamed, and the
 * directory is synced, before a value is used. The values only grow, so that no
 * uid and no incarnation is used twice.
 *
 * A program that goes on with the run of an earlier program of this process
 * (daemon/takeover.h) keeps the values. Every other start takes a greater inc,
 * whatever has become of the former run. All that the earlier program hands
 * over is in memory of the process, so it can be taken over once at most, and
 * never after the process has ended. So no two programs go on with one run.
 */
#ifndef DAEMON_STATE_H
#define DAEMON_STATE_H

#include <sys/stat.h>

#include <stdbool.h>
#include <stdint.h>

#define STATE_WHY_LEN 4600 /* a path and some words */

struct state {
	char dir[4096];
	int lock; /* a descriptor of the locked directory, or -1 */
	uint32_t inc;
	uint64_t uid_upto;
};

/* A run that goes on. */
struct state_run {
	uint32_t inc;
	uint64_t uid_upto; /* a mark that was stored */
	int lock;	   /* of the directory; -1: none */
};

/*
 * Lock the directory and read the state file; if there is none, begin a new
 * state. Take inc = max(now_s, last inc + 1), reserve the first uids, and store
 * both durably. uid_from becomes the first uid that may be used. Return false
 * and fill in why on failure, also if another banyand holds the lock; the
 * caller calls state_close in any case.
 */
bool state_open(struct state *, const char *dir, int64_t now_s,
    uint64_t *uid_from, char why[STATE_WHY_LEN]);
/*
 * Go on with a run of an earlier program of this process. The lock belongs to
 * the state from now on; it is used if it is one of this directory. Return
 * false and fill in why if the state file is not of that run, or is older; the
 * caller calls state_close in any case.
 */
bool state_resume(struct state *, const char *dir, const struct state_run *,
    char why[STATE_WHY_LEN]);
/* Return another descriptor of the locked directory, not below min, that has
 * the lock, too, and stays open on exec; or -1. */
int state_dup_lock(const struct state *, int min);
/* Check the file of a directory that exists, without a lock. Return false and
 * fill in why if it cannot be read or is damaged. */
bool state_check(const char *dir, char why[STATE_WHY_LEN]);
/* Make and remove a file in a directory that exists. Return false and fill in
 * why if that fails, for want of rights or of room. */
bool state_try(const char *dir, char why[STATE_WHY_LEN]);
/* Return false and fill in why if another banyand holds the lock. */
bool state_is_free(const char *dir, char why[STATE_WHY_LEN]);

/* Make the directory if there is none. Return false and fill in why if that
 * fails. */
bool state_make(const char *dir, char why[STATE_WHY_LEN]);
/* Give the open directory and what a server has in it to a user, as root.
 * Return false and set errno if that fails. Files that state_gives() refuses
 * are left alone. */
bool state_give(const struct state *, uid_t, gid_t);
/* Return true if state_give() gives such a file away: one that has no other
 * name, and is no symbolic link. */
bool state_gives(const struct stat *);
/* Give up the lock. */
void state_close(struct state *);

/* Store the values durably. This blocks on the disk, so the loop must not call
 * it after the start. Return false and fill in why on failure. */
bool state_write(const char *dir, uint32_t inc, uint64_t uid_upto,
    char why[STATE_WHY_LEN]);

#endif
