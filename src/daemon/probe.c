#include "daemon/probe.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/restart_check.h"
#include "daemon/state.h"
#include "host/listening.h"
#include "host/pidfile.h"
#include "store/store.h"

struct probe {
	struct loaded *l;
	char *user;	 /* to become later, or NULL */
	char prefix[64]; /* of what is reported with the rights of user */
	gid_t *group;	 /* of root, while the rights are those of user */
	int ngroup;
	bool mild; /* problems are warnings */
	char text[REPORT_TEXT];
	struct writer w; /* into text */
};

/* ---- rights ----------------------------------------------------------- */

static void
give_rights_back(struct probe *p)
{
	if (p->group == NULL)
		return;
	if (seteuid(0) != 0 || setegid(0) != 0 ||
	    setgroups((size_t)p->ngroup, p->group) != 0)
		abort(); /* we must not go on with other rights than we had */
	free(p->group);
	p->group = NULL;
	p->prefix[0] = '\0';
}

/* Take the rights of user, if there is one. If the system refuses, there is no
 * user any more: what only this user may do is not probed. */
static void
take_rights(struct probe *p)
{
	if (p->user == NULL)
		return;
	p->ngroup = getgroups(0, NULL);
	if (p->ngroup < 0)
		p->ngroup = 0;
	p->group = mem_array(NULL, (size_t)p->ngroup + 1, sizeof(*p->group));
	p->ngroup = getgroups(p->ngroup, p->group);
	if (p->ngroup >= 0 && initgroups(p->user, p->l->gid) == 0) {
		if (setegid(p->l->gid) == 0 && seteuid(p->l->uid) == 0) {
			(void)snprintf(p->prefix, sizeof(p->prefix),
			    "user %s: ", p->user);
			return;
		}
		give_rights_back(p);
	}
	free(p->group);
	p->group = NULL;
	loaded_problem(p->l, false, "user",
	    SPAN("the system refuses to change to this user"));
	free(p->user);
	p->user = NULL;
}

/* ---- paths ------------------------------------------------------------ */

/* Report text about a path; option is NULL for the configuration file. */
static void
tell(struct probe *p, bool warning, const char *option, struct span text)
{
	if (option != NULL)
		loaded_problem(p->l, warning, option, text);
	else
		conf_report_add(&p->l->report, warning,
		    (struct conf_place){ .file = p->l->conf->head.file }, text);
}

static struct writer *
begin(struct probe *p, const char *path)
{
	writer_init(&p->w, p->text, sizeof(p->text));
	writer_str(&p->w, p->prefix);
	/* room for what follows the longest path */
	writer_span(&p->w, span_head(span_of(path), sizeof(p->text) - 512));
	return &p->w;
}

static void
complain(struct probe *p, const char *option, const char *path,
    const char *what)
{
	writer_str(begin(p, path), what);
	tell(p, p->mild, option, writer_done(&p->w));
}

static void
complain_errno(struct probe *p, const char *option, const char *path)
{
	const char *why = strerror(errno);

	writer_str(begin(p, path), ": ");
	writer_str(&p->w, why);
	tell(p, p->mild, option, writer_done(&p->w));
}

/* Warn of something that user cannot do, and what follows. */
static void
warn_errno(struct probe *p, const char *option, const char *path,
    const char *so)
{
	const char *why = strerror(errno);

	writer_str(begin(p, path), ": ");
	writer_str(&p->w, why);
	writer_str(&p->w, so);
	tell(p, true, option, writer_done(&p->w));
}

