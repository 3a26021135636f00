#include "daemon/load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "broker/bus.h"
#include "conf/read.h"
#include "daemon/countries.h"
#include "daemon/expiry.h"
#include "daemon/probe.h"
#include "daemon/restart_check.h"
#include "daemon/state.h"
#include "host/inherit.h"
#include "host/loading.h"
#include "net/file.h"
#include "pubsub/pubsub.h"

#define MOTD_MAX ((size_t)64 * 1024) /* bytes */
#define PASSWORD_MAX ((size_t)1024)

/* ---- files that the configuration names ------------------------------ */

/* The configuration that is loaded, for host/loading.h. */
static struct loading
loading_of(struct loaded *l)
{
	return (struct loading){ &l->conf->head, &l->report };
}

void
loaded_problem(struct loaded *l, bool warning, const char *option,
    struct span what)
{
	const struct loading ld = loading_of(l);

	loading_problem(&ld, warning, option, what);
}

static void
load_motd(struct loaded *l)
{
	char *path = span_dup(l->conf->motd), *text;
	const struct loading ld = loading_of(l);
	size_t n;

	if (l->conf->motd.n > 0) {
		text = file_read(path, MOTD_MAX, &n);
		if (text != NULL)
			conf_set_motd(l->conf, span_make(text, n), &l->report);
		else
			loading_cannot(&ld, "server.motd", "read", path, errno);
		free(text);
	}
	free(path);
}

/* A link file that is not set is the same as the other file, and is reported
 * once. */
