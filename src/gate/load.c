#include "gate/load.h"

#include <stdio.h>
#include <unistd.h>

#include "conf/read.h"
#include "host/listening.h"
#include "host/loading.h"
#include "host/probing.h"

#define EXPIRY_DAYS 30 /* a certificate that ends sooner is a warning */

/* The configuration that is loaded, for host/loading.h. */
static struct loading
loading_of(struct gate_loaded *l)
{
	return (struct loading){ &l->conf->head, &l->report };
}

/* ---- certificates ---------------------------------------------------- */

/* Files of trunks that are not set are those of tls, and are reported once. */
static void
check_files(struct gate_loaded *l)
{
	const struct loading ld = loading_of(l);
	const struct gate_conf *c = l->conf;

	loading_readable(&ld, "tls.certificate", c->certificate, false);
	loading_readable(&ld, "tls.key", c->key, true);
	if (conf_head_place(&c->head, "trunk.certificate").line > 0)
		loading_readable(&ld, "trunk.certificate", c->trunk_certificate,
		    false);
	if (conf_head_place(&c->head, "trunk.key").line > 0)
		loading_readable(&ld, "trunk.key", c->trunk_key, true);
}

static void
make_tls(struct gate_loaded *l)
{
	const struct loading ld = loading_of(l);
	const struct gate_conf *c = l->conf;
	const struct loading_tls own = { c->certificate, c->key,
		"tls.certificate", "tls.key" };
	struct loading_tls trunk = { c->trunk_certificate, c->trunk_key,
		"trunk.certificate", "trunk.key" };
	bool same = conf_head_place(&c->head, trunk.key_option).line == 0;

	if (same) {
		trunk.cert_option = own.cert_option;
		trunk.key_option = own.key_option;
	}
	if (own.cert.n > 0)
		l->clients = loading_tls(&ld, TLS_CLIENTS, &own);
	/* report problems of the same files once */
	if (trunk.cert.n > 0 && !(same && l->clients == NULL))
		l->trunks = loading_tls(&ld, TLS_LINK_DIAL, &trunk);
}

/* Report a certificate that clients would see and that is not valid now, or
 * not for long. Servers only look at the key of a trunk. */
static void
check_dates(struct gate_loaded *l, bool warning)
{
	const struct loading ld = loading_of(l);
	char why[TLS_WHY_LEN];
	int days;

	if (l->clients == NULL || !gate_conf_listens_tls(l->conf))
		return;
	if (!tls_ctx_in_time(l->clients, why)) {
		loading_problem(&ld, warning, "tls.certificate", span_of(why));
		return;
	}
	days = tls_ctx_days_left(l->clients);
	if (days >= EXPIRY_DAYS)
		return;
	(void)snprintf(why, sizeof(why), "the certificate expires in %d days",
	    days);
	loading_problem(&ld, true, "tls.certificate", span_of(why));
}

/* ---- what a gate writes and reads ------------------------------------ */

/* Warn of files that `user` cannot read again at a reload. */
static void
check_reads(struct probing *p, const struct gate_conf *c)
{
	probing_take_rights(p);
	if (p->user == NULL)
		return;
	probing_read(p, NULL, c->head.file);
	probing_read(p, "tls.certificate", c->certificate);
	probing_read(p, "tls.key", c->key);
	if (conf_head_place(&c->head, "trunk.certificate").line > 0)
		probing_read(p, "trunk.certificate", c->trunk_certificate);
	if (conf_head_place(&c->head, "trunk.key").line > 0)
		probing_read(p, "trunk.key", c->trunk_key);
	probing_give_rights_back(p);
}

static void
check_system(struct gate_loaded *l)
{
	const struct loading ld = loading_of(l);
	const struct loading_owner owner = { l->uid, l->gid };
	const struct gate_conf *c = l->conf;
	struct probing p;

	probing_init(&p, &ld, c->user, &owner);
	probing_control(&p, c->control);
	probing_pidfile(&p, c->pidfile);
	probing_log(&p, c->log_file);
	check_reads(&p, c);
	probing_fini(&p);
}

static void
check_listeners(struct gate_loaded *l)
{
	const struct gate_conf *c = l->conf;
	char why[LISTEN_WHY_LEN];

	for (size_t i = 0; i < c->nlisten; i++)
		if (!listening_try(&c->listen[i], true, why))
			listening_problem(&l->report, c->listen, i, why);
}

/* ---- loading --------------------------------------------------------- */

static void
free_conf(struct gate_loaded *l)
{
	gate_conf_free(l->conf);
	tls_ctx_free(l->clients);
	tls_ctx_free(l->trunks);
	l->conf = NULL;
	l->clients = NULL;
	l->trunks = NULL;
	if (l->log_fd >= 0)
		(void)close(l->log_fd);
	l->log_fd = -1;
}

static void
check_start(struct gate_loaded *l)
{
	const struct loading ld = loading_of(l);

	check_dates(l, false);
	loading_user(&ld, l->conf->user, &l->uid, &l->gid);
	check_system(l);
	check_listeners(l);
}

static void
load_files(struct gate_loaded *l, const char *path)
{
	const struct conf_files files = loading_files();

	*l = (struct gate_loaded){ .log_fd = -1, .uid = (uid_t)-1 };
	conf_report_init(&l->report);
	l->conf = gate_conf_of(conf_read(&gate_schema, span_of(path), &files,
	    &l->report));
	if (l->conf == NULL)
		return;
	check_files(l);
	loading_resolv(&l->conf->dns, l->conf->head.arena);
	if (l->report.errors == 0)
		make_tls(l);
}

/* Sort the report, and drop the configuration if the report has errors. */
static void
finish_report(struct gate_loaded *l)
{
	conf_report_sort(&l->report);
	if (l->report.errors > 0)
		free_conf(l);
}

static void
open_log(struct gate_loaded *l, const char *old)
{
	const struct loading_owner owner = { l->uid, l->gid };
	const struct loading ld = loading_of(l);

	l->log_fd = loading_log(&ld, l->conf->log_file, &owner, old);
}

void
gate_load(struct gate_loaded *l, const char *path)
{
	load_files(l, path);
	if (l->report.errors == 0)
		check_start(l);
	finish_report(l);
}

void
gate_load_start(struct gate_loaded *l, const char *path)
{
	struct loading ld;

	load_files(l, path);
	if (l->conf != NULL) {
		ld = loading_of(l);
		check_dates(l, true);
		loading_user(&ld, l->conf->user, &l->uid, &l->gid);
	}
	if (l->report.errors == 0)
		open_log(l, NULL);
	finish_report(l);
}

void
gate_load_again(struct gate_loaded *l, const char *path, const char *old_log)
{
	load_files(l, path);
	if (l->conf != NULL)
		check_dates(l, true);
	if (l->report.errors == 0)
		open_log(l, old_log);
	finish_report(l);
}

void
gate_loaded_fini(struct gate_loaded *l)
{
	free_conf(l);
	conf_report_fini(&l->report);
}
