/*
 * banyanctl: options, and which socket to ask. All commands but `hash` are
 * questions to a running banyand; a new one needs a row here and an answer
 * there (daemon/control.c or node/control.c).
 */
#include <getopt.h>
#include <libconfig.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "config.h"
#include "ctl/ask.h"
#include "ctl/hash.h"

struct command {
	const char *name;
	const char *help;
};

static const struct command commands[] = {
	{ "status", "what the server knows and carries" },
	{ "links", "the links, and the peers without one" },
	{ "servers", "the servers of the network" },
	{ "linkblock", "the block about this server for the other side" },
	{ "reload", "read the configuration again" },
	{ "stop", "end the server" },
	{ "hash", "verifier of a password, from standard input" },
};

#define NCOMMANDS (sizeof(commands) / sizeof(commands[0]))

static int
usage(FILE *to, int status)
{
	fprintf(to,
	    "usage: banyanctl -f FILE [--json] COMMAND    the server with that "
	    "configuration\n"
	    "       banyanctl -s SOCKET [--json] COMMAND  the server at that "
	    "socket\n"
	    "       banyanctl --version | --help\n"
	    "commands:\n");
	for (size_t i = 0; i < NCOMMANDS; i++)
		fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].help);
	return status;
}

/* The option `control` of a configuration; NULL after a complaint. */
static char *
socket_of(const char *file)
{
	char *whole = realpath(file, NULL), *folder, *path = NULL;
	struct conf_report report;
	struct conf *conf;
	config_t tree;

	if (whole == NULL) {
		perror(file);
		return NULL;
	}
	folder = strdup(whole);
	config_init(&tree);
	config_set_include_dir(&tree, dirname(folder));
	if (config_read_file(&tree, whole)) {
		conf_report_init(&report);
		conf = conf_check(&tree, span_of(whole), &report);
		if (conf->control.n > 0)
			path = span_dup(conf->control);
		else
			fprintf(stderr, "%s: no state, no control\n", file);
		conf_free(conf);
		conf_report_fini(&report);
	} else {
		fprintf(stderr, "%s:%d: %s\n", file, config_error_line(&tree),
		    config_error_text(&tree));
	}
	config_destroy(&tree);
	free(folder);
	free(whole);
	return path;
}

static bool
is_command(const char *name)
{
	for (size_t i = 0; i < NCOMMANDS; i++)
		if (strcmp(commands[i].name, name) == 0)
			return true;
	return false;
}

static int
run(const char *command, const char *file, const char *path, bool json)
{
	char *own = NULL;
	int status;

	if (strcmp(command, "hash") == 0)
		return hash(json);
	if (path == NULL) {
		own = socket_of(file);
		if (own == NULL)
			return 1;
		path = own;
	}
	status = ask(path, command, json);
	free(own);
	return status;
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "version", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	const char *file = NULL, *path = NULL;
	bool json = false;
	int c;

	while ((c = getopt_long(argc, argv, "f:s:h", options, NULL)) != -1)
		switch (c) {
		case 'f':
			file = optarg;
			break;
		case 's':
			path = optarg;
			break;
		case 'j':
			json = true;
			break;
		case 'v':
			printf("banyanctl %s\n", PACKAGE_VERSION);
			return 0;
		case 'h':
			return usage(stdout, 0);
		default:
			return usage(stderr, 2);
		}
	if (optind + 1 != argc || !is_command(argv[optind]) ||
	    (file == NULL && path == NULL && strcmp(argv[optind], "hash") != 0))
		return usage(stderr, 2);
	return run(argv[optind], file, path, json);
}