static void
check_files(struct loaded *l)
{
	const struct loading ld = loading_of(l);
	struct conf *c = l->conf;

	loading_readable(&ld, "tls.certificate", c->certificate, false);
	loading_readable(&ld, "tls.key", c->key, true);
	if (conf_place_of(c, "tls.link_certificate").line > 0)
		loading_readable(&ld, "tls.link_certificate",
		    c->link_certificate, false);
	if (conf_place_of(c, "tls.link_key").line > 0)
		loading_readable(&ld, "tls.link_key", c->link_key, true);
	load_motd(l);
	loading_resolv(&c->dns, c->head.arena);
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

static void
make_tls_set(struct loaded *l)
{
	const struct loading ld = loading_of(l);
	const struct conf *c = l->conf;
	const struct loading_tls own = { c->certificate, c->key,
		"tls.certificate", "tls.key" };
	struct loading_tls link = { c->link_certificate, c->link_key,
		"tls.link_certificate", "tls.link_key" };

	if (conf_place_of(c, link.key_option).line == 0) {
		link.cert_option = own.cert_option;
		link.key_option = own.key_option;
	}
	if (own.cert.n > 0)
		l->tls.clients = loading_tls(&ld, TLS_CLIENTS, &own);
	/* report problems of the same files once */
	if (l->tls.clients == NULL && link.key_option == own.key_option)
		return;
	if (link.cert.n > 0)
		l->tls.link_accept = loading_tls(&ld, TLS_LINK_ACCEPT, &link);
	if (l->tls.link_accept != NULL)
		l->tls.link_dial = loading_tls(&ld, TLS_LINK_DIAL, &link);
}

/* Say which key gates see, so that other servers can tell them. */
static void
set_gates_pin(struct loaded *l)
{
	struct gates_at *at = &l->conf->settings.gates_at;

	for (size_t i = 0; l->tls.link_accept != NULL && i < l->conf->nlisten;
	     i++)
		if (l->conf->listen[i].tls &&
		    l->conf->listen[i].purpose == CONF_FOR_GATES)
			at->has_pin = tls_ctx_pin(l->tls.link_accept, at->pin);
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

/* ---- brokers --------------------------------------------------------- */

void
broker_set_free(struct broker_set *set)
{
	for (size_t i = 0; i < set->n; i++) {
		if (set->v[i].password != NULL)
			explicit_bzero(set->v[i].password,
			    strlen(set->v[i].password));
		free(set->v[i].password);
		tls_ctx_free(set->v[i].tls);
	}
	free(set->v);
	*set = (struct broker_set){ 0 };
}

static void
broker_problem(struct loaded *l, const struct conf_broker *b, const char *what)
{
	char text[REPORT_TEXT];
	struct writer w;

	writer_init(&w, text, sizeof(text));
	writer_span(&w, b->url);
	writer_str(&w, ": ");
	writer_str(&w, what);
	conf_report_add(&l->report, false, b->at, writer_done(&w));
}

/* Return the first line of the file, which the caller frees. */
static char *
load_password(struct loaded *l, const struct conf_broker *b)
{
	char *path = span_dup(b->password_file), what[512], *text;
	size_t n = 0;

	text = file_read(path, PASSWORD_MAX, &n);
	if (text == NULL) {
		(void)snprintf(what, sizeof(what), "cannot read %s: %s", path,
		    file_why(errno));
		broker_problem(l, b, what);
	} else {
		text[strcspn(text, "\r\n")] = '\0';
		if (text[0] == '\0')
			broker_problem(l, b, "the password_file is empty");
	}
	free(path);
	return text;
}

static struct tls_ctx *
load_ca(struct loaded *l, const struct conf_broker *b)
{
	char *path = b->ca.n > 0 ? span_dup(b->ca) : NULL;
	char why[TLS_WHY_LEN];
	struct tls_ctx *tls = tls_ctx_named(path, why);

	if (tls == NULL)
		broker_problem(l, b, why);
	free(path);
	return tls;
}

static void
load_broker(struct loaded *l, const struct conf_broker *b,
    struct broker_file *out)
{
	struct conf_broker_url url = { .kind = CONF_NATS };
	const char *lacks;
	char what[100];

	(void)broker_url_read(b->url, &url);
	lacks =
	    pubsub_lacks(url.kind == CONF_NATS ? PUBSUB_NATS : PUBSUB_REDIS);
	if (lacks != NULL) {
		(void)snprintf(what, sizeof(what),
		    "this banyand was built without %s, which this needs",
		    lacks);
		broker_problem(l, b, what);
		return;
	}
	if (b->password_file.n > 0)
		out->password = load_password(l, b);
	if (url.tls)
		out->tls = load_ca(l, b);
}

static void
load_brokers(struct loaded *l)
{
	const struct conf *c = l->conf;

	l->brokers.v = mem_zalloc((c->nused + 1) * sizeof(*l->brokers.v));
	l->brokers.n = c->nused;
	for (size_t i = 0; i < c->nused; i++)
		load_broker(l, &c->used[i], &l->brokers.v[i]);
}

/* Report a key of links that is too long for datagrams. */
static void
check_broker_key(struct loaded *l)
{
	unsigned char out[BUS_SIGNATURE_MAX];
	const struct tls_ctx *tls = l->tls.link_accept;

	if (l->conf->nused == 0 || tls == NULL)
		return;
	if (tls_ctx_spki(tls, out, BUS_SPKI_MAX) > 0 &&
	    tls_ctx_sign(tls, SPAN("text"), out, BUS_SIGNATURE_MAX) > 0)
		return;
	broker_problem(l, &l->conf->used[0],
	    "the key of links cannot sign what goes through a broker: it is "
	    "too long, or of a kind that signs nothing");
}

/* ---- loading --------------------------------------------------------- */

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
	broker_set_free(&l->brokers);
	module_set_free(&l->modules);
	tls_set_free(&l->tls);
	if (l->log_fd >= 0)
		(void)close(l->log_fd);
	l->log_fd = -1;
}

static void
load_files(struct loaded *l, const char *path, const struct module_set *old)
{
	const struct conf_files files = loading_files();

	*l = (struct loaded){ .log_fd = -1, .uid = (uid_t)-1 };
	conf_report_init(&l->report);
	l->conf = conf_of(conf_read(&banyand_schema, span_of(path), &files,
	    &l->report));
	if (l->conf == NULL)
		return;
	check_files(l);
	modules_load(l, old);
	l->countries = countries_load(l->conf, &l->report);
	load_brokers(l);
	if (l->report.errors == 0)
		make_tls_set(l);
	set_gates_pin(l);
	check_broker_key(l);
}

static void
find_user(struct loaded *l)
{
	const struct loading ld = loading_of(l);

	loading_user(&ld, l->conf->user, &l->uid, &l->gid);
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
	const struct loading_owner owner = { l->uid, l->gid };
	const struct loading ld = loading_of(l);

	l->log_fd = loading_log(&ld, l->conf->log_file, &owner, old);
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
	broker_set_free(&l->brokers);
	module_set_free(&l->modules);
	conf_report_fini(&l->report);
}
