/*
 * banyanctl COMMAND. The row of a command says which options the command
 * needs, so that one place reports a missing option.
 */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/gate.h"
#include "conf/read.h"
#include "config.h"
#include "ctl/ask.h"
#include "ctl/hash.h"
#include "ctl/init.h"
#include "ctl/linkblock.h"
#include "ctl/print.h"
#include "net/file.h"

enum needs { NEEDS_NOTHING, NEEDS_SOCKET, NEEDS_CONF, NEEDS_ANY_CONF };

struct command_row {
	const char *name;
	const char *argument; /* its name in the help, in brackets if it may be
			       * left out; NULL: none */
	const char *text;     /* the name of a text of one or more words that
			   * follow, or of none if it is in brackets; NULL:
			   * no words follow */
	enum needs needs;
	enum ctl_exit (*run)(const struct ctl_args *);
	const char *help;
	/* the command of IRC that asks another server for it (--server); NULL:
	 * there is none */
	const char *verb;
};

static const struct command_row command_row[] = {
	{ "status", NULL, NULL, NEEDS_SOCKET, ask_run,
	    "show the state of the server", NULL },
	{ "links", NULL, NULL, NEEDS_SOCKET, ask_run,
	    "show its links, also configured ones that are down", NULL },
	{ "brokers", NULL, NULL, NEEDS_SOCKET, ask_run,
	    "show the brokers through which links go, and what went there",
	    NULL },
	{ "gates", NULL, NULL, NEEDS_SOCKET, ask_run,
	    "show the trunks of gates, with how many clients each has", NULL },
	{ "servers", NULL, NULL, NEEDS_SOCKET, ask_run,
	    "show the servers of the network, or the trunks of a gate", NULL },
	{ "sessions", NULL, NULL, NEEDS_SOCKET, ask_pages,
	    "show the clients of a gate", NULL },
	{ "placement", NULL, NULL, NEEDS_SOCKET, ask_run,
	    "show how a gate has placed its clients, and who has room", NULL },
	{ "facts", NULL, NULL, NEEDS_SOCKET, ask_run,
	    "show a digest that is equal on servers with equal facts", NULL },
	{ "modules", NULL, NULL, NEEDS_SOCKET, ask_run,
	    "show its modules, and what each of them adds", NULL },
	{ "users", NULL, NULL, NEEDS_SOCKET, ask_pages,
	    "show all users of the network", NULL },
	{ "channels", NULL, NULL, NEEDS_SOCKET, ask_pages,
	    "show all channels of the network", NULL },
	{ "bans", NULL, NULL, NEEDS_SOCKET, ask_pages,
	    "show the bans of the network", NULL },
	{ "ban", "KIND", "MASK [DURATION] REASON", NEEDS_SOCKET, ask_order,
	    "set a ban: kline, dline, xline, resv, jupe, shun or except",
	    NULL },
	{ "unban", "KIND", "MASK", NEEDS_SOCKET, ask_order, "remove bans",
	    NULL },
	{ "kill", "NICK", "REASON", NEEDS_SOCKET, ask_order,
	    "remove a user from the network", NULL },
	{ "samode", "CHANNEL", "MODES", NEEDS_SOCKET, ask_order,
	    "change the modes of a channel", NULL },
	{ "sajoin", "NICK", "CHANNELS", NEEDS_SOCKET, ask_order,
	    "make a user join channels", NULL },
	{ "sapart", "NICK", "CHANNELS", NEEDS_SOCKET, ask_order,
	    "make a user leave channels; a reason may follow", NULL },
	{ "sanick", "NICK", "NEW", NEEDS_SOCKET, ask_order,
	    "give a user another nick", NULL },
	{ "remove", "CHANNEL", "NICK [REASON]", NEEDS_SOCKET, ask_order,
	    "remove a user from a channel, seen as a PART", NULL },
	{ "connect", "SERVER", "[PORT]", NEEDS_SOCKET, ask_order,
	    "link with a server now, also after squit", "CONNECT" },
	{ "squit", "SERVER", "[REASON]", NEEDS_SOCKET, ask_order,
	    "end the link with a server, and keep it down", "SQUIT" },
	{ "globops", "TEXT", "[...]", NEEDS_SOCKET, ask_order,
	    "say something to all operators", NULL },
	{ "wallops", "TEXT", "[...]", NEEDS_SOCKET, ask_order,
	    "say something to all users with +w", NULL },
	{ "drain", "on|off", NULL, NEEDS_SOCKET, ask_order,
	    "take no new clients any more, or take them again", NULL },
	{ "forget", "SID", NULL, NEEDS_SOCKET, ask_order,
	    "drop a server that will not come back, or its former runs", NULL },
	{ "stats", "LETTER", "[NICK]", NEEDS_SOCKET, ask_server,
	    "show what STATS of IRC shows", "STATS" },
	{ "trace", "[NICK]", NULL, NEEDS_SOCKET, ask_server,
	    "show the connections of the server, or one of them", "TRACE" },
	{ "lusers", NULL, NULL, NEEDS_SOCKET, ask_server,
	    "show how many users and servers there are", "LUSERS" },
	{ "version", NULL, NULL, NEEDS_SOCKET, ask_server,
	    "show the version of the server", "VERSION" },
	{ "time", NULL, NULL, NEEDS_SOCKET, ask_server,
	    "show the time of the server", "TIME" },
	{ "motd", NULL, NULL, NEEDS_SOCKET, ask_server,
	    "show its message of the day", "MOTD" },
	{ "admin", NULL, NULL, NEEDS_SOCKET, ask_server,
	    "show who runs the server", "ADMIN" },
	{ "info", NULL, NULL, NEEDS_SOCKET, ask_server,
	    "show what program the server is", "INFO" },
	{ "tail", "[LEVEL]", NULL, NEEDS_SOCKET, ask_tail,
	    "print events as they happen, from LEVEL (info) upwards", NULL },
	{ "backup", "FILE", NULL, NEEDS_SOCKET, ask_order,
	    "copy the store of the server to a new file", NULL },
	{ "reload", NULL, NULL, NEEDS_SOCKET, ask_order,
	    "read the configuration again", "REHASH" },
	{ "restart", NULL, NULL, NEEDS_SOCKET, ask_order,
	    "let the server start again, as the program that is installed "
	    "now",
	    "RESTART" },
	{ "stop", NULL, NULL, NEEDS_SOCKET, ask_order, "stop the server",
	    "DIE" },
	{ "init", "NAME", "FOLDER", NEEDS_NOTHING, init_run,
	    "write a first configuration and certificates into a folder",
	    NULL },
	{ "hash", NULL, NULL, NEEDS_NOTHING, hash_run,
	    "make a verifier from a password (terminal or standard input)",
	    NULL },
	{ "linkblock", NULL, NULL, NEEDS_CONF, linkblock_run,
	    "print the links block for the other side of a link", NULL },
	{ "gateblock", NULL, NULL, NEEDS_ANY_CONF, gateblock_run,
	    "print the block for the other side of a trunk", NULL },
};

