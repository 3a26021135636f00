/*
 * libconfig ends the process if it is told to read a folder, and waits for ever
 * if it is told to read a pipe; an @include in a reloaded configuration can
 * name either. So all included files are opened here first, and libconfig only
 * reads plain files. A missing file is left to libconfig, which reports the
 * line of the @include.
 */
#include "daemon/load.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/logger.h"

#define MOTD_MAX (64 * 1024) /* bytes */
#define INCLUDE_DEPTH 10     /* the limit of libconfig */
#define WHAT_LEN (PATH_MAX + 256)
#define WHY_MAX 128 /* bytes of an error text of the system */

static void
problem(struct conf_report *r, struct conf_place at, const char *what,
    const char *why)
{
	char text[REPORT_TEXT];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	writer_span(&w, span_head(span_of(what), sizeof(text) - WHY_MAX));
	writer_str(&w, ": ");
	writer_str(&w, why);
	conf_report_add(r, false, at, writer_done(&w));
}

/* Open a plain file to read; the caller closes it. Return NULL and set errno on
 * failure, EINVAL if the file is not a plain file. */
static FILE *
open_plain(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		errno = EINVAL;
		return NULL;
	}
	return fdopen(fd, "r");
}

static const char *
reason(int err)
{
	return err == EINVAL ? "not a plain file" : strerror(err);
}

/* ---- includes ----------------------------------------------------------- */

struct includes {
	struct conf_report *report;
	const char *folder;
};

/* Get the path from a line that libconfig treats as an @include. Return false
 * if the line has no @include. */
static bool
include_path(const struct includes *in, const char *line, char path[PATH_MAX])
{
	const char *from, *to;
	int n;

	line += strspn(line, " \t");
	if (strncmp(line, "@include", 8) != 0)
		return false;
	line += 8;
	from = line + strspn(line, " \t");
	if (from == line || *from != '"')
		return false;
	to = strchr(++from, '"');
	if (to == NULL)
		return false;
	n = snprintf(path, PATH_MAX, "%s%s%.*s", *from == '/' ? "" : in->folder,
	    *from == '/' ? "" : "/", (int)(to - from), from);
	return n > 0 && n < PATH_MAX;
}

/* Open path and every file that it includes. The file at line at_line of at
 * includes path; line 0 means that no file does. */
static void
includes_walk(const struct includes *in, const char *path, const char *at,
    unsigned int at_line, unsigned int depth)
{
	char next[PATH_MAX], *line = NULL;
	FILE *f = open_plain(path);
	unsigned int number = 0;
	size_t cap = 0;

	if (f == NULL) {
		if (at_line == 0)
			conf_report_add(in->report, false,
			    (struct conf_place){ .file = span_of(path) },
			    span_of(reason(errno)));
		else if (errno != ENOENT)
			problem(in->report,
			    (struct conf_place){
				.file = span_of(at), .line = at_line },
			    path, reason(errno));
		return;
	}
	while (getline(&line, &cap, f) >= 0) {
		number++;
		if (depth < INCLUDE_DEPTH && include_path(in, line, next))
			includes_walk(in, next, path, number, depth + 1);
	}
	free(line);
	fclose(f);
}

/* Get the full path of a file; libconfig keeps the name of an included file as
 * the @include gives it. */
static void
whole_name(const config_t *tree, const char *file, char whole[PATH_MAX])
{
	bool absolute = *file == '/';

	snprintf(whole, PATH_MAX, "%s%s%s",
	    absolute ? "" : config_get_include_dir(tree), absolute ? "" : "/",
	    file);
}

/* ---- files that the configuration names --------------------------------- */

/* Report a problem with the file and line of its option. */
static void
named_add(struct loaded *l, bool warning, const char *option, const char *what)
{
	struct conf_place at = conf_place_of(l->conf, option);
	char text[REPORT_TEXT];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	writer_str(&w, option);
	writer_str(&w, ": ");
	writer_str(&w, what);
	conf_report_add(&l->report, warning, at, writer_done(&w));
}

