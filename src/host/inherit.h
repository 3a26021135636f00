/*
 * inherit.h - listening sockets that the process was given at its start: by
 * systemd (socket activation), or by itself before it started again
 * (daemon/restart.h). Both pass them in the way of sd_listen_fds(3):
 * descriptors from 3 on, their number in LISTEN_FDS, the process in LISTEN_PID.
 */
#ifndef HOST_INHERIT_H
#define HOST_INHERIT_H

#include <sys/socket.h>

#include <stdbool.h>
#include <stddef.h>

#define INHERIT_FIRST 3 /* the first descriptor */
#define INHERIT_MAX 256 /* sockets */

struct inherited {
	int fd[INHERIT_MAX]; /* -1: taken */
	size_t n;
	bool again; /* this process has started itself again */
};

/* Return true if this process has started itself again. Call it before
 * inherit_read. */
bool inherit_is_again(void);

/* Take the sockets that the environment names, and clean the environment. */
void inherit_read(struct inherited *);

/* Return the socket that listens at that address, which is the caller's from
 * now on; or -1. */
int inherit_take(struct inherited *, const struct sockaddr *, socklen_t);

/* Close the sockets that nobody took. Return how many there were. */
size_t inherit_close(struct inherited *);

/* Put these descriptors, which are above INHERIT_FIRST + n, where the next
 * program of this process finds them. Return false, and set errno, if that
 * fails. */
bool inherit_give(const int *fd, size_t n);

#endif