#define NCOMMANDS (sizeof(command_row) / sizeof(command_row[0]))
#define USAGE_WORDS 40	/* bytes of the words of a command in the usage */
#define USAGE_COLUMN 24 /* columns that they take before the text */

static void
usage_row(FILE *to, const struct command_row *row)
{
	char words[USAGE_WORDS];

	(void)snprintf(words, sizeof(words), "%s %s%s%s", row->name,
	    row->argument != NULL ? row->argument : "",
	    row->text != NULL ? " " : "", row->text != NULL ? row->text : "");
	(void)fprintf(to, "  %-24s", words);
	if (strlen(words) >= USAGE_COLUMN)
		(void)fprintf(to, "\n%26s", "");
	(void)fprintf(to, "%s%s\n", row->help, row->verb != NULL ? " (*)" : "");
}

static enum ctl_exit
usage(FILE *to, enum ctl_exit status)
{
	(void)fprintf(to,
	    "usage: banyanctl -s SOCKET | -f CONFIG [--server NAME] [--json] "
	    "COMMAND\n                 [ARGUMENT...]\n\n"
	    "  -s SOCKET  the control socket of the server, or of a gate\n"
	    "  -f CONFIG  the configuration of the server or gate, which names "
	    "the\n             socket\n"
	    "  --server NAME\n"
	    "             ask that server of the network, for commands with "
	    "(*)\n"
	    "  --json     print one JSON object on each line\n\n");
	for (size_t i = 0; i < NCOMMANDS; i++)
		usage_row(to, &command_row[i]);
	(void)fprintf(to,
	    "\nExit status: 0 success; 1 the server refuses or an input is "
	    "wrong;\n2 wrong command line; 3 no server answers.\n");
	return status;
}

