/*
 * The bare socket: TCP, and UNIX sockets as well. Each operation is one system
 * call.
 */
#include <sys/socket.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "net/transport.h"

int
fault_set(struct fault *f, enum stream_end end, const char *why)
{
	f->end = end;
	snprintf(f->why, sizeof(f->why), "%s", why);
	return IO_FAILED;
}

void
fault_set_errno(struct fault *f, enum stream_end end, int err)
{
	/* write returns EPIPE on a connection that was reset before. */
	if (err == EPIPE)
		err = ECONNRESET;
	fault_set(f, end, strerror(err));
}

static ssize_t
tcp_read(void *layer, int fd, void *p, size_t n, bool *more, struct fault *f)
{
	ssize_t got;

	(void)layer;
	*more = false;
	do
		got = recv(fd, p, n, MSG_DONTWAIT);
	while (got < 0 && errno == EINTR);
	if (got >= 0)
		return got;
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		return IO_WAIT_READ;
	fault_set_errno(f, STREAM_BROKEN, errno);
	return IO_FAILED;
}

static ssize_t
tcp_sent(void *layer, struct span bytes, int result, struct fault *f)
{
	(void)layer;
	(void)bytes;
	if (result > 0)
		return result;
	if (result == 0 || result == -EAGAIN || result == -EWOULDBLOCK)
		return IO_WAIT_WRITE;
	fault_set_errno(f, STREAM_BROKEN, -result);
	return IO_FAILED;
}

static ssize_t
tcp_write(void *layer, int fd, const void *p, size_t n, struct fault *f)
{
	ssize_t put;

	do
		put = send(fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (put < 0 && errno == EINTR);
	return tcp_sent(layer, span_make(p, n), put < 0 ? -errno : (int)put, f);
}

const struct transport_ops transport_tcp = {
	.burst = BURST_MAX,
	.read = tcp_read,
	.write = tcp_write,
	.sent = tcp_sent,
};