static void
named_problem(struct loaded *l, const char *option, const char *doing,
    const char *path, int err)
{
	char what[WHAT_LEN];

	snprintf(what, sizeof(what), "cannot %s %s: %s", doing, path,
	    reason(err));
	named_add(l, false, option, what);
}

/* Report a private key that other users can read: a user that can read the key
 * can pass for this server. */
static void
check_secret(struct loaded *l, const char *option, const char *path, int fd)
{
	char what[WHAT_LEN];
	struct stat st;

	if (fstat(fd, &st) != 0 || (st.st_mode & (S_IRWXO | S_IWGRP)) == 0)
		return;
	snprintf(what, sizeof(what),
	    "%s has mode %04o: others than its owner and group must not "
	    "read it",
	    path, (unsigned int)st.st_mode & 07777);
	named_add(l, true, option, what);
}

static void
check_readable(struct loaded *l, const char *option, struct span path,
    bool secret)
{
	char *p = span_dup(path);
	FILE *f;

	if (path.n > 0) {
		f = open_plain(p);
		if (f == NULL)
			named_problem(l, option, "read", p, errno);
		else {
			if (secret)
				check_secret(l, option, p, fileno(f));
			fclose(f);
		}
	}
	free(p);
}

static void
load_motd(struct loaded *l)
{
	char *path = span_dup(l->conf->motd), *text;
	FILE *f;
	size_t n;

	f = l->conf->motd.n > 0 ? open_plain(path) : NULL;
	if (f != NULL) {
		text = mem_alloc(MOTD_MAX + 1);
		n = fread(text, 1, MOTD_MAX + 1, f);
		if (ferror(f) || n > MOTD_MAX)
			named_problem(l, "server.motd", "read", path,
			    ferror(f) ? EIO : EFBIG);
		else
			conf_set_motd(l->conf, span_make(text, n));
		free(text);
		fclose(f);
	} else if (l->conf->motd.n > 0) {
		named_problem(l, "server.motd", "read", path, errno);
	}
	free(path);
}

/* A link file that is not set is the same as the other file, and is reported
 * once. */
static void
check_files(struct loaded *l)
{
	check_readable(l, "tls.certificate", l->conf->certificate, false);
	check_readable(l, "tls.key", l->conf->key, true);
	if (conf_place_of(l->conf, "tls.link_certificate").line > 0)
		check_readable(l, "tls.link_certificate",
		    l->conf->link_certificate, false);
	if (conf_place_of(l->conf, "tls.link_key").line > 0)
		check_readable(l, "tls.link_key", l->conf->link_key, true);
	load_motd(l);
}

/* ---- TLS ---------------------------------------------------------------- */

void
tls_set_free(struct tls_set *t)
{
	tls_ctx_free(t->clients);
	tls_ctx_free(t->link_accept);
	tls_ctx_free(t->link_dial);
	*t = (struct tls_set){ 0 };
}

struct tls_files {
	struct span cert, key;
	const char *cert_option, *key_option;
};

static struct tls_ctx *
make_tls(struct loaded *l, enum tls_role role, const struct tls_files *f)
{
	char *cert = span_dup(f->cert), *key = span_dup(f->key);
	char why[TLS_WHY_LEN];
	struct tls_ctx *ctx = tls_ctx_new(role, cert, key, why);

	/* why begins with the path of the file that is wrong */
	if (ctx == NULL)
		named_add(l, false,
		    span_starts(span_of(why), f->key) ? f->key_option
						      : f->cert_option,
		    why);
	free(cert);
	free(key);
	return ctx;
}

static void
make_tls_set(struct loaded *l)
{
	const struct conf *c = l->conf;
	const struct tls_files own = { c->certificate, c->key,
		"tls.certificate", "tls.key" };
	struct tls_files link = { c->link_certificate, c->link_key,
		"tls.link_certificate", "tls.link_key" };

	if (conf_place_of(c, link.key_option).line == 0) {
		link.cert_option = own.cert_option;
		link.key_option = own.key_option;
	}
	l->tls.clients = make_tls(l, TLS_CLIENTS, &own);
	/* report problems of the same files once */
	if (l->tls.clients == NULL && link.key_option == own.key_option)
		return;
	l->tls.link_accept = make_tls(l, TLS_LINK_ACCEPT, &link);
	if (l->tls.link_accept != NULL)
		l->tls.link_dial = make_tls(l, TLS_LINK_DIAL, &link);
}