static void
report_print(const struct conf_report *r)
{
	char buf[REPORT_TEXT + 5000];
	struct writer w;

	for (size_t i = 0; i < r->n; i++) {
		writer_init(&w, buf, sizeof(buf));
		conf_problem_build(&w, &r->v[i]);
		(void)fprintf(stderr, "%.*s\n", SPAN_ARG(writer_done(&w)));
	}
}

static bool
read_file(void *ctx, struct arena *a, struct span path, struct span *text,
    const char **why)
{
	(void)ctx;
	return file_read_into(a, path.p, SOURCE_MAX, text, why);
}

struct checked {
	struct conf_head *head; /* NULL: the report has errors */
	struct conf_report report;
};

static void
check(struct checked *c, const struct schema *schema, const char *path)
{
	const struct conf_files files = { read_file, NULL };

	conf_report_init(&c->report);
	c->head = conf_read(schema, span_of(path), &files, &c->report);
	if (c->report.errors == 0)
		return;
	conf_head_free(c->head);
	c->head = NULL;
}

static void
checked_fini(struct checked *c)
{
	conf_head_free(c->head);
	conf_report_fini(&c->report);
}

/*
 * Read and check the configuration, of a server or of a gate: the schema by
 * which the file has fewer mistakes is its own. Relative paths in it start at
 * its folder, so it is read by its real path. The caller frees the result with
 * checked_fini, also after a failure. Return false after printing what is
 * wrong.
 */
static bool
read_checked(const char *given, struct checked *c)
{
	static char path[PATH_MAX];
	struct checked gate;

	*c = (struct checked){ .head = NULL };
	if (realpath(given, path) == NULL) {
		print_error(given, strerror(errno));
		conf_report_init(&c->report);
		return false;
	}
	check(c, &banyand_schema, path);
	if (c->head == NULL) {
		check(&gate, &gate_schema, path);
		if (gate.report.errors < c->report.errors) {
			checked_fini(c);
			*c = gate;
		} else
			checked_fini(&gate);
	}
	report_print(&c->report);
	return c->head != NULL;
}

static const struct command_row *
command_find(const char *name)
{
	for (size_t i = 0; i < NCOMMANDS; i++)
		if (strcmp(command_row[i].name, name) == 0)
			return &command_row[i];
	return NULL;
}

/* Return true if the options give what the row needs; otherwise print what is
 * missing. */
static bool
is_enough(const struct command_row *row, const struct ctl_args *args)
{
	if (row->needs == NEEDS_SOCKET && args->socket == NULL &&
	    args->file == NULL) {
		print_error(row->name,
		    "name the server with -s SOCKET or -f CONFIG");
		return false;
	}
	if (args->server != NULL && row->verb == NULL) {
		print_error(row->name,
		    "other servers cannot be asked for this; see --help");
		return false;
	}
	if ((row->needs == NEEDS_CONF || row->needs == NEEDS_ANY_CONF) &&
	    args->file == NULL) {
		print_error(row->name, "needs -f CONFIG");
		return false;
	}
	return true;
}