/* Return a path without slashes at its end. */
static struct span
strip(struct span path)
{
	while (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	return path;
}

/* Return the folder of an absolute path; the caller frees it. */
static char *
folder_of(const char *path)
{
	struct span s = strip(span_of(path));

	while (s.n > 1 && s.p[s.n - 1] != '/')
		s.n--;
	return span_dup(strip(s));
}

static bool
is_state(const struct probe *p, const char *folder)
{
	return span_eq(strip(p->l->conf->state), span_of(folder));
}

/* Report a folder that is none, or in which mode (of access) is not allowed. */
static bool
check_folder(struct probe *p, const char *option, const char *folder, int mode)
{
	struct stat st;

	if (stat(folder, &st) != 0)
		complain_errno(p, option, folder);
	else if (!S_ISDIR(st.st_mode))
		complain(p, option, folder, " is not a folder");
	else if (faccessat(AT_FDCWD, folder, mode, AT_EACCESS) != 0)
		complain_errno(p, option, folder);
	else
		return true;
	return false;
}

/* Report a path whose folder does not allow to make and remove files. The state
 * directory has a check of its own. */
static bool
check_folder_of(struct probe *p, const char *option, const char *path)
{
	char *folder = folder_of(path);
	bool ok =
	    is_state(p, folder) || check_folder(p, option, folder, W_OK | X_OK);

	free(folder);
	return ok;
}

/* Report a path at which the wrong kind of thing stands. */
static bool
check_kind(struct probe *p, const char *option, const char *path)
{
	bool control = strcmp(option, "control") == 0;
	bool log = strcmp(option, "log.file") == 0;
	struct stat st;

	if (lstat(path, &st) != 0)
		return true;
	if (control && !S_ISSOCK(st.st_mode))
		complain(p, option, path, " exists and is not a socket");
	else if (!control && S_ISDIR(st.st_mode))
		complain(p, option, path, " is a folder");
	else if (log && S_ISLNK(st.st_mode))
		complain(p, option, path, " is a symbolic link");
	else
		return true;
	return false;
}

/* ---- what a server writes ----------------------------------------------- */

/* Report a file that a start would not give to user, and that user cannot read
 * and write. */
static void
check_others_file(struct probe *p, const char *path)
{
	char *real = realpath(path, NULL);

	if (real == NULL) {
		complain_errno(p, "state", path);
		return;
	}
	take_rights(p);
	if (faccessat(AT_FDCWD, real, R_OK | W_OK, AT_EACCESS) != 0)
		complain_errno(p, "state", path);
	give_rights_back(p);
	free(real);
}

/* Root can use every file, but the server may run as the user of the directory
 * by other means: those of a service manager. */
static void
check_owner(struct probe *p, const char *path, uid_t owner)
{
	struct stat st;

	if (p->user == NULL && geteuid() == 0 && owner != 0 &&
	    lstat(path, &st) == 0 && st.st_uid != owner) {
		writer_str(begin(p, path),
		    " belongs to another user than its folder, so that a "
		    "server which runs as the user of the folder does not "
		    "start");
		tell(p, true, "state", writer_done(&p->w));
	}
}

/* Report a file of the state directory that the server could not use. A start
 * as root gives it to user, whoever has it now (daemon/state.h). */
static void
check_store_file(struct probe *p, const char *path)
{
	char what[128];
	struct stat st;

	if (lstat(path, &st) != 0)
		return;
	if (p->user == NULL || !state_gives(&st)) {
		check_others_file(p, path);
	} else if ((st.st_mode & (S_IRUSR | S_IWUSR)) != (S_IRUSR | S_IWUSR)) {
		(void)snprintf(what, sizeof(what),
		    " has mode %04o: user %s, to whom it is given, must be "
		    "able to write it",
		    (unsigned int)st.st_mode & 07777, p->user);
		complain(p, "state", path, what);
	}
}

/* The file `state` is only read, as a new one takes its place. */
static void
check_state_files(struct probe *p, const char *dir, uid_t owner)
{
	char path[4200], why[STATE_WHY_LEN];

	if (!state_check(dir, why) || !store_check(dir, why)) {
		complain(p, "state", why, "");
		return;
	}
	(void)snprintf(path, sizeof(path), "%s/state", dir);
	check_owner(p, path, owner);
	(void)snprintf(path, sizeof(path), "%s/store.db", dir);
	check_owner(p, path, owner);
	check_store_file(p, path);
}

/* A state directory that exists: it is given to user, whoever has it now. */
static void
check_state_folder(struct probe *p, const char *dir, const struct stat *st)
{
	char what[128];

	if (p->user != NULL && (st->st_mode & S_IRWXU) != S_IRWXU) {
		(void)snprintf(what, sizeof(what),
		    " has mode %04o: user %s, to whom it is given, must be "
		    "able to write it",
		    (unsigned int)st->st_mode & 07777, p->user);
		complain(p, "state", dir, what);
	} else if (check_folder(p, "state", dir, R_OK | W_OK | X_OK)) {
		check_state_files(p, dir, st->st_uid);
	}
}

static void
check_state(struct probe *p)
{
	char *dir = span_dup(p->l->conf->state), *folder = folder_of(dir);
	struct stat st;

	if (stat(dir, &st) == 0 && S_ISDIR(st.st_mode))
		check_state_folder(p, dir, &st);
	else if (lstat(dir, &st) == 0)
		(void)check_folder(p, "state", dir, X_OK);
	else
		(void)check_folder_of(p, "state", dir);
	take_rights(p);
	if (p->user != NULL)
		(void)check_folder(p, "state", folder, X_OK);
	give_rights_back(p);
	free(folder);
	free(dir);
}

/* user makes the socket. */
static void
check_control(struct probe *p)
{
	char *path = span_dup(p->l->conf->control);

	take_rights(p);
	if (check_folder_of(p, "control", path))
		(void)check_kind(p, "control", path);
	give_rights_back(p);
	free(path);
}

/* Root writes the file, if the server starts as root. When the server starts
 * again it may be another user, and nothing can be done about it. */
static void
check_pidfile(struct probe *p)
{
	char *path = span_dup(p->l->conf->pidfile);

	p->mild = p->l->again != 0;
	if (path[0] != '\0' && !(p->mild && pidfile_has(path, p->l->again)) &&
	    check_folder_of(p, "pidfile", path))
		(void)check_kind(p, "pidfile", path);
	p->mild = false;
	free(path);
}

/* Warn if user cannot make the log again when it was rotated. */
static void
check_rotation(struct probe *p, const char *path)
{
	char *folder = folder_of(path);

	take_rights(p);
	if (p->user != NULL && !is_state(p, folder) &&
	    faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) != 0)
		warn_errno(p, "log.file", folder,
		    ", so that the log cannot be made again when it was "
		    "rotated");
	give_rights_back(p);
	free(folder);
}

