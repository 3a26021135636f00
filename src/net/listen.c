/*
 * When descriptors run out, accept() fails and the waiting connection stays in
 * the queue, so a level-triggered loop would come back to it for ever. Each
 * listener therefore holds one descriptor in reserve. It closes that
 * descriptor, accepts and closes the waiting connections in its place, opens
 * the reserve again, and rests. Clients learn at once that they are refused,
 * and do not hang until some other connection closes.
 */
#include "net/listen.h"

#include <sys/stat.h>
#include <sys/un.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/span.h"

struct listener {
	struct watch watch;
	struct timer rest;
	struct loop *loop;
	const struct listen_ops *ops;
	void *ctx;
	uint16_t port; /* 0: a UNIX socket */
	int reserve;   /* -1 if the reserve is lost, too */
	bool told;
	struct mono told_at;
	char *path; /* of a UNIX socket, or NULL */
	dev_t dev;  /* of path */
	ino_t ino;
};

#define OF_MEMBER(p, type, member) \
	((type *)(void *)((char *)(p)-offsetof(type, member)))

static int
reserve_open(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* Accept and close the waiting connections, at most a turn's budget of them. */
static void
shed(struct listener *ls)
{
	int fd;

	if (ls->reserve < 0)
		return;
	close(ls->reserve);
	for (int i = 0; i < LISTEN_BUDGET; i++) {
		fd = accept4(ls->watch.fd, NULL, NULL,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
			break;
		close(fd);
	}
	ls->reserve = reserve_open();
}

static void
starve(struct listener *ls, int err)
{
	struct mono now = loop_now(ls->loop);

	shed(ls);
	loop_want(ls->loop, &ls->watch, 0);
	loop_timer_set(ls->loop, &ls->rest, mono_add_ms(now, LISTEN_REST_MS));
	if (ls->told && mono_sub_ms(now, ls->told_at) < LISTEN_TELL_MS)
		return;
	ls->told = true;
	ls->told_at = now;
	if (ls->ops->starved != NULL)
		ls->ops->starved(ls->ctx, err);
}

static void
rested(struct timer *t)
{
	struct listener *ls = OF_MEMBER(t, struct listener, rest);

	if (ls->reserve < 0)
		ls->reserve = reserve_open();
	loop_want(ls->loop, &ls->watch, LOOP_READ);
}

/* Return false if another attempt in this turn would be useless. */
static bool
accept_one(struct listener *ls)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);
	int fd;

	memset(&peer, 0, sizeof(peer));
	fd = accept4(ls->watch.fd, (struct sockaddr *)&peer, &len,
	    SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0) {
		switch (errno) {
		case EAGAIN:
			return false;
		case EMFILE:
		case ENFILE:
		case ENOBUFS:
		case ENOMEM:
			starve(ls, errno);
			return false;
		default:
			/*
			 * Only that connection failed, before it was accepted.
			 */
			return true;
		}
	}
	ls->ops->accepted(ls->ctx, fd, &peer);
	return true;
}

static void
listener_ready(struct watch *w, unsigned int events)
{
	struct listener *ls = OF_MEMBER(w, struct listener, watch);

	(void)events;
	for (int i = 0; i < LISTEN_BUDGET; i++)
		if (!accept_one(ls))
			break;
}

/* Return the port that the socket is bound to, or 0 if it has none. */
static uint16_t
port_of(int fd)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);

	if (getsockname(fd, (struct sockaddr *)&addr, &len) != 0)
		return 0;
	if (addr.ss_family == AF_INET)
		return ntohs(((struct sockaddr_in *)&addr)->sin_port);
	if (addr.ss_family == AF_INET6)
		return ntohs(((struct sockaddr_in6 *)&addr)->sin6_port);
	return 0;
}

