#include "host/child.h"

#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

extern char **environ;

/* Return our environment and one more line. The caller frees the array. */
static char **
environment(char *line)
{
	size_t n = 0;
	char **env;

	while (environ[n] != NULL)
		n++;
	env = mem_array(NULL, n + 2, sizeof(*env));
	(void)memcpy(env, environ, n * sizeof(*env));
	env[n] = line;
	env[n + 1] = NULL;
	return env;
}

/* Start the program with its output in the pipe. Return an errno, or 0. */
static int
start(pid_t *pid, int out, const char *exe, char *const *argv, char *const *env)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none;
	int err;

	(void)sigemptyset(&none);
	(void)posix_spawn_file_actions_init(&files);
	(void)posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	(void)posix_spawn_file_actions_adddup2(&files, out, STDERR_FILENO);
	(void)posix_spawnattr_init(&attr);
	(void)posix_spawnattr_setsigmask(&attr, &none);
	(void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	err = posix_spawn(pid, exe, &files, &attr, argv, env);
	(void)posix_spawnattr_destroy(&attr);
	(void)posix_spawn_file_actions_destroy(&files);
	return err;
}

/* Read until the program closes its output. Return false if it takes too
 * long. */
static bool
read_all(int fd, char *text, size_t room)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char rest[512];
	size_t n = 0;
	ssize_t got;

	for (;;) {
		if (poll(&p, 1, CHILD_MS) <= 0)
			return false;
		got = n + 1 < room ? read(fd, text + n, room - 1 - n)
				   : read(fd, rest, sizeof(rest));
		if (got <= 0)
			break;
		if (n + 1 < room)
			n += (size_t)got;
		text[n] = '\0';
	}
	return true;
}

/* Make one line of the text. */
static void
join_lines(char *text)
{
	size_t n = strlen(text);

	while (n > 0 && text[n - 1] == '\n')
		text[--n] = '\0';
	for (size_t i = 0; i < n; i++)
		if (text[i] == '\n')
			text[i] = ';';
}

bool
child_run(const char *exe, char *const *argv, char *line, char *why,
    size_t room)
{
	int fd[2], status = 0, err;
	char **env;
	pid_t pid;

	why[0] = '\0';
	if (pipe2(fd, O_CLOEXEC) != 0) {
		(void)snprintf(why, room, "pipe: %s", strerror(errno));
		return false;
	}
	env = environment(line);
	err = start(&pid, fd[1], exe, argv, env);
	free(env);
	(void)close(fd[1]);
	if (err != 0) {
		(void)snprintf(why, room, "%s: %s", exe, strerror(err));
		(void)close(fd[0]);
		return false;
	}
	if (!read_all(fd[0], why, room)) {
		(void)kill(pid, SIGKILL);
		(void)snprintf(why, room, "%s does not end", exe);
	}
	(void)close(fd[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	join_lines(why);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	if (why[0] == '\0')
		(void)snprintf(why, room, "%s failed", exe);
	return false;
}
