#include "host/probing.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

void
probing_init(struct probing *p, const struct loading *l, struct span user,
    const struct loading_owner *owner)
{
	*p = (struct probing){
		.loading = *l, .uid = owner->uid, .gid = owner->gid
	};
	if (owner->uid != (uid_t)-1 && owner->uid != 0)
		p->user = span_dup(user);
}

void
probing_fini(struct probing *p)
{
	free(p->user);
}

/* ---- rights ----------------------------------------------------------- */

void
probing_give_rights_back(struct probing *p)
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

void
probing_take_rights(struct probing *p)
{
	if (p->user == NULL)
		return;
	p->ngroup = getgroups(0, NULL);
	if (p->ngroup < 0)
		p->ngroup = 0;
	p->group = mem_array(NULL, (size_t)p->ngroup + 1, sizeof(*p->group));
	p->ngroup = getgroups(p->ngroup, p->group);
	if (p->ngroup >= 0 && initgroups(p->user, p->gid) == 0) {
		if (setegid(p->gid) == 0 && seteuid(p->uid) == 0) {
			(void)snprintf(p->prefix, sizeof(p->prefix),
			    "user %s: ", p->user);
			return;
		}
		probing_give_rights_back(p);
	}
	free(p->group);
	p->group = NULL;
	loading_problem(&p->loading, false, "user",
	    SPAN("the system refuses to change to this user"));
	free(p->user);
	p->user = NULL;
}

/* ---- parts of a probe ------------------------------------------------- */

static void
tell(struct probing *p, bool warning, const char *option, struct span text)
{
	const struct loading *l = &p->loading;

	if (option != NULL)
		loading_problem(l, warning, option, text);
	else
		conf_report_add(l->report, warning,
		    (struct conf_place){ .file = l->conf->file }, text);
}

static struct writer *
begin(struct probing *p, const char *path)
{
	writer_init(&p->w, p->text, sizeof(p->text));
	writer_str(&p->w, p->prefix);
	/* room for what follows the longest path */
	writer_span(&p->w, span_head(span_of(path), sizeof(p->text) - 512));
	return &p->w;
}

void
probing_complain(struct probing *p, const char *option, const char *path,
    const char *what)
{
	writer_str(begin(p, path), what);
	tell(p, p->mild, option, writer_done(&p->w));
}

void
probing_complain_errno(struct probing *p, const char *option, const char *path)
{
	const char *why = strerror(errno);

	writer_str(begin(p, path), ": ");
	writer_str(&p->w, why);
	tell(p, p->mild, option, writer_done(&p->w));
}

void
probing_warn(struct probing *p, const char *option, const char *path,
    const char *what)
{
	writer_str(begin(p, path), what);
	tell(p, true, option, writer_done(&p->w));
}

/* Warn of something that user cannot do, and what follows. */
static void
warn_errno(struct probing *p, const char *option, const char *path,
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

char *
probing_folder_name(const char *path)
{
	struct span s = strip(span_of(path));

	while (s.n > 1 && s.p[s.n - 1] != '/')
		s.n--;
	return span_dup(strip(s));
}

static bool
is_own(const struct probing *p, const char *folder)
{
	return p->own.n > 0 && span_eq(strip(p->own), span_of(folder));
}

bool
probing_folder(struct probing *p, const char *option, const char *folder,
    int mode)
{
	struct stat st;

	if (stat(folder, &st) != 0)
		probing_complain_errno(p, option, folder);
	else if (!S_ISDIR(st.st_mode))
		probing_complain(p, option, folder, " is not a folder");
	else if (faccessat(AT_FDCWD, folder, mode, AT_EACCESS) != 0)
		probing_complain_errno(p, option, folder);
	else
		return true;
	return false;
}

bool
probing_folder_of(struct probing *p, const char *option, const char *path)
{
	char *folder = probing_folder_name(path);
	bool ok =
	    is_own(p, folder) || probing_folder(p, option, folder, W_OK | X_OK);

	free(folder);
	return ok;
}

/* Report a path at which the wrong kind of thing stands. */
static bool
check_kind(struct probing *p, const char *option, const char *path)
{
	bool control = strcmp(option, "control") == 0;
	bool log = strcmp(option, "log.file") == 0;
	struct stat st;

	if (lstat(path, &st) != 0)
		return true;
	if (control && !S_ISSOCK(st.st_mode))
		probing_complain(p, option, path,
		    " exists and is not a socket");
	else if (!control && S_ISDIR(st.st_mode))
		probing_complain(p, option, path, " is a folder");
	else if (log && S_ISLNK(st.st_mode))
		probing_complain(p, option, path, " is a symbolic link");
	else
		return true;
	return false;
}

/* ---- what programs write and read ------------------------------------- */

void
probing_control(struct probing *p, struct span control)
{
	char *path = span_dup(control);

	probing_take_rights(p);
	if (probing_folder_of(p, "control", path))
		(void)check_kind(p, "control", path);
	probing_give_rights_back(p);
	free(path);
}

void
probing_pidfile(struct probing *p, struct span pidfile)
{
	char *path = span_dup(pidfile);

	if (path[0] != '\0' && probing_folder_of(p, "pidfile", path))
		(void)check_kind(p, "pidfile", path);
	free(path);
}

/* Warn if user cannot make the log again when it was rotated. */
static void
check_rotation(struct probing *p, const char *path)
{
	char *folder = probing_folder_name(path);

	probing_take_rights(p);
	if (p->user != NULL && !is_own(p, folder) &&
	    faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) != 0)
		warn_errno(p, "log.file", folder,
		    ", so that the log cannot be made again when it was "
		    "rotated");
	probing_give_rights_back(p);
	free(folder);
}

/* Return true if a start can write the log. */
static bool
check_log(struct probing *p, const char *path, bool exists)
{
	if (!exists)
		return probing_folder_of(p, "log.file", path);
	if (faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0)
		return true;
	probing_complain_errno(p, "log.file", path);
	return false;
}

void
probing_log(struct probing *p, struct span log)
{
	char *path = span_dup(log);
	struct stat st;
	bool exists;

	if (path[0] != '\0' && check_kind(p, "log.file", path)) {
		exists = lstat(path, &st) == 0;
		if (check_log(p, path, exists) && p->user != NULL &&
		    (!exists || S_ISREG(st.st_mode)))
			check_rotation(p, path);
	}
	free(path);
}

void
probing_read(struct probing *p, const char *option, struct span file)
{
	char *path = span_dup(file);

	if (path[0] != '\0' &&
	    faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) != 0 && errno == EACCES)
		warn_errno(p, option, path, ", so that no reload can read it");
	free(path);
}
