/*
 * banyand -f FILE [--check [--print]]. This file only reads the options; the
 * running server is in banyand.c.
 */
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "daemon/load.h"
#include "daemon/banyand.h"
#include "daemon/restart.h"
#include "daemon/restart_check.h"
#include "daemon/takeover.h"
#include "host/loading.h"
#include "net/file.h"

static int
usage(FILE *to, int status)
{
	(void)fprintf(to,
	    "usage: banyand -f FILE            run with this configuration\n"
	    "       banyand -f FILE --check    check it and print its "
	    "problems, or ok\n"
	    "       banyand -f FILE --check --print\n"
	    "                                  also print all effective "
	    "values\n"
	    "       banyand --version | --help\n"
	    "An example configuration is " DOCDIR "/banyand.conf.example;\n"
	    "see banyand(8) and banyand.conf(5).\n");
	return status;
}

static int
print(const struct conf *conf)
{
	struct arena *a = arena_new(64 * 1024);
	struct writer w;

	writer_init_arena(&w, a, 16 * 1024 * 1024);
	conf_print(&w, conf);
	(void)printf("%.*s", SPAN_ARG(writer_done(&w)));
	arena_free(a);
	return fflush(stdout) == 0 ? 0 : 1;
}

/* Print the problems. Return true if the configuration can be used. */
static bool
told(const struct loaded *l)
{
	loading_print(&l->report);
	return l->conf != NULL;
}

static int
check(const char *path, bool and_print)
{
	struct loaded l;
	int status = 1;

	restart_check_say();
	load(&l, path);
	if (told(&l))
		status = and_print ? print(l.conf) : puts("ok") < 0;
	loaded_fini(&l);
	return status;
}

static int
run(const char *path, char *const *argv)
{
	struct restart again = { .go = false };
	struct takeover *takeover = takeover_new();
	struct banyand *bd;
	struct loaded l;
	int status = 1;

	load_start(&l, path);
	if (told(&l)) {
		bd = calloc(1, sizeof(*bd));
		if (bd == NULL)
			abort();
		bd->takeover = takeover;
		takeover = NULL;
		if (banyand_start(bd, &l, path))
			loop_run(bd->loop);
		else
			bd->status = 1;
		status = bd->status;
		again = bd->again;
		banyand_fini(bd);
		free(bd);
	}
	takeover_free(takeover);
	loaded_fini(&l);
	if (again.go) {
		restart_exec(&again, argv);
		status = 1;
	}
	return status;
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "check", no_argument, NULL, 'c' },
		{ "print", no_argument, NULL, 'p' },
		{ "version", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	static char path[PATH_MAX];
	const char *file = NULL;
	bool do_check = false, do_print = false;
	int c;

	if (!file_open_standard())
		return 1;
	while ((c = getopt_long(argc, argv, "f:h", options, NULL)) != -1)
		switch (c) {
		case 'f':
			file = optarg;
			break;
		case 'c':
			do_check = true;
			break;
		case 'p':
			do_print = true;
			break;
		case 'v':
			(void)printf("banyand %s\n", PACKAGE_VERSION);
			return 0;
		case 'h':
			return usage(stdout, 0);
		default:
			return usage(stderr, 2);
		}
	if (file == NULL || optind != argc || (do_print && !do_check))
		return usage(stderr, 2);
	if (sodium_init() < 0) {
		(void)fprintf(stderr,
		    "banyand: libsodium cannot be initialised\n");
		return 1;
	}
	if (realpath(file, path) == NULL)
		(void)snprintf(path, sizeof(path), "%s", file);
	return do_check ? check(path, do_print) : run(path, argv);
}
