/*
 * Run the transcripts under tests/scenario and modules, or those that are
 * named, and print TAP.
 *
 *	check_scenario [-r] [-t] [FILE...]
 *	-r	print the transcript with the lines that really came, without
 *		a check
 *	-t	print events and effects, too
 *
 * Each transcript runs in a process of its own: if one ends a node by an
 * invariant, the others still run.
 */
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/scenario.h"

#define FILES 4096
#define SECONDS 60

static char *files[FILES];
static size_t nfiles;

static int
found(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	size_t n;

	(void)st;
	(void)ftw;
	n = strlen(path);
	if (type == FTW_F && n > 4 && strcmp(path + n - 4, ".txt") == 0 &&
	    nfiles < FILES)
		files[nfiles++] = strdup(path);
	return 0;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/*
 * Run one transcript. Its output goes through a pipe, so that it is printed
 * behind the verdict.
 */
static bool
run_one(const char *path, char *text, size_t max)
{
	int fd[2], status;
	size_t n;
	ssize_t got;
	pid_t pid;
	FILE *out;
	bool ok;

	fflush(stdout);
	if (pipe(fd) != 0 || (pid = fork()) < 0)
		return false;
	if (pid == 0) {
		alarm(SECONDS);
		dup2(fd[1], STDERR_FILENO);
		close(fd[0]);
		out = fdopen(fd[1], "w");
		setvbuf(out, NULL, _IOLBF, 0);
		ok = scenario_run(path, false, out, NULL);
		fclose(out);
		exit(ok ? EXIT_SUCCESS : EXIT_FAILURE);
	}
	close(fd[1]);
	for (n = 0;
	     n + 1 < max && (got = read(fd[0], text + n, max - n - 1)) > 0;
	     n += (size_t)got)
		;
	text[n] = '\0';
	close(fd[0]);
	waitpid(pid, &status, 0);
	if (WIFSIGNALED(status))
		snprintf(text + n, max - n, "killed by %s\n",
		    strsignal(WTERMSIG(status)));
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void
print_comment(const char *text)
{
	const char *end;

	for (; *text != '\0'; text = *end == '\0' ? end : end + 1) {
		end = strchrnul(text, '\n');
		printf("# %.*s\n", (int)(end - text), text);
	}
}

static int
run_all(const char *top)
{
	static char text[1 << 16];
	const char *name;
	size_t i, bad;

	printf("1..%zu\n", nfiles);
	for (i = bad = 0; i < nfiles; i++) {
		name = files[i];
		if (strncmp(name, top, strlen(top)) == 0)
			name += strlen(top) + 1;
		if (run_one(files[i], text, sizeof(text))) {
			printf("ok %zu - %s\n", i + 1, name);
			continue;
		}
		bad++;
		printf("not ok %zu - %s\n", i + 1, name);
		print_comment(text);
	}
	return bad == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
main(int argc, char **argv)
{
	const char *src;
	char top[4096], modules[4096];
	bool record, trace, ok;
	int i, opt;

	record = trace = false;
	while ((opt = getopt(argc, argv, "rt")) != -1)
		if (opt == 'r')
			record = true;
		else if (opt == 't')
			trace = true;
		else
			return EXIT_FAILURE;
	src = getenv("top_srcdir");
	snprintf(top, sizeof(top), "%s/tests/scenario", src ? src : ".");
	snprintf(modules, sizeof(modules), "%s/modules", src ? src : ".");
	if (record || trace) {
		ok = true;
		for (i = optind; i < argc; i++)
			ok &= scenario_run(argv[i], record, stdout,
			    trace ? stdout : NULL);
		return ok ? EXIT_SUCCESS : EXIT_FAILURE;
	}
	for (i = optind; i < argc && nfiles < FILES; i++)
		files[nfiles++] = argv[i];
	if (optind == argc) {
		nftw(top, found, 16, FTW_PHYS);
		nftw(modules, found, 16, FTW_PHYS);
	}
	qsort(files, nfiles, sizeof(files[0]), by_name);
	return run_all(top);
}