struct listener *
listen_fd(struct loop *l, int fd, const char *path,
    const struct listen_ops *ops, void *ctx)
{
	struct listener *ls = mem_zalloc(sizeof(*ls));
	struct stat st;

	ls->watch.ready = listener_ready;
	ls->rest.fire = rested;
	ls->loop = l;
	ls->ops = ops;
	ls->ctx = ctx;
	if (listen(fd, LISTEN_BACKLOG) != 0 ||
	    (path != NULL && stat(path, &st) != 0) ||
	    !loop_watch(l, &ls->watch, fd, LOOP_READ)) {
		close(fd);
		free(ls);
		return NULL;
	}
	ls->port = port_of(fd);
	ls->reserve = reserve_open();
	if (path != NULL) {
		ls->path = span_dup(span_of(path));
		ls->dev = st.st_dev;
		ls->ino = st.st_ino;
	}
	return ls;
}

/* Return a socket that is bound to the address, or -1 and set errno. */
static int
bind_tcp(const struct sockaddr *addr, socklen_t len)
{
	const int on = 1;
	int fd, err;

	fd = socket(addr->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	/* on Linux, the sockets that are accepted inherit it */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (addr->sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, addr, len) == 0)
		return fd;
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

static void
explain(char why[LISTEN_WHY_LEN], const struct sockaddr *addr, socklen_t len)
{
	const char *reason = strerror(errno);
	char name[LISTEN_NAME_LEN];

	snprintf(why, LISTEN_WHY_LEN, "%s: %s", listen_name(addr, len, name),
	    reason);
}

struct listener *
listen_tcp(struct loop *l, const struct sockaddr *addr, socklen_t len,
    const struct listen_ops *ops, void *ctx, char why[LISTEN_WHY_LEN])
{
	int fd = bind_tcp(addr, len);
	struct listener *ls = fd >= 0 ? listen_fd(l, fd, NULL, ops, ctx) : NULL;

	if (ls == NULL)
		explain(why, addr, len);
	return ls;
}

bool
listen_try(const struct sockaddr *addr, socklen_t len, bool used,
    char why[LISTEN_WHY_LEN])
{
	int fd = bind_tcp(addr, len);

	if (fd < 0 && (!used || errno != EADDRINUSE)) {
		explain(why, addr, len);
		return false;
	}
	if (fd >= 0)
		close(fd);
	return true;
}

int
listen_dup(const struct listener *ls, int min)
{
	return fcntl(ls->watch.fd, F_DUPFD_CLOEXEC, min);
}

uint16_t
listen_port(const struct listener *ls)
{
	return ls->port;
}

void
listen_free(struct listener *ls)
{
	struct stat st;
	int fd;

	if (ls == NULL)
		return;
	fd = ls->watch.fd;
	loop_unwatch(ls->loop, &ls->watch);
	loop_timer_clear(ls->loop, &ls->rest);
	close(fd);
	if (ls->reserve >= 0)
		close(ls->reserve);
	if (ls->path != NULL && stat(ls->path, &st) == 0 &&
	    st.st_dev == ls->dev && st.st_ino == ls->ino)
		unlink(ls->path);
	free(ls->path);
	free(ls);
}

const char *
listen_name(const struct sockaddr *addr, socklen_t len,
    char buf[LISTEN_NAME_LEN])
{
	const struct sockaddr_in *in4 = (const void *)addr;
	const struct sockaddr_in6 *in6 = (const void *)addr;
	char host[INET6_ADDRSTRLEN];

	if (addr->sa_family == AF_INET && len >= sizeof(*in4))
		snprintf(buf, LISTEN_NAME_LEN, "%s:%u",
		    inet_ntop(AF_INET, &in4->sin_addr, host, sizeof(host)),
		    ntohs(in4->sin_port));
	else if (addr->sa_family == AF_INET6 && len >= sizeof(*in6))
		snprintf(buf, LISTEN_NAME_LEN, "[%s]:%u",
		    inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof(host)),
		    ntohs(in6->sin6_port));
	else
		snprintf(buf, LISTEN_NAME_LEN, "%s",
		    addr->sa_family == AF_UNIX ? "unix" : "unknown");
	return buf;
}
