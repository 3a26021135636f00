/*
 * A reload first does what can fail and can be undone (files, certificates, new
 * ports), then what cannot fail, and tells the node last. The node borrows the
 * old settings until the step that gives it the new settings is over.
 */
#include "daemon/reload.h"

#include <stdio.h>

#include "daemon/control.h"
#include "daemon/port.h"
#include "daemon/pump.h"
#include "daemon/worker.h"

#define WHY_LEN 512
#define PROBLEM_LEN (REPORT_TEXT + 4200) /* a path and a text */

static void
problem(struct conf_report *r, const struct server *sv, const char *text)
{
	conf_report_add(r, false, span_of(sv->conf_path), 0, span_of(text));
}

/* Write every problem to the log, and copy the first error to why. */
static void
tell(struct server *sv, const struct conf_report *r, char *why, size_t whylen)
{
	char buf[PROBLEM_LEN];
	bool first = true;
	struct writer w;

	for (size_t i = 0; i < r->n; i++) {
		writer_init(&w, buf, sizeof(buf));
		conf_problem_build(&w, &r->v[i]);
		logger_with(&sv->log,
		    r->v[i].warning ? LOG_WARNING : LOG_RELOAD_FAILED,
		    { "why", writer_done(&w) });
		if (r->v[i].warning || !first)
			continue;
		first = false;
		snprintf(why, whylen, "%.*s", SPAN_ARG(writer_done(&w)));
	}
}

/* Open the new ports. Return true if the whole configuration can take effect.
 */
static bool
prepare(struct server *sv, struct loaded *l)
{
	char why[LISTEN_WHY_LEN];

	if (l->conf == NULL)
		return false;
	conf_keep(sv->conf, l->conf, &l->report);
	conf_report_sort(&l->report);
	if (ports_prepare(sv, l->conf, why))
		return true;
	problem(&l->report, sv, why);
	return false;
}

static void
commit(struct server *sv, struct loaded *l)
{
	struct event ev = { .kind = EV_CONF };
	struct conf *old = sv->conf, *next = l->conf;

	tls_set_free(&sv->tls);
	sv->tls = l->tls;
	sv->conf = next;
	ports_commit(sv, next);
	server_apply_log(sv, l->log_fd);
	l->tls = (struct tls_set){ 0 };
	l->conf = NULL;
	l->log_fd = -1;
	ev.u.conf.settings = &next->settings;
	pump_event(sv, &ev);
	conf_free(old);
	logger_row(&sv->log, LOG_RELOAD, NULL, 0);
}

static void
start(struct server *sv)
{
	sv->reload.n++;
	sv->reload.under_way = true;
	sv->reload.again = false;
	worker_load(sv->worker, sv->conf_path, sv->conf->log_file);
}

uint64_t
reload_ask(struct server *sv)
{
	if (sv->stopping)
		return 0;
	if (sv->reload.under_way) {
		sv->reload.again = true;
		return sv->reload.n + 1;
	}
	start(sv);
	return sv->reload.n;
}

void
reload_loaded(struct server *sv, struct loaded *l)
{
	char why[WHY_LEN] = "the server is stopping";
	bool ok = false;

	sv->reload.under_way = false;
	if (!sv->stopping) {
		ok = prepare(sv, l);
		tell(sv, &l->report, why, sizeof(why));
		if (ok)
			commit(sv, l);
	}
	control_reloaded(sv->control, sv->reload.n, ok, why);
	if (sv->reload.again && !sv->stopping)
		start(sv);
}
