#include "daemon/load.h"

#include <sys/stat.h>

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "conf/read.h"
#include "daemon/countries.h"
#include "daemon/expiry.h"
#include "daemon/probe.h"
#include "daemon/restart_check.h"
#include "daemon/state.h"
#include "host/inherit.h"
#include "host/logger.h"
#include "net/file.h"

#define MOTD_MAX ((size_t)64 * 1024) /* bytes */
#define RESOLV_CONF "/etc/resolv.conf"
#define RESOLV_MAX ((size_t)16 * 1024) /* bytes */
#define WHAT_LEN (PATH_MAX + 256)

/* ---- files that the configuration names ------------------------------ */

void
loaded_problem(struct loaded *l, bool warning, const char *option,
    struct span what)
{
	struct conf_place at = conf_place_of(l->conf, option);
	char text[REPORT_TEXT];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	writer_str(&w, option);
	writer_str(&w, ": ");
	writer_span(&w, what);
	conf_report_add(&l->report, warning, at, writer_done(&w));
}

static void
cannot(struct loaded *l, const char *option, const char *doing,
    const char *path, int err)
{
	char what[WHAT_LEN];

	snprintf(what, sizeof(what), "cannot %s %s: %s", doing, path,
	    file_why(err));
	loaded_problem(l, false, option, span_of(what));
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
	loaded_problem(l, true, option, span_of(what));
}

static void
check_readable(struct loaded *l, const char *option, struct span path,
    bool secret)
{
	char *p = span_dup(path);
	FILE *f;

	if (path.n > 0) {
		f = file_open(p);
		if (f == NULL)
			cannot(l, option, "read", p, errno);
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
	size_t n;

	if (l->conf->motd.n > 0) {
		text = file_read(path, MOTD_MAX, &n);
		if (text != NULL)
			conf_set_motd(l->conf, span_make(text, n), &l->report);
		else
			cannot(l, "server.motd", "read", path, errno);
		free(text);
	}
	free(path);
}

/* Without servers in the configuration, those of the system are asked. A system
 * without that file has a server of its own. */
static void
load_resolv(struct loaded *l)
{
	char *text;
	size_t n = 0;

	if (l->conf->dns.servers.n > 0)
		return;
	text = file_read(RESOLV_CONF, RESOLV_MAX, &n);
	conf_set_resolv(&l->conf->dns, l->conf->head.arena,
	    text == NULL ? SPAN_NONE : span_make(text, n));
	free(text);
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
	load_resolv(l);
}

/* ---- TLS ------------------------------------------------------------- */

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
		loaded_problem(l, false,
		    span_starts(span_of(why), f->key) ? f->key_option
						      : f->cert_option,
		    span_of(why));
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
	if (own.cert.n > 0)
		l->tls.clients = make_tls(l, TLS_CLIENTS, &own);
	/* report problems of the same files once */
	if (l->tls.clients == NULL && link.key_option == own.key_option)
		return;
	if (link.cert.n > 0)
		l->tls.link_accept = make_tls(l, TLS_LINK_ACCEPT, &link);
	if (l->tls.link_accept != NULL)
		l->tls.link_dial = make_tls(l, TLS_LINK_DIAL, &link);
}

/* Return true if clients see the certificate. */
static bool
shows_certificate(const struct loaded *l)
{
	for (size_t i = 0; l->tls.clients != NULL && i < l->conf->nlisten; i++)
		if (l->conf->listen[i].tls &&
		    l->conf->listen[i].purpose == CONF_FOR_CLIENTS)
			return true;
	return false;
}

/* Report a certificate that clients would see and that is not valid now. Linked
 * servers only look at the key. */
static void
check_dates(struct loaded *l, bool warning)
{
	char why[TLS_WHY_LEN];

	if (shows_certificate(l) && !tls_ctx_in_time(l->tls.clients, why))
		loaded_problem(l, warning, "tls.certificate", span_of(why));
}

/* Warn of a certificate that clients will refuse soon, or refuse already
 * because it has another name. A running server tells of the end by itself. */
static void
check_soon(struct loaded *l)
{
	char *name = span_dup(l->conf->settings.name), why[TLS_WHY_LEN + 300];
	int days;

	if (shows_certificate(l) && tls_ctx_in_time(l->tls.clients, why) &&
	    (days = tls_ctx_days_left(l->tls.clients)) < EXPIRY_DAYS) {
		snprintf(why, sizeof(why), "the certificate expires in %d days",
		    days);
		loaded_problem(l, true, "tls.certificate", span_of(why));
	}
	if (shows_certificate(l) && !tls_ctx_has_name(l->tls.clients, name)) {
		snprintf(why, sizeof(why),
		    "the certificate is not for %s; clients that check names "
		    "refuse it",
		    name);
		loaded_problem(l, true, "tls.certificate", span_of(why));
	}
	free(name);
}