static bool
is_in_brackets(const char *s)
{
	return s[0] == '[' && s[strlen(s) - 1] == ']';
}

/* Take the arguments behind the name of a command. Return false after printing
 * what is wrong with their number. */
static bool
take_arguments(const struct command_row *row, struct ctl_args *args,
    char *const *v, int n)
{
	int max = row->text != NULL ? 2 : row->argument != NULL;
	int min = (row->argument != NULL && !is_in_brackets(row->argument)) +
		  (row->text != NULL && !is_in_brackets(row->text));

	if (n < min || (n > max && row->text == NULL)) {
		print_error(row->name,
		    max == 0   ? "takes no argument"
		    : min == 0 ? "takes one argument"
		    : max == 1 ? "needs one argument; see --help"
		    : min == 1 ? "needs an argument; see --help"
			       : "needs two arguments or more; see --help");
		return false;
	}
	args->argument = v[0]; /* argv ends with NULL */
	args->text = row->text != NULL ? v + 1 : NULL;
	return true;
}

static bool
is_of_gate(const struct checked *c)
{
	return c->head->schema == &gate_schema;
}

static enum ctl_exit
run_with(const struct command_row *row, struct ctl_args *args,
    const struct checked *c)
{
	char *path = NULL;
	enum ctl_exit status;

	if (c->head != NULL && row->needs == NEEDS_CONF && is_of_gate(c)) {
		print_error(row->name, "needs the configuration of a server");
		return CTL_FAILED;
	}
	if (c->head != NULL && is_of_gate(c)) {
		args->gate = gate_conf_of(c->head);
		path = span_dup(args->gate->control);
	} else if (c->head != NULL) {
		args->conf = conf_of(c->head);
		path = span_dup(args->conf->control);
	}
	if (args->socket == NULL)
		args->socket = path;
	args->verb = row->verb;
	status = args->server != NULL ? ask_server(args) : row->run(args);
	free(path);
	return status;
}

static enum ctl_exit
run(const struct command_row *row, struct ctl_args *args)
{
	struct checked c = { .head = NULL };
	enum ctl_exit status = CTL_FAILED;

	if (row->needs == NEEDS_CONF || row->needs == NEEDS_ANY_CONF ||
	    (row->needs == NEEDS_SOCKET && args->socket == NULL)) {
		if (read_checked(args->file, &c))
			status = run_with(row, args, &c);
		checked_fini(&c);
	} else
		status = run_with(row, args, &c);
	if (fflush(stdout) != 0 && status == CTL_OK) {
		print_error("standard output", strerror(errno));
		status = CTL_FAILED;
	}
	return status;
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "server", required_argument, NULL, 'r' },
		{ "version", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct ctl_args args = { .json = false };
	const struct command_row *row;
	int c;

	if (!file_open_standard())
		return 1;
	while ((c = getopt_long(argc, argv, "+s:f:h", options, NULL)) != -1)
		switch (c) {
		case 's':
			args.socket = optarg;
			break;
		case 'f':
			args.file = optarg;
			break;
		case 'r':
			args.server = optarg;
			break;
		case 'j':
			args.json = true;
			break;
		case 'v':
			(void)printf("banyanctl %s\n", PACKAGE_VERSION);
			return CTL_OK;
		case 'h':
			return usage(stdout, CTL_OK);
		default:
			return usage(stderr, CTL_USAGE);
		}
	if (optind >= argc)
		return usage(stderr, CTL_USAGE);
	args.command = argv[optind];
	if ((row = command_find(args.command)) == NULL) {
		print_error(args.command, "unknown command; see --help");
		return CTL_USAGE;
	}
	if (!take_arguments(row, &args, argv + optind + 1, argc - optind - 1))
		return CTL_USAGE;
	if (!is_enough(row, &args))
		return CTL_USAGE;
	if (sodium_init() < 0) {
		print_error("libsodium does not start", NULL);
		return CTL_FAILED;
	}
	return run(row, &args);
}
