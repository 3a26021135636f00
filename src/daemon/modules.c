/*
 * The system knows a file that is loaded by the path of it, and does not look
 * at the file again if it is asked for the same path. So a file that was
 * replaced is opened by another path than the old one: NAME.so and ./NAME.so in
 * turn. No more than two versions are loaded at once (reload.c).
 *
 * A file that is cut off, because somebody is still copying it, looks like a
 * module at its beginning. The system would load it, and end the process at the
 * first page that is missing. So the size is compared with the table of
 * sections, which stands at the end of the file.
 */
#include "daemon/modules.h"

#include <sys/stat.h>

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "conf/module_option.h"
#include "core/module.h"
#include "core/rows.h"
#include "daemon/load.h"
#include "net/file.h"

#define SYMBOL "banyan_module"

struct module_file {
	void *handle;
	const struct module *module;
	char *path;   /* by which it is opened */
	bool by_dot;  /* by ./NAME.so */
	dev_t device; /* the file as it was then */
	ino_t inode;
	off_t size;
	struct timespec written;
};

static bool
fail(struct writer *why, const char *text)
{
	writer_str(why, text);
	return false;
}

/* ---- where they are ---------------------------------------------------- */

/* Write the folder of the running program. */
static bool
own_folder(struct writer *w)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path));

	while (n > 0 && path[n - 1] != '/')
		n--;
	if (n <= 0)
		return false;
	writer_span(w, span_make(path, (size_t)n));
	return true;
}

/* Return true if the folder is that of a build: an installed program has no
 * config.status beside it. */
static bool
is_build(struct span folder)
{
	char path[PATH_MAX + 32];

	(void)snprintf(path, sizeof(path), "%.*sconfig.status",
	    SPAN_ARG(folder));
	return access(path, F_OK) == 0;
}

/* Return the folder of the modules, with a slash; the caller frees it. */
static char *
find_folder(const struct conf *conf)
{
	char own[PATH_MAX], path[2 * PATH_MAX];
	struct writer w;

	writer_init(&w, own, sizeof(own));
	if (conf->module_dir.n > 0)
		(void)snprintf(path, sizeof(path), "%.*s/",
		    SPAN_ARG(conf->module_dir));
	else if (own_folder(&w) && is_build(writer_done(&w)))
		(void)snprintf(path, sizeof(path), "%.*smodules/",
		    SPAN_ARG(writer_done(&w)));
	else
		(void)snprintf(path, sizeof(path), "%s/", MODULEDIR);
	return span_dup(span_of(path));
}

/* Return the path of a module; the caller frees it. */
static char *
path_of(const char *folder, const char *dot, struct span name)
{
	char path[2 * PATH_MAX + 64];

	(void)snprintf(path, sizeof(path), "%s%s%.*s.so", folder, dot,
	    SPAN_ARG(name));
	return span_dup(span_of(path));
}

/* ---- one file ---------------------------------------------------------- */

/* Return true if the file begins and ends as one that the system can load. */
static bool
is_complete(FILE *f, off_t size)
{
	ElfW(Ehdr) head;

	return fread(&head, sizeof(head), 1, f) == 1 &&
	       memcmp(head.e_ident, ELFMAG, SELFMAG) == 0 &&
	       head.e_type == ET_DYN && head.e_shoff <= (size_t)size &&
	       (size_t)size - head.e_shoff >=
		   (size_t)head.e_shnum * head.e_shentsize;
}

/* Look at the file before it is loaded. */
static bool
look(struct module_file *x, struct writer *why)
{
	FILE *f = file_open(x->path);
	struct stat st = { 0 };
	bool ok;

	if (f == NULL)
		return fail(why, file_why(errno));
	ok = fstat(fileno(f), &st) == 0;
	x->device = st.st_dev;
	x->inode = st.st_ino;
	x->size = st.st_size;
	x->written = st.st_mtim;
	if (!ok)
		(void)fail(why, strerror(errno));
	else if ((st.st_mode & S_IWOTH) != 0)
		ok = fail(why, "every user can write it");
	else if (!is_complete(f, st.st_size))
		ok = fail(why, "it is no module, or is cut off");
	(void)fclose(f);
	return ok;
}

static const struct module_file *
find_old(const struct module_set *old, struct span name)
{
	for (size_t i = 0; old != NULL && i < old->n; i++)
		if (span_eq(span_of(old->v[i].module->name), name))
			return &old->v[i];
	return NULL;
}

static bool
is_same_file(const struct module_file *a, const struct module_file *b)
{
	return a->device == b->device && a->inode == b->inode;
}

static bool
was_written_to(const struct module_file *a, const struct module_file *b)
{
	return a->size != b->size || a->written.tv_sec != b->written.tv_sec ||
	       a->written.tv_nsec != b->written.tv_nsec;
}

