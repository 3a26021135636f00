/*
 * Send every command, of the core and of all modules, in all bad forms, and
 * compare the answers with the table of the file `answers`. Print TAP.
 *
 *	check_bad [FILE]
 *	check_bad -r	print the table as the answers really are
 *
 * The forms are made from the row of a command, so a command without a place
 * in the table is a failure. Each form has a network of its own: one server, a
 * user alice who sends it, and a user bob; both are on #c.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/rows.h"
#include "lib/modules.h"
#include "lib/net.h"

#define TEXT_MAX 8192
#define LONG 480   /* bytes of a long parameter, which the line just holds */
#define RUN_MAX 16 /* bytes that are alike, of a line that is compared */

static const struct form {
	const char *name;
	enum { USER, OPER, POWERLESS, EARLY } who;
	bool full; /* with all parameters that the row has */
	const char *rest;
} forms[] = {
	{ "none", USER, false, "" },
	{ "empty", USER, false, " :" },
	{ "full", USER, true, "" },
	{ "more", USER, true, " more more" },
	{ "long", USER, false, " LONG" },
	{ "over", USER, false, " LONG LONG" },
	{ "early", EARLY, true, "" },
	{ "early-none", EARLY, false, "" },
	{ "powerless", POWERLESS, true, "" },
	{ "oper", OPER, true, "" },
	{ "oper-empty", OPER, false, " x :" },
	{ "oper-long", OPER, false, " LONG x x" },
};
#define FORMS (sizeof(forms) / sizeof(forms[0]))

/* The lines that a client was sent, each with its end. */
struct heard {
	char text[TEXT_MAX];
	size_t n;
	bool on, closed;
};

struct text {
	char s[TEXT_MAX];
};

/* ---- one form of one command ------------------------------------------- */

static void
on_heard(void *ctx, struct net_client *c, struct span line)
{
	struct heard *h = c->ctx;

	(void)ctx;
	if (h == NULL || !h->on || h->n + line.n + 2 > sizeof(h->text))
		return;
	memcpy(h->text + h->n, line.p, line.n);
	h->n += line.n;
	h->text[h->n++] = '\n';
}

static void
on_closed(void *ctx, struct net_client *c, struct span reason)
{
	struct heard *h = c->ctx;

	(void)ctx;
	(void)reason;
	if (h != NULL)
		h->closed = true;
}

/* Add a parameter for a word of the syntax of a row: one that could be meant.
 */
static void
write_param(struct writer *w, struct span word)
{
	static const struct {
		const char *begin, *param;
	} params[] = {
		{ "#channel", " #c" },
		{ "nick", " bob" },
		{ "target", " bob" },
		{ "server", " s1.test" },
		{ "modes", " +i" },
		{ "mask", " *" },
		{ "duration", " 5m" },
		{ "letter", " u" },
		{ "user@host", " *@192.0.2.1" },
		{ "address", " 192.0.2.1" },
		{ "+|-", " +" },
		{ "password", " secret" },
		{ "ON", "" },
		{ "parameters", "" },
	};

	while (word.n > 0 && (word.p[0] == '[' || word.p[0] == ':'))
		word = span_tail(word, 1);
	for (size_t i = 0; i < sizeof(params) / sizeof(params[0]); i++)
		if (span_starts(word, span_of(params[i].begin))) {
			writer_str(w, params[i].param);
			return;
		}
	writer_str(w, " x");
}

static void
write_line(struct writer *w, const struct command_row *row,
    const struct form *f)
{
	struct span syntax = span_of(row->syntax), word;
	const char *p;

	writer_span(w, row->name);
	while (f->full && (word = span_word(&syntax)).n > 0)
		write_param(w, word);
	for (p = f->rest; *p != '\0'; p++) {
		if (strncmp(p, "LONG", 4) != 0) {
			writer_char(w, *p);
			continue;
		}
		for (int i = 0; i < LONG; i++)
			writer_char(w, 'x');
		p += 3;
	}
	writer_char(w, '\0');
}

