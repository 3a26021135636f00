#include "host/pidfile.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_LEN 32

static size_t
line_of(char line[LINE_LEN], pid_t pid)
{
	return (size_t)snprintf(line, LINE_LEN, "%ld\n", (long)pid);
}

bool
pidfile_has(const char *path, pid_t pid)
{
	char line[LINE_LEN], got[LINE_LEN];
	size_t n = line_of(line, pid);
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	bool ok = fd >= 0 && read(fd, got, sizeof(got)) == (ssize_t)n &&
		  memcmp(got, line, n) == 0;

	if (fd >= 0)
		(void)close(fd);
	return ok;
}

bool
pidfile_put(const char *path)
{
	char line[LINE_LEN];
	size_t n = line_of(line, getpid());
	int fd;
	bool ok;

	/* create a new file: an old one may be a symbolic link */
	(void)unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	ok = fd >= 0 && write(fd, line, n) == (ssize_t)n;
	if (fd >= 0)
		(void)close(fd);
	return ok || pidfile_has(path, getpid());
}
