/*
 * This file only makes the socket; the stream does the rest. A connection that
 * is refused at once is reported in the same way as one that is refused later,
 * so that an owner has only one way to learn of it.
 */
#include "net/dial.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <errno.h>

struct stream *
dial_tcp(struct streams *ss, const struct sockaddr *addr, socklen_t len,
    const char *name, const struct stream_conf *conf)
{
	const int on = 1;
	int fd, err = 0;

	fd = socket(addr->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0);
	if (fd < 0)
		return stream_connect(ss, -1, errno, name, conf);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(fd, addr, len) != 0 && errno != EINPROGRESS)
		err = errno;
	return stream_connect(ss, fd, err, name, conf);
}
