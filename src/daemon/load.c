/*
 * libconfig ends the process when it is given a folder to read, and waits for
 * ever for a pipe; both can stand in an @include that a reload meets. So the
 * files are walked before, and only plain files reach it. What is not there is
 * left to libconfig, which knows the line.
 */
#include "daemon/load.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

#define MOTD_MAX (64 * 1024) /* bytes */
#define INCLUDE_DEPTH 10     /* libconfig's own limit */
#define WHAT_LEN (PATH_MAX + 256)
#define WHY_MAX 128 /* of a text of the system */

static void
problem(struct conf_report *r, const char *file, unsigned int line,
    const char *what, const char *why)
{
	char text[REPORT_TEXT];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	writer_span(&w, span_head(span_of(what), sizeof(text) - WHY_MAX));
	writer_str(&w, ": ");
	writer_str(&w, why);
	conf_report_add(r, false, span_of(file), line, writer_done(&w));
}

/* A plain file to read; NULL and errno, EINVAL when it is something else. */
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

/* The path in a line that libconfig takes for an include; false: none. */
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

/* at: where path was included; line 0: nowhere. */
static void
includes_walk(const struct includes *in, const char *path, const char *at,
    unsigned int at_line, unsigned int depth)
{
	char next[PATH_MAX], *line = NULL;
	FILE *f = open_plain(path);
	unsigned int number = 0;
	size_t cap = 0;

	if (f == NULL) {
		if (errno != ENOENT || at_line == 0)
			problem(in->report, at, at_line, path, reason(errno));
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

/* libconfig names an included file as the include does. */
static void
whole_name(const config_t *tree, const char *file, char whole[PATH_MAX])
{
	bool absolute = *file == '/';

	snprintf(whole, PATH_MAX, "%s%s%s",
	    absolute ? "" : config_get_include_dir(tree), absolute ? "" : "/",
	    file);
}

/* ---- what it names ------------------------------------------------------ */

static void
named_problem(struct conf_report *r, const config_t *tree, const char *option,
    const char *path, int err)
{
	const config_setting_t *s = config_lookup(tree, option);
	char what[WHAT_LEN], file[PATH_MAX];

	/* only options that were given name a file */
	whole_name(tree, config_setting_source_file(s), file);
	snprintf(what, sizeof(what), "%s: cannot read %s", option, path);
	problem(r, file, config_setting_source_line(s), what, reason(err));
}

static void
check_readable(struct conf_report *r, const config_t *tree, const char *option,
    struct span path)
{
	char *p = span_dup(path);
	FILE *f;

	if (path.n > 0) {
		f = open_plain(p);
		if (f == NULL)
			named_problem(r, tree, option, p, errno);
		else
			fclose(f);
	}
	free(p);
}

static void
load_motd(struct conf *conf, const config_t *tree, struct conf_report *r)
{
	char *path = span_dup(conf->motd), *text;
	FILE *f;
	size_t n;

	f = conf->motd.n > 0 ? open_plain(path) : NULL;
	if (f != NULL) {
		text = mem_alloc(MOTD_MAX + 1);
		n = fread(text, 1, MOTD_MAX + 1, f);
		if (ferror(f) || n > MOTD_MAX)
			named_problem(r, tree, "server.motd", path,
			    ferror(f) ? EIO : EFBIG);
		else
			conf_set_motd(conf, span_make(text, n));
		free(text);
		fclose(f);
	} else if (conf->motd.n > 0) {
		named_problem(r, tree, "server.motd", path, errno);
	}
	free(path);
}

/* A link file that was not given is the other one, and told once. */
static void
check_files(struct conf *conf, const config_t *tree, struct conf_report *r)
{
	check_readable(r, tree, "tls.certificate", conf->certificate);
	check_readable(r, tree, "tls.key", conf->key);
	if (config_lookup(tree, "tls.link_certificate") != NULL)
		check_readable(r, tree, "tls.link_certificate",
		    conf->link_certificate);
	if (config_lookup(tree, "tls.link_key") != NULL)
		check_readable(r, tree, "tls.link_key", conf->link_key);
	load_motd(conf, tree, r);
}

/* ---- all of it ---------------------------------------------------------- */

static void
syntax_problem(struct conf_report *r, const config_t *tree, const char *path)
{
	const char *file = config_error_file(tree);
	char whole[PATH_MAX];

	whole_name(tree, file != NULL ? file : path, whole);
	conf_report_add(r, false, span_of(whole),
	    (unsigned int)config_error_line(tree),
	    span_of(config_error_text(tree)));
}

static struct conf *
read_tree(config_t *tree, const char *path, struct conf_report *r)
{
	struct conf *conf;

	if (!config_read_file(tree, path)) {
		syntax_problem(r, tree, path);
		return NULL;
	}
	conf = conf_check(tree, span_of(path), r);
	check_files(conf, tree, r);
	return conf;
}

struct conf *
conf_load(const char *path, struct conf_report *r)
{
	char *copy = span_dup(span_of(path));
	struct includes in = { .report = r, .folder = dirname(copy) };
	struct conf *conf = NULL;
	config_t tree;

	config_init(&tree);
	config_set_include_dir(&tree, in.folder);
	includes_walk(&in, path, path, 0, 0);
	if (r->errors == 0)
		conf = read_tree(&tree, path, r);
	config_destroy(&tree);
	conf_report_sort(r);
	if (r->errors > 0) {
		conf_free(conf);
		conf = NULL;
	}
	free(copy);
	return conf;
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
