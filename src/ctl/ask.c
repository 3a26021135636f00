/*
 * The first line of an answer tells whether it is an error: `error` and the
 * reason, in JSON an object that begins with the key "error". The rest is
 * passed on as it comes, however long it is.
 */
#include "ctl/ask.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int
complain(const char *path, const char *what)
{
	fprintf(stderr, "banyanctl: %s: %s\n", path, what);
	return -1;
}

static const char *
reason(int err)
{
	if (err == ENOENT || err == ECONNREFUSED)
		return "no banyand is running there";
	return strerror(err);
}

static int
dial(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(addr.sun_path))
		return complain(path, "the path is too long for a socket");
	strcpy(addr.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return complain(path, strerror(errno));
	if (connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) != 0) {
		complain(path, reason(errno));
		close(fd);
		return -1;
	}
	return fd;
}

static bool
is_error(const char *line)
{
	return strncmp(line, "error", 5) == 0 ||
	       strncmp(line, "{\"error\"", 8) == 0;
}

/* Passes lines on; the status as in ask.h. */
static int
relay(FILE *from)
{
	FILE *to = NULL;
	char *line = NULL;
	size_t cap = 0;
	int status = 0;

	while (getline(&line, &cap, from) >= 0) {
		if (to == NULL) {
			status = is_error(line);
			to = status == 0 ? stdout : stderr;
		}
		fputs(line, to);
	}
	free(line);
	if (ferror(from) != 0) {
		fprintf(stderr, "banyanctl: the answer broke off\n");
		return 1;
	}
	if (fflush(stdout) != 0) {
		fprintf(stderr, "banyanctl: %s\n", strerror(errno));
		return 1;
	}
	return status;
}

int
ask(const char *path, const char *question, bool json)
{
	int fd = dial(path), status;
	FILE *f;

	if (fd < 0)
		return 1;
	if (dprintf(fd, "%s%s\n", question, json ? " json" : "") < 0) {
		complain(path, strerror(errno));
		close(fd);
		return 1;
	}
	f = fdopen(fd, "r");
	if (f == NULL) {
		complain(path, strerror(errno));
		close(fd);
		return 1;
	}
	status = relay(f);
	fclose(f);
	return status;
}