static struct net *
begin(void)
{
	struct net *net = net_new(1, 1);
	struct setup *s = setup_new(0, 1, 0);
	const struct module *m;
	char names[1024] = "";

	for (size_t i = 0; (m = modules_get(i)) != NULL; i++)
		if (m->rows->ncommand > 0) {
			strcat(names, names[0] != '\0' ? " " : "");
			strcat(names, m->name);
		}
	if (!setup_set(s, "modules", names) ||
	    !setup_set(s, "oper", "root secret") ||
	    !setup_set(s, "oper", "none secret") ||
	    !setup_set(s, "privileges", "none"))
		abort();
	net->hooks.heard = on_heard;
	net->hooks.closed = on_closed;
	net_setup(net, 0, s);
	net_start(net, 0);
	net_run(net, 5000);
	return net;
}

static struct net_client *
open_client(struct net *net, const char *nick, struct heard *h)
{
	struct addr addr;
	struct net_client *c;
	char line[128];

	if (!addr_parse(SPAN("127.0.0.1"), &addr))
		abort();
	c = net_connect(net, 0, addr, 6667, false, h);
	if (nick == NULL)
		return c;
	snprintf(line, sizeof(line), "NICK %s", nick);
	net_client_say(c, line);
	snprintf(line, sizeof(line), "USER %s 0 * :%s", nick, nick);
	net_client_say(c, line);
	net_client_say(c, "JOIN #c");
	net_run(net, 50);
	return c;
}

/* ---- the answer as text ------------------------------------------------ */

static struct span
verb_of(struct span line)
{
	struct span verb = span_word(&line);

	return verb.n > 0 && verb.p[0] == ':' ? span_word(&line) : verb;
}

/* Write the line, with three of many bytes that are alike. */
static void
write_short(struct writer *w, struct span line)
{
	struct span server = SPAN(":s1.test ");
	size_t run;

	if (span_starts(line, server))
		line = span_tail(line, server.n);
	for (; line.n > 0; line = span_tail(line, run)) {
		for (run = 1; run < line.n && line.p[run] == line.p[0]; run++)
			;
		writer_span(w, span_head(line, run > RUN_MAX ? 3 : run));
		writer_str(w, run > RUN_MAX ? "..." : "");
	}
}

/* Write a single line whole, and the verbs of several lines, those in a row
 * once. */
static void
write_answer(struct writer *w, const struct heard *h)
{
	struct span all = span_make(h->text, h->n), line, last = SPAN_NONE;
	bool many = span_find(all, '\n') + 1 < all.n;

	if (all.n == 0)
		writer_str(w, "nothing");
	while (all.n > 0) {
		line = span_cut(&all, '\n');
		if (!many)
			write_short(w, line);
		else if (!span_eq(verb_of(line), last)) {
			writer_str(w, last.n > 0 ? " " : "");
			writer_span(w, verb_of(line));
		}
		last = verb_of(line);
	}
	writer_str(w, h->closed ? ", closed" : "");
	writer_char(w, '\0');
}

static void
answer(const struct command_row *row, const struct form *f, struct text *out)
{
	static struct heard h;
	struct net *net = begin();
	struct net_client *c;
	char line[TEXT_MAX];
	struct writer w;

	memset(&h, 0, sizeof(h));
	(void)open_client(net, "bob", NULL);
	c = open_client(net, f->who == EARLY ? NULL : "alice", &h);
	if (f->who == OPER || f->who == POWERLESS)
		net_client_say(c,
		    f->who == OPER ? "OPER root secret" : "OPER none secret");
	net_run(net, 50);
	h.on = true;
	writer_init(&w, line, sizeof(line));
	write_line(&w, row, f);
	net_client_say(c, line);
	net_run(net, 200);
	writer_init(&w, out->s, sizeof(out->s));
	write_answer(&w, &h);
	if (net->failed) {
		fprintf(stderr, "%s\n", net->why);
		abort();
	}
	net_free(net);
}

/* ---- the table --------------------------------------------------------- */

struct table {
	char *text; /* of the file */
	unsigned n, bad;
};

/* Return the line of the table for the form, without the words before the
 * answer, or NULL. */
static char *
expected(const char *table, struct span verb, const char *form)
{
	char head[128];
	const char *p;

	snprintf(head, sizeof(head), "\n%.*s %s: ", SPAN_ARG(verb), form);
	p = strstr(table, head);
	if (p == NULL)
		return NULL;
	p += strlen(head);
	return strndup(p, strcspn(p, "\n"));
}