/* ---- loading --------------------------------------------------------- */

static bool
read_file(void *ctx, struct arena *a, struct span path, struct span *text,
    const char **why)
{
	(void)ctx;
	return file_read_into(a, path.p, SOURCE_MAX, text, why);
}

/* Sort the report, and drop the configuration if the report has errors. */
static void
finish_report(struct loaded *l)
{
	conf_report_sort(&l->report);
	if (l->report.errors == 0)
		return;
	conf_free(l->conf);
	l->conf = NULL;
	countries_free(l->countries);
	l->countries = NULL;
	module_set_free(&l->modules);
	tls_set_free(&l->tls);
	if (l->log_fd >= 0)
		(void)close(l->log_fd);
	l->log_fd = -1;
}

static void
load_files(struct loaded *l, const char *path, const struct module_set *old)
{
	const struct conf_files files = { read_file, NULL };

	*l = (struct loaded){ .log_fd = -1, .uid = (uid_t)-1 };
	conf_report_init(&l->report);
	l->conf = conf_of(conf_read(&banyand_schema, span_of(path), &files,
	    &l->report));
	if (l->conf == NULL)
		return;
	check_files(l);
	modules_load(l, old);
	l->countries = countries_load(l->conf, &l->report);
	if (l->report.errors == 0)
		make_tls_set(l);
}

static void
find_user(struct loaded *l)
{
	char *user = span_dup(l->conf->user);
	const struct passwd *pw = NULL;

	if (user[0] != '\0' && (pw = getpwnam(user)) == NULL)
		loaded_problem(l, false, "user", SPAN("no such user"));
	if (pw != NULL && geteuid() == 0) {
		l->uid = pw->pw_uid;
		l->gid = pw->pw_gid;
	}
	free(user);
}

void
load(struct loaded *l, const char *path)
{
	load_files(l, path, NULL);
	if (l->conf != NULL) {
		l->again = restart_check_asked();
		check_dates(l, l->again != 0);
		check_soon(l);
		find_user(l);
		probe_files(l);
		probe_listeners(l);
		if (l->again != 0)
			restart_check(l);
	}
	finish_report(l);
}

static void
open_log(struct loaded *l, const char *old)
{
	char *path = span_dup(l->conf->log_file), what[WHAT_LEN];

	if (path[0] != '\0') {
		l->log_fd = logger_open(path, l->uid, l->gid);
		if (l->log_fd < 0 && (old == NULL || strcmp(old, path) != 0))
			cannot(l, "log.file", "open", path, errno);
		else if (l->log_fd < 0) {
			snprintf(what, sizeof(what),
			    "cannot open %s again: %s; the one that is open "
			    "is written to",
			    path, strerror(errno));
			loaded_problem(l, true, "log.file", span_of(what));
		}
	}
	free(path);
}

/* The log may be in the state directory. */
static bool
make_state(struct loaded *l)
{
	char *dir = span_dup(l->conf->state), why[STATE_WHY_LEN];
	bool ok = state_make(dir, why);

	if (!ok)
		loaded_problem(l, false, "state", span_of(why));
	free(dir);
	return ok;
}

void
load_start(struct loaded *l, const char *path)
{
	load_files(l, path, NULL);
	if (l->conf != NULL) {
		l->again = inherit_is_again() ? getpid() : 0;
		check_dates(l, true);
		find_user(l);
		probe_files(l);
	}
	if (l->report.errors == 0 && make_state(l))
		open_log(l, NULL);
	finish_report(l);
}

void
load_again(struct loaded *l, const char *path, const char *old_log,
    const struct module_set *old)
{
	load_files(l, path, old);
	if (l->conf != NULL)
		check_dates(l, true);
	if (l->report.errors == 0)
		open_log(l, old_log);
	finish_report(l);
}

void
loaded_fini(struct loaded *l)
{
	if (l->log_fd >= 0)
		(void)close(l->log_fd);
	tls_set_free(&l->tls);
	conf_free(l->conf);
	countries_free(l->countries);
	module_set_free(&l->modules);
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
