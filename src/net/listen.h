/*
 * Listening sockets: TCP is here, UNIX sockets are in net/unix.h, and one
 * struct serves both. A listener accepts at most LISTEN_BUDGET connections in
 * one turn and passes on their descriptors.
 *
 * When the process or the system has no descriptors left, the listener refuses
 * the connections that wait: it accepts each on a descriptor kept for that
 * purpose and closes it. Then it rests for LISTEN_REST_MS. It reports this at
 * most once in LISTEN_TELL_MS. Open connections are not touched, and the loop
 * does not spin.
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
	 * A connection was accepted. fd belongs to the callee from now on. It
	 * is non-blocking, is closed on exec, and has TCP_NODELAY set. The
	 * family of peer is AF_INET, AF_INET6 or AF_UNIX.
	 */
	void (*accepted)(void *ctx, int fd,
	    const struct sockaddr_storage *peer);

	/*
	 * Descriptors (err is EMFILE or ENFILE) or memory ran out. This member
	 * may be NULL.
	 */
	void (*starved)(void *ctx, int err);
};

/*
 * Listen on an address of AF_INET or AF_INET6. IPv6 sockets take IPv6 alone, so
 * that both families can listen on one port. If the port is 0, the system
 * chooses one. Return NULL on failure; why then says what is wrong and names
 * the address. The caller frees the listener with listen_free.
 */
struct listener *listen_tcp(struct loop *l, const struct sockaddr *addr,
    socklen_t len, const struct listen_ops *ops, void *ctx,
    char why[LISTEN_WHY_LEN]);

/*
 * Check if listen_tcp could succeed, without listening. A port that is in use
 * is a failure unless `used` is true. Return false and fill in why as
 * listen_tcp does.
 */
bool listen_try(const struct sockaddr *addr, socklen_t len, bool used,
    char why[LISTEN_WHY_LEN]);

/* Return another descriptor of the socket, not below min, that is closed on
 * exec; or -1. It goes on listening when the listener is freed. */
int listen_dup(const struct listener *ls, int min);

/* Return the port it listens on, or 0 for a UNIX socket. */
uint16_t listen_port(const struct listener *ls);

/*
 * Stop listening and free ls, which may be NULL. Do not call this from a
 * callback of ls. The file of a UNIX socket is removed if it is still the one
 * that ls made.
 */
void listen_free(struct listener *ls);

/*
 * Listen on fd, which is bound already, and watch it. listen_tcp and
 * unix_listen share this step. fd belongs to the listener from now on. path
 * names the file to remove at the end, or is NULL; it is copied. Return NULL on
 * failure; errno says why, and fd is closed.
 */
struct listener *listen_fd(struct loop *l, int fd, const char *path,
    const struct listen_ops *ops, void *ctx);

/*
 * Write an address for the log ("127.0.0.1:6667", "[::1]:6667", "unix") into
 * buf, and return buf.
 */
#define LISTEN_NAME_LEN 64
const char *listen_name(const struct sockaddr *addr, socklen_t len,
    char buf[LISTEN_NAME_LEN]);

#endif