static void
check(struct table *t, const struct command_row *row)
{
	static struct text got[FORMS];
	char *want[FORMS];
	bool ok = true;

	for (size_t i = 0; i < FORMS; i++) {
		answer(row, &forms[i], &got[i]);
		want[i] = expected(t->text, row->name, forms[i].name);
		ok &= want[i] != NULL && strcmp(want[i], got[i].s) == 0;
	}
	printf("%sok %u - %.*s\n", ok ? "" : "not ", ++t->n,
	    SPAN_ARG(row->name));
	t->bad += !ok;
	for (size_t i = 0; i < FORMS; i++) {
		if (want[i] == NULL || strcmp(want[i], got[i].s) != 0)
			printf("# %.*s %s: %s\n#   expected: %s\n",
			    SPAN_ARG(row->name), forms[i].name, got[i].s,
			    want[i] == NULL ? "(not in the table)" : want[i]);
		free(want[i]);
	}
}

static void
print(struct table *t, const struct command_row *row)
{
	static struct text got;

	(void)t;
	for (size_t i = 0; i < FORMS; i++) {
		answer(row, &forms[i], &got);
		printf("%.*s %s: %s\n", SPAN_ARG(row->name), forms[i].name,
		    got.s);
	}
	printf("\n");
}

static unsigned
each_of(struct table *t, const struct rows *rows,
    void (*fn)(struct table *, const struct command_row *))
{
	for (size_t i = 0; fn != NULL && i < rows->ncommand; i++)
		fn(t, &rows->command[i]);
	return (unsigned)rows->ncommand;
}

/* Call fn, unless it is NULL, for all commands. Return their number. */
static unsigned
each(struct table *t, void (*fn)(struct table *, const struct command_row *))
{
	const struct module *m;
	unsigned n = each_of(t, &core_rows, fn);

	for (size_t i = 0; (m = modules_get(i)) != NULL; i++)
		n += each_of(t, m->rows, fn);
	return n;
}

static bool
is_command(struct span verb)
{
	const struct module *m;
	const struct rows *rows = &core_rows;

	for (size_t i = 0;; i++) {
		for (size_t j = 0; j < rows->ncommand; j++)
			if (span_eq(rows->command[j].name, verb))
				return true;
		if ((m = modules_get(i)) == NULL)
			return false;
		rows = m->rows;
	}
}

/* Refuse lines of the table about commands that do not exist. */
static void
check_rest(struct table *t)
{
	struct span all = span_of(t->text), line, verb;
	bool ok = true;

	while (all.n > 0) {
		line = span_cut(&all, '\n');
		if (line.n == 0 || line.p[0] == '#')
			continue;
		verb = span_word(&line);
		if (is_command(verb))
			continue;
		ok = false;
		printf("# there is no command %.*s\n", SPAN_ARG(verb));
	}
	printf("%sok %u - the table has no other commands\n", ok ? "" : "not ",
	    ++t->n);
	t->bad += !ok;
}

static char *
read_file(const char *path)
{
	FILE *f = fopen(path, "r");
	size_t max = 1 << 20, n;
	char *text = malloc(max);

	if (f == NULL || text == NULL) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	text[0] = '\n'; /* before the first line, as before each */
	n = 1 + fread(text + 1, 1, max - 2, f);
	text[n] = '\0';
	fclose(f);
	return text;
}

int
main(int argc, char **argv)
{
	const char *src = getenv("top_srcdir");
	struct table t = { 0 };
	char path[4096];

	snprintf(path, sizeof(path), "%s/tests/bad/answers",
	    src != NULL ? src : ".");
	if (argc > 1 && strcmp(argv[1], "-r") == 0) {
		(void)each(&t, print);
		return EXIT_SUCCESS;
	}
	t.text = read_file(argc > 1 ? argv[1] : path);
	printf("1..%u\n", each(&t, NULL) + 1);
	fflush(stdout);
	(void)each(&t, check);
	check_rest(&t);
	free(t.text);
	return t.bad == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
