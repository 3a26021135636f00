#include "host/inherit.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* tells a program that the former one of this process has started it */
#define AGAIN "BANYAND_AGAIN"

static unsigned long
number(const char *name)
{
	const char *text = getenv(name);

	return text != NULL ? strtoul(text, NULL, 10) : 0;
}

/* A socket of another program may lack what net/listen.c sets. */
static bool
adopt(int fd)
{
	const int on = 1;
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 ||
	    fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0)
		return false;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return true;
}

bool
inherit_is_again(void)
{
	return getenv(AGAIN) != NULL;
}

void
inherit_read(struct inherited *in)
{
	unsigned long n = number("LISTEN_FDS");

	*in = (struct inherited){ .again = inherit_is_again() };
	if (number("LISTEN_PID") != (unsigned long)getpid())
		n = 0;
	for (unsigned long i = 0; i < n && i < INHERIT_MAX; i++)
		if (adopt(INHERIT_FIRST + (int)i))
			in->fd[in->n++] = INHERIT_FIRST + (int)i;
	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_FDS");
	(void)unsetenv("LISTEN_FDNAMES");
	(void)unsetenv(AGAIN);
}

static bool
same_address(const struct sockaddr *a, const struct sockaddr *b)
{
	const struct sockaddr_in *a4 = (const void *)a, *b4 = (const void *)b;
	const struct sockaddr_in6 *a6 = (const void *)a, *b6 = (const void *)b;

	if (a->sa_family != b->sa_family)
		return false;
	if (a->sa_family == AF_INET)
		return a4->sin_port == b4->sin_port &&
		       a4->sin_addr.s_addr == b4->sin_addr.s_addr;
	return a->sa_family == AF_INET6 && a6->sin6_port == b6->sin6_port &&
	       memcmp(&a6->sin6_addr, &b6->sin6_addr, 16) == 0;
}

int
inherit_take(struct inherited *in, const struct sockaddr *addr, socklen_t len)
{
	struct sockaddr_storage own;
	socklen_t n;
	int fd;

	(void)len;
	for (size_t i = 0; i < in->n; i++) {
		n = sizeof(own);
		fd = in->fd[i];
		if (fd < 0 ||
		    getsockname(fd, (struct sockaddr *)&own, &n) != 0 ||
		    !same_address((const struct sockaddr *)&own, addr))
			continue;
		in->fd[i] = -1;
		return fd;
	}
	return -1;
}

size_t
inherit_close(struct inherited *in)
{
	size_t left = 0;

	for (size_t i = 0; i < in->n; i++)
		if (in->fd[i] >= 0) {
			(void)close(in->fd[i]);
			left++;
		}
	in->n = 0;
	return left;
}

bool
inherit_give(const int *fd, size_t n)
{
	char pid[24], count[24];

	for (size_t i = 0; i < n; i++)
		if (dup2(fd[i], INHERIT_FIRST + (int)i) < 0)
			return false;
	(void)snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	(void)snprintf(count, sizeof(count), "%zu", n);
	return setenv("LISTEN_PID", pid, 1) == 0 &&
	       setenv("LISTEN_FDS", count, 1) == 0 &&
	       setenv(AGAIN, "1", 1) == 0;
}
