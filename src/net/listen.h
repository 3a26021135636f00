/*
 * Listening sockets: TCP here, UNIX in net/unix.h, one struct for both. A
 * listener accepts at most LISTEN_BUDGET connections a turn and hands over
 * their descriptors. When the process or the system has no descriptors left,
 * it refuses what waits (accepts it on a descriptor kept for that, and closes
 * it), rests for LISTEN_REST_MS, and says so, at most every LISTEN_TELL_MS.
 * Connections that stand are not touched, and nothing spins.
 */
#ifndef NET_LISTEN_H
#define NET_LISTEN_H

#include <sys/socket.h>

#include <stdint.h>

#include "net/loop.h"

#define LISTEN_BUDGET 64
#define LISTEN_BACKLOG 1024
#define LISTEN_REST_MS 100
#define LISTEN_TELL_MS 10000
#define LISTEN_WHY_LEN 256

struct listener;

struct listen_ops {
	/*
	 * fd is the callee's from now on: non-blocking, closed on exec, with
	 * TCP_NODELAY. peer is of AF_INET, AF_INET6 or AF_UNIX.
	 */
	void (*accepted)(void *ctx, int fd,
	    const struct sockaddr_storage *peer);

	/*
	 * Out of descriptors (err: EMFILE, ENFILE) or of memory. May be NULL.
	 */
	void (*starved)(void *ctx, int err);
};

/*
 * Listens on an address of AF_INET or AF_INET6 (IPv6 alone, so that both can
 * listen on one port); port 0 lets the system choose. NULL on failure; why
 * then says what is wrong and names the address.
 */
struct listener *listen_tcp(struct loop *l, const struct sockaddr *addr,
    socklen_t len, const struct listen_ops *ops, void *ctx,
    char why[LISTEN_WHY_LEN]);

/* The port it listens on; 0 for a UNIX socket. */
uint16_t listen_port(const struct listener *ls);

/*
 * Stops listening; not from inside its own callback. A UNIX socket's file is
 * removed, if it is still its own. NULL is allowed.
 */
void listen_free(struct listener *ls);

/*
 * The steps that listen_tcp and unix_listen share: takes over fd, bound
 * already, listens and watches. path: of the file to remove at the end, or
 * NULL; copied. NULL on failure, errno says why, fd is closed.
 */
struct listener *listen_fd(struct loop *l, int fd, const char *path,
    const struct listen_ops *ops, void *ctx);

/* "127.0.0.1:6667", "[::1]:6667", "unix": for logs. buf of LISTEN_NAME_LEN. */
#define LISTEN_NAME_LEN 64
const char *listen_name(const struct sockaddr *addr, socklen_t len,
    char buf[LISTEN_NAME_LEN]);

#endif
