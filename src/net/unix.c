/*
 * Linux gives the file of a UNIX socket the mode of the socket itself. So
 * fchmod before bind leaves no moment in which others could connect, and no
 * umask is needed, which would belong to the whole process.
 *
 * To find out if a process answers, this file connects. Between that and the
 * unlink, another server could take the place; it would lose its socket file
 * and nothing more. Operators do not start two servers in one directory at the
 * same time.
 */
#include "net/unix.h"

#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int
socket_new(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/* Return 0 if no process answers at the socket, else the errno to report. */
static int
is_stale(const struct sockaddr_un *addr)
{
	struct stat st;
	int fd, err = EADDRINUSE;

	if (lstat(addr->sun_path, &st) != 0)
		return errno == ENOENT ? 0 : errno;
	if (!S_ISSOCK(st.st_mode))
		return EEXIST;
	fd = socket_new();
	if (fd < 0)
		return errno;
	if (connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) != 0 &&
	    (errno == ECONNREFUSED || errno == ENOENT))
		err = 0;
	close(fd);
	return err;
}

/* Return a bound socket, or the negated errno. */
static int
bind_path(const struct sockaddr_un *addr)
{
	int fd = socket_new(), err;

	if (fd < 0)
		return -errno;
	if (fchmod(fd, S_IRUSR | S_IWUSR) == 0 &&
	    bind(fd, (const struct sockaddr *)addr, sizeof(*addr)) == 0)
		return fd;
	err = errno;
	close(fd);
	return -err;
}

static void
explain(char why[LISTEN_WHY_LEN], const char *path, int err)
{
	snprintf(why, LISTEN_WHY_LEN, "%s: %s", path,
	    err == EADDRINUSE ? "a running server answers there"
	    : err == EEXIST   ? "exists and is not a socket"
			      : strerror(err));
}

struct listener *
unix_listen(struct loop *l, const char *path, const struct listen_ops *ops,
    void *ctx, char why[LISTEN_WHY_LEN])
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct listener *ls = NULL;
	int fd, err;

	if (strlen(path) >= sizeof(addr.sun_path)) {
		err = ENAMETOOLONG;
		goto failed;
	}
	strcpy(addr.sun_path, path);
	fd = bind_path(&addr);
	if (fd == -EADDRINUSE) {
		err = is_stale(&addr);
		if (err != 0)
			goto failed;
		unlink(path);
		fd = bind_path(&addr);
	}
	if (fd < 0) {
		err = -fd;
		goto failed;
	}
	ls = listen_fd(l, fd, path, ops, ctx);
	if (ls != NULL)
		return ls;
	err = errno;
failed:
	explain(why, path, err);
	return NULL;
}

bool
unix_try(const char *path, char why[LISTEN_WHY_LEN])
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int err = ENAMETOOLONG;

	if (strlen(path) < sizeof(addr.sun_path)) {
		strcpy(addr.sun_path, path);
		err = is_stale(&addr);
	}
	if (err == 0)
		return true;
	explain(why, path, err);
	return false;
}
