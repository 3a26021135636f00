/*
 * A reload first does what can fail and can be undone (files, certificates, new
 * ports), then what cannot fail, and tells the node last. The node borrows the
 * old settings until the step that gives it the new settings is over. It may
 * read rows of the old modules for longer (core/row_change.h). So these are
 * kept until it does not, and no reading begins before: at most two versions of
 * a module are loaded at once.
 */
#include "daemon/reload.h"

#include <string.h>

#include "daemon/brokers.h"
#include "daemon/control.h"
#include "daemon/expiry.h"
#include "daemon/names.h"
#include "daemon/port.h"
#include "daemon/pump.h"
#include "daemon/rehash.h"
#include "daemon/restart.h"
#include "daemon/worker.h"

/* Write every problem to the log. */
static void
tell(struct banyand *bd, const struct conf_report *r)
{
	char buf[REPORT_LINE];
	struct writer w;

	for (size_t i = 0; i < r->n; i++) {
		writer_init(&w, buf, sizeof(buf));
		conf_problem_build(&w, &r->v[i]);
		logger_with(&bd->log,
		    r->v[i].warning ? LOG_CONFIG_WARNING : LOG_RELOAD_FAILED,
		    { "why", writer_done(&w) });
	}
}

static bool
has_tls_peer(const struct conf *conf)
{
	for (size_t i = 0; i < conf->settings.npeer; i++)
		if (!conf->settings.peer[i].plaintext)
			return true;
	return false;
}

/*
 * Warn if the key that linked servers pin has changed: nothing happens to the
 * links that are up, so that the operator would notice much later.
 */
static void
warn_of_new_key(const struct banyand *bd, struct loaded *l)
{
	unsigned char old[TLS_PIN_LEN], next[TLS_PIN_LEN];
	const char *option = "tls.link_key";
	char text[512];
	struct writer w;

	if (bd->tls.link_accept == NULL || l->tls.link_accept == NULL ||
	    !has_tls_peer(l->conf) || !tls_ctx_pin(bd->tls.link_accept, old) ||
	    !tls_ctx_pin(l->tls.link_accept, next) ||
	    memcmp(old, next, sizeof(old)) == 0)
		return;
	if (conf_place_of(l->conf, option).line == 0)
		option = "tls.key";
	writer_init(&w, text, sizeof(text));
	writer_str(&w,
	    "the public key has changed: links that are up stay, but a linked "
	    "server refuses the next connection until its block about this "
	    "server has pin = \"");
	writer_hex(&w, span_make(next, sizeof(next)));
	writer_char(&w, '"');
	loaded_problem(l, true, option, writer_done(&w));
}

/* Open the new ports. Return true if the whole configuration can take effect.
 */
static bool
prepare(struct banyand *bd, struct loaded *l)
{
	bool ok;

	if (l->conf == NULL)
		return false;
	conf_keep(bd->conf, l->conf, &l->report);
	warn_of_new_key(bd, l);
	ok = ports_prepare(bd, l->conf, &l->report);
	conf_report_sort(&l->report);
	return ok;
}

static void
commit(struct banyand *bd, struct loaded *l)
{
	struct event ev = { .kind = EV_CONF };
	struct module_set modules = bd->modules;
	struct conf *old = bd->conf;
	int log_fd;

	tls_set_free(&bd->tls);
	log_fd = banyand_take(bd, l);
	ports_commit(bd, bd->conf);
	names_configure(bd->names);
	streams_set_total(bd->streams, bd->conf->queues_bytes);
	banyand_apply_log(bd, log_fd);
	ev.u.conf.settings = &bd->conf->settings;
	pump_event(bd, &ev);
	brokers_configure(bd->brokers, &bd->broker_files);
	conf_free(old);
	bd->modules_before = modules;
	reload_settle(bd);
	logger_row(&bd->log, LOG_RELOAD, NULL, 0);
	expiry_look(bd);
}

static void
start(struct banyand *bd)
{
	bd->reload.n++;
	bd->reload.under_way = true;
	bd->reload.again = false;
	worker_load(bd->worker, bd->conf_path, bd->conf->log_file,
	    &bd->modules);
}

/* Begin the reading that waits, if it may begin. */
static void
start_waiting(struct banyand *bd)
{
	if (bd->reload.again && !bd->reload.under_way && !bd->stopping &&
	    bd->modules_before.v == NULL)
		start(bd);
}

void
reload_settle(struct banyand *bd)
{
	if (bd->modules_before.v == NULL || node_reads_old_rows(bd->node))
		return;
	module_set_free(&bd->modules_before);
	start_waiting(bd);
}

uint64_t
reload_ask(struct banyand *bd)
{
	if (bd->stopping)
		return 0;
	if (bd->reload.under_way || bd->modules_before.v != NULL) {
		bd->reload.again = true;
		return bd->reload.n + 1;
	}
	start(bd);
	return bd->reload.n;
}

void
reload_loaded(struct banyand *bd, struct loaded *l)
{
	bool ok = false, stopping = bd->stopping;

	if (!stopping) {
		ok = prepare(bd, l);
		tell(bd, &l->report);
		if (ok)
			commit(bd, l);
	}
	control_reloaded(bd->control, bd->reload.n, ok,
	    stopping ? NULL : &l->report);
	rehash_reloaded(bd, bd->reload.n, ok, stopping ? NULL : &l->report);
	/* only now: those who wait for the next reading must not be answered */
	bd->reload.under_way = false;
	start_waiting(bd);
	restart_settle(bd);
}
