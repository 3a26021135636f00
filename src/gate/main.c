/*
 * banyan-gate -f FILE [--check [--print]]. This file only reads the options;
 * the running gate is in gate.c.
 */
#include <getopt.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "config.h"
#include "gate/gate.h"
#include "gate/load.h"
#include "host/loading.h"
#include "net/file.h"

static int
usage(FILE *to, int status)
{
	(void)fprintf(to,
	    "usage: banyan-gate -f FILE            run with this "
	    "configuration\n"
	    "       banyan-gate -f FILE --check    check the configuration "
	    "and print\n"
	    "                                      its problems, or ok\n"
	    "       banyan-gate -f FILE --check --print\n"
	    "                                      also print all effective "
	    "values\n"
	    "       banyan-gate --version | --help\n"
	    "See banyan-gate(8) and banyan-gate.conf(5).\n");
	return status;
}

static int
print(const struct gate_conf *conf)
{
	struct arena *a = arena_new(64 * 1024);
	struct writer w;

	writer_init_arena(&w, a, 16 * 1024 * 1024);
	conf_head_print(&w, &conf->head);
	(void)printf("%.*s", SPAN_ARG(writer_done(&w)));
	arena_free(a);
	return fflush(stdout) == 0 ? 0 : 1;
}

static int
check(const char *path, bool and_print)
{
	struct gate_loaded l;
	int status = 1;

	gate_load(&l, path);
	loading_print(&l.report);
	if (l.conf != NULL)
		status = and_print ? print(l.conf) : puts("ok") < 0;
	gate_loaded_fini(&l);
	return status;
}

static int
run(const char *path)
{
	struct gate_loaded l;
	struct gate *g;
	int status = 1;

	gate_load_start(&l, path);
	loading_print(&l.report);
	if (l.conf != NULL) {
		g = mem_zalloc(sizeof(*g));
		if (gate_start(g, &l, path)) {
			loop_run(g->loop);
			status = 0;
		}
		gate_fini(g);
		free(g);
	}
	gate_loaded_fini(&l);
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
			(void)printf("banyan-gate %s\n", PACKAGE_VERSION);
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
		    "banyan-gate: libsodium cannot be initialised\n");
		return 1;
	}
	if (realpath(file, path) == NULL)
		(void)snprintf(path, sizeof(path), "%s", file);
	return do_check ? check(path, do_print) : run(path);
}