/* Choose NAME.so or ./NAME.so: as the old file, if it is the same one, and else
 * the other path. */
static bool
choose_path(struct module_file *x, const struct module_file *old,
    const char *folder, struct span name, struct writer *why)
{
	bool same = old != NULL && is_same_file(old, x);

	if (same && was_written_to(old, x))
		return fail(why,
		    "it was written to while it was loaded: replace such a "
		    "file by install or mv, and restart the server");
	x->by_dot = old != NULL && (same ? old->by_dot : !old->by_dot);
	if (x->by_dot) {
		free(x->path);
		x->path = path_of(folder, "./", name);
	}
	return true;
}

static bool
open_it(struct module_file *x, struct span name, struct writer *why)
{
	const char *text;

	x->handle = dlopen(x->path, RTLD_NOW | RTLD_LOCAL);
	if (x->handle == NULL) {
		text = dlerror();
		return fail(why, text != NULL ? text : "it cannot be loaded");
	}
	x->module = dlsym(x->handle, SYMBOL);
	if (x->module == NULL)
		return fail(why,
		    "it is no module of Banyan: " SYMBOL " is missing");
	return module_fits(x->module, name, why);
}

static void
close_it(struct module_file *x)
{
	if (x->handle != NULL)
		(void)dlclose(x->handle);
	free(x->path);
}

static bool
load_one(struct module_file *x, const struct module_set *old,
    const char *folder, struct span name, struct writer *why)
{
	*x = (struct module_file){ .path = path_of(folder, "", name) };
	writer_str(why, x->path);
	writer_str(why, ": ");
	return look(x, why) &&
	       choose_path(x, find_old(old, name), folder, name, why) &&
	       open_it(x, name, why);
}

/* ---- all of them ------------------------------------------------------- */

static struct writer *
begin_problem(struct writer *w, char *text, const struct conf_module *m)
{
	writer_init(w, text, REPORT_TEXT);
	writer_str(w, "modules: ");
	writer_span(w, m->name);
	writer_str(w, ": ");
	return w;
}

static void
report(struct loaded *l, const struct conf_module *m, struct writer *w)
{
	conf_report_add(&l->report, false, m->at, writer_done(w));
}

/* Report the first module whose rows are refused. Return true if all are taken.
 */
static bool
check_rows(struct loaded *l, const struct rows *const *rows)
{
	struct tables *t = mem_alloc(sizeof(*t));
	char text[REPORT_TEXT];
	struct writer w;
	bool ok = true;

	for (size_t i = 0; ok && i < l->conf->nmodule; i++) {
		begin_problem(&w, text, &l->conf->module[i]);
		ok = core_tables(t, rows, i + 1, &w);
		if (!ok)
			report(l, &l->conf->module[i], &w);
	}
	free(t);
	return ok;
}

static void
take_rows(struct loaded *l)
{
	const struct module **modules;
	const struct rows **rows;
	struct conf *c = l->conf;

	rows = arena_alloc(c->head.arena, (l->modules.n + 1) * sizeof(*rows));
	modules =
	    arena_alloc(c->head.arena, (l->modules.n + 1) * sizeof(*modules));
	for (size_t i = 0; i < l->modules.n; i++) {
		modules[i] = l->modules.v[i].module;
		rows[i] = modules[i]->rows;
	}
	if (check_rows(l, rows))
		for (size_t i = 0; i < l->modules.n; i++)
			conf_module_options(c, i, rows[i], &l->report);
	c->settings.rows = rows;
	c->settings.nrows = l->modules.n;
	c->settings.module = modules;
	c->settings.nmodule = l->modules.n;
}

void
modules_load(struct loaded *l, const struct module_set *old)
{
	char *folder = find_folder(l->conf), text[REPORT_TEXT];
	const struct conf *c = l->conf;
	struct module_file x;
	struct writer w;

	l->modules.v = mem_array(NULL, c->nmodule + 1, sizeof(*l->modules.v));
	for (size_t i = 0; i < c->nmodule; i++) {
		if (c->module[i].refused)
			continue;
		begin_problem(&w, text, &c->module[i]);
		if (load_one(&x, old, folder, c->module[i].name, &w)) {
			l->modules.v[l->modules.n++] = x;
			continue;
		}
		report(l, &c->module[i], &w);
		close_it(&x);
	}
	if (l->modules.n == c->nmodule)
		take_rows(l);
	free(folder);
}

const char *
module_set_path(const struct module_set *s, size_t i)
{
	return s->v[i].path;
}

void
module_set_free(struct module_set *s)
{
	for (size_t i = 0; i < s->n; i++)
		close_it(&s->v[i]);
	free(s->v);
	*s = (struct module_set){ 0 };
}