/* ---- loading ------------------------------------------------------------ */

static void
syntax_problem(struct conf_report *r, const config_t *tree, const char *path)
{
	const char *file = config_error_file(tree);
	char whole[PATH_MAX];

	whole_name(tree, file != NULL ? file : path, whole);
	conf_report_add(r, false,
	    (struct conf_place){ .file = span_of(whole),
		.line = (unsigned int)config_error_line(tree) },
	    span_of(config_error_text(tree)));
}

static void
read_tree(struct loaded *l, config_t *tree, const char *path)
{
	if (!config_read_file(tree, path)) {
		syntax_problem(&l->report, tree, path);
		return;
	}
	l->conf = conf_check(tree, span_of(path), &l->report);
	check_files(l);
	if (l->report.errors == 0 && conf_needs_tls(l->conf))
		make_tls_set(l);
}

/* Sort the report, and drop the configuration if the report has errors. */
static void
settle(struct loaded *l)
{
	conf_report_sort(&l->report);
	if (l->report.errors == 0)
		return;
	conf_free(l->conf);
	l->conf = NULL;
	tls_set_free(&l->tls);
	if (l->log_fd >= 0)
		(void)close(l->log_fd);
	l->log_fd = -1;
}

static void
load_files(struct loaded *l, const char *path)
{
	char *copy = span_dup(span_of(path));
	struct includes in = { .report = &l->report, .folder = dirname(copy) };
	config_t tree;

	*l = (struct loaded){ .log_fd = -1, .uid = (uid_t)-1 };
	conf_report_init(&l->report);
	config_init(&tree);
	config_set_include_dir(&tree, in.folder);
	includes_walk(&in, path, path, 0, 0);
	if (l->report.errors == 0)
		read_tree(l, &tree, path);
	config_destroy(&tree);
	free(copy);
}

void
load(struct loaded *l, const char *path)
{
	load_files(l, path);
	settle(l);
}

static void
find_user(struct loaded *l)
{
	char *user = span_dup(l->conf->user);
	const struct passwd *pw;

	if (geteuid() == 0 && user[0] != '\0') {
		if ((pw = getpwnam(user)) != NULL) {
			l->uid = pw->pw_uid;
			l->gid = pw->pw_gid;
		} else
			named_add(l, false, "user", "no such user");
	}
	free(user);
}

static void
open_log(struct loaded *l, const char *old)
{
	char *path = span_dup(l->conf->log_file), what[WHAT_LEN];

	if (path[0] != '\0') {
		l->log_fd = logger_open(path, l->uid, l->gid);
		if (l->log_fd < 0 && (old == NULL || strcmp(old, path) != 0))
			named_problem(l, "log.file", "open", path, errno);
		else if (l->log_fd < 0) {
			snprintf(what, sizeof(what),
			    "cannot open %s again: %s; the one that is open "
			    "is written to",
			    path, strerror(errno));
			named_add(l, true, "log.file", what);
		}
	}
	free(path);
}

void
load_start(struct loaded *l, const char *path)
{
	load_files(l, path);
	if (l->report.errors == 0)
		find_user(l);
	if (l->report.errors == 0)
		open_log(l, NULL);
	settle(l);
}

void
load_again(struct loaded *l, const char *path, const char *old_log)
{
	load_files(l, path);
	if (l->report.errors == 0)
		open_log(l, old_log);
	settle(l);
}

void
loaded_fini(struct loaded *l)
{
	if (l->log_fd >= 0)
		(void)close(l->log_fd);
	tls_set_free(&l->tls);
	conf_free(l->conf);
	conf_report_fini(&l->report);
}

void
report_print(const struct conf_report *r)
{
	char buf[REPORT_TEXT + PATH_MAX + 64];
	struct writer w;

	for (size_t i = 0; i < r->n; i++) {
		writer_init(&w, buf, sizeof(buf));
		conf_problem_build(&w, &r->v[i]);
		fprintf(stderr, "%.*s\n", SPAN_ARG(writer_done(&w)));
	}
}
