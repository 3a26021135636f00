#include "daemon/pidfile.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

bool
pidfile_put(const char *path)
{
	char text[32];
	int fd, n;
	bool ok;

	n = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	/* create a new file: an old one may be a symbolic link */
	(void)unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	ok = fd >= 0 && write(fd, text, (size_t)n) == n;
	if (fd >= 0)
		(void)close(fd);
	return ok;
}
