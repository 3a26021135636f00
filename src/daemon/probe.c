#include "daemon/probe.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/restart_check.h"
#include "daemon/state.h"
#include "host/listening.h"
#include "host/pidfile.h"
#include "host/probing.h"
#include "store/store.h"

/* ---- what a server writes ----------------------------------------------- */

/* Report a file that a start would not give to user, and that user cannot read
 * and write. */
static void
check_others_file(struct probing *p, const char *path)
{
	char *real = realpath(path, NULL);

	if (real == NULL) {
		probing_complain_errno(p, "state", path);
		return;
	}
	probing_take_rights(p);
	if (faccessat(AT_FDCWD, real, R_OK | W_OK, AT_EACCESS) != 0)
		probing_complain_errno(p, "state", path);
	probing_give_rights_back(p);
	free(real);
}

/* Root can use every file, but the server may run as the user of the directory
 * by other means: those of a service manager. */
static void
check_owner(struct probing *p, const char *path, uid_t owner)
{
	struct stat st;

	if (p->user == NULL && geteuid() == 0 && owner != 0 &&
	    lstat(path, &st) == 0 && st.st_uid != owner) {
		probing_warn(p, "state", path,
		    " belongs to another user than its folder, so that a "
		    "server which runs as the user of the folder does not "
		    "start");
	}
}

/* Report a file of the state directory that the server could not use. A start
 * as root gives it to user, whoever has it now (daemon/state.h). */
static void
check_store_file(struct probing *p, const char *path)
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
		probing_complain(p, "state", path, what);
	}
}

/* The file `state` is only read, as a new one takes its place. */
static void
check_state_files(struct probing *p, const char *dir, uid_t owner)
{
	char path[4200], why[STATE_WHY_LEN];

	if (!state_check(dir, why) || !store_check(dir, why)) {
		probing_complain(p, "state", why, "");
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
check_state_folder(struct probing *p, const char *dir, const struct stat *st)
{
	char what[128];

	if (p->user != NULL && (st->st_mode & S_IRWXU) != S_IRWXU) {
		(void)snprintf(what, sizeof(what),
		    " has mode %04o: user %s, to whom it is given, must be "
		    "able to write it",
		    (unsigned int)st->st_mode & 07777, p->user);
		probing_complain(p, "state", dir, what);
	} else if (probing_folder(p, "state", dir, R_OK | W_OK | X_OK)) {
		check_state_files(p, dir, st->st_uid);
	}
}

static void
check_state(struct probing *p, const struct loaded *l)
{
	char *dir = span_dup(l->conf->state),
	     *folder = probing_folder_name(dir);
	struct stat st;

	if (stat(dir, &st) == 0 && S_ISDIR(st.st_mode))
		check_state_folder(p, dir, &st);
	else if (lstat(dir, &st) == 0)
		(void)probing_folder(p, "state", dir, X_OK);
	else
		(void)probing_folder_of(p, "state", dir);
	probing_take_rights(p);
	if (p->user != NULL)
		(void)probing_folder(p, "state", folder, X_OK);
	probing_give_rights_back(p);
	free(folder);
	free(dir);
}

/* When the server starts again it may be another user, and nothing can be done
 * about its pid file. */
static void
check_pidfile(struct probing *p, const struct loaded *l)
{
	char *path = span_dup(l->conf->pidfile);

	p->mild = l->again != 0;
	if (!p->mild || !pidfile_has(path, l->again))
		probing_pidfile(p, l->conf->pidfile);
	p->mild = false;
	free(path);
}

/* ---- what a reload reads ------------------------------------------------ */

static void
check_reads(struct probing *p, const struct loaded *l)
{
	const struct conf *c = l->conf;

	probing_take_rights(p);
	if (p->user == NULL)
		return;
	probing_read(p, NULL, c->head.file);
	probing_read(p, "tls.certificate", c->certificate);
	probing_read(p, "tls.key", c->key);
	if (conf_place_of(c, "tls.link_certificate").line > 0)
		probing_read(p, "tls.link_certificate", c->link_certificate);
	if (conf_place_of(c, "tls.link_key").line > 0)
		probing_read(p, "tls.link_key", c->link_key);
	probing_read(p, "server.motd", c->motd);
	for (size_t i = 0; i < l->modules.n; i++)
		probing_read(p, "modules",
		    span_of(module_set_path(&l->modules, i)));
	probing_give_rights_back(p);
}

void
probe_files(struct loaded *l)
{
	const struct loading ld = { &l->conf->head, &l->report };
	const struct loading_owner owner = { l->uid, l->gid };
	struct probing p;

	probing_init(&p, &ld, l->conf->user, &owner);
	p.own = l->conf->state;
	if (l->conf->state.n > 0)
		check_state(&p, l);
	if (l->conf->control.n > 0)
		probing_control(&p, l->conf->control);
	check_pidfile(&p, l);
	probing_log(&p, l->conf->log_file);
	check_reads(&p, l);
	probing_fini(&p);
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