static void
check_log(struct probe *p)
{
	char *path = span_dup(p->l->conf->log_file);
	struct stat st;
	bool exists;

	if (path[0] == '\0' || !check_kind(p, "log.file", path)) {
		free(path);
		return;
	}
	exists = lstat(path, &st) == 0;
	if (!exists) {
		if (!check_folder_of(p, "log.file", path))
			path[0] = '\0';
	} else if (faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) != 0) {
		complain_errno(p, "log.file", path);
		path[0] = '\0';
	}
	if (path[0] != '\0' && p->user != NULL &&
	    (!exists || S_ISREG(st.st_mode)))
		check_rotation(p, path);
	free(path);
}

/* ---- what a reload reads ------------------------------------------------ */

/* Warn of a file that user may not read; the server reads it as root once. A
 * file that root cannot read either has been reported. */
static void
check_read(struct probe *p, const char *option, struct span file)
{
	char *path = span_dup(file);

	if (path[0] != '\0' &&
	    faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) != 0 && errno == EACCES)
		warn_errno(p, option, path, ", so that no reload can read it");
	free(path);
}

static void
check_reads(struct probe *p)
{
	const struct conf *c = p->l->conf;

	take_rights(p);
	if (p->user == NULL)
		return;
	check_read(p, NULL, c->head.file);
	check_read(p, "tls.certificate", c->certificate);
	check_read(p, "tls.key", c->key);
	if (conf_place_of(c, "tls.link_certificate").line > 0)
		check_read(p, "tls.link_certificate", c->link_certificate);
	if (conf_place_of(c, "tls.link_key").line > 0)
		check_read(p, "tls.link_key", c->link_key);
	check_read(p, "server.motd", c->motd);
	for (size_t i = 0; i < p->l->modules.n; i++)
		check_read(p, "modules",
		    span_of(module_set_path(&p->l->modules, i)));
	give_rights_back(p);
}

void
probe_files(struct loaded *l)
{
	struct probe p = { .l = l };

	if (l->uid != (uid_t)-1 && l->uid != 0)
		p.user = span_dup(l->conf->user);
	if (l->conf->state.n > 0)
		check_state(&p);
	if (l->conf->control.n > 0)
		check_control(&p);
	check_pidfile(&p);
	check_log(&p);
	check_reads(&p);
	free(p.user);
}

void
probe_listeners(struct loaded *l)
{
	char why[LISTEN_WHY_LEN], name[LISTEN_NAME_LEN];
	const struct conf_listen *cl;

	for (size_t i = 0; i < l->conf->nlisten; i++) {
		cl = &l->conf->listen[i];
		if (l->again != 0 &&
		    restart_check_has_listener(listening_name(cl, name)))
			continue;
		if (!listening_try(cl, l->again == 0, why))
			listening_problem(&l->report, l->conf->listen, i, why);
	}
}
